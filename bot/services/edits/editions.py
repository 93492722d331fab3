"""Following what officers changed: every process looks for a new revision and takes it up.

Reading the files takes half a second of work, learning topics from changed examples another. Both
are done in a thread; then book and answers are exchanged between two messages. What is said
changes first; until topics are learned they are told apart as before, and danger never waits.
Knows nothing of who changed what.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.core.edits import AS_IN_THE_FILES, Edit, Revision
from bot.core.storage import Storage
from bot.services.answers.answers import Answers
from bot.services.answers.live import LiveAnswers
from bot.services.answers.topic_training import weights_for
from bot.services.bells import Bell
from content.book import Book
from content.editions import Edition, SetAside, edition
from content.edits import ContentEdit
from content.faults import Fault
from content.live import LiveBook

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    edition: Edition
    answers: Answers | None


class Editions:
    """The newest edition of the book in this process."""

    def __init__(self, *, storage: Storage, book: LiveBook) -> None:
        """`book` holds the files alone until `follow` has looked."""
        self._storage = storage
        self._book = book
        self._turn = asyncio.Lock()
        # Rung when a change waits to be measured.
        self.drafted = Bell()
        self.revision: Revision = AS_IN_THE_FILES
        self.edits: Sequence[ContentEdit] = ()
        self.set_aside: Sequence[SetAside] = ()
        # The edition whose examples were last compared with what is known of topics.
        self._learned_of: Book | None = None

    @property
    def book(self) -> Book:
        """The newest edition itself: for what must fit together."""
        return self._book.edition

    @cached_property
    def answers(self) -> LiveAnswers:
        """The answers of the newest edition, made when first asked for.

        They know topics as in the files until `learn` has looked.
        """
        return LiveAnswers(Answers(self.book, weights=self.book.topic_weights))

    async def follow(self) -> bool:
        """Take up what was changed since the last look; tell whether anything was.

        Raise `ContentError` if the files themselves were spoilt meanwhile, and `StorageTrouble`.
        """
        async with self._turn:
            async with self._storage.read() as work:
                revision = await work.edits.revision()
                if revision == self.revision:
                    return False
                newest = await work.edits.newest()
            edits, unreadable = content_edits(newest)
            made = await asyncio.to_thread(self._made, edits)
            self._book.exchange(made.edition.book)
            if made.answers is not None:
                self.answers.exchange(made.answers)
            self.edits = made.edition.edits
            self.set_aside = (*unreadable, *made.edition.set_aside)
            self.revision = revision
        log.info("words.exchanged", extra={"revision": revision, "set_aside": len(self.set_aside)})
        return True

    async def learn(self) -> bool:
        """Learn topics anew if the examples are others than they were learned from; tell if so."""
        book = self.book
        if not self._is_asked or book is self._learned_of:
            return False
        known = self.answers.weights
        weights = await asyncio.to_thread(weights_for, book, known, book.topic_weights)
        if weights is not known:
            async with self._turn:
                # Somebody may have changed more meanwhile.
                newest = await asyncio.to_thread(Answers, self.book, weights=weights)
                self.answers.exchange(newest)
            log.info("words.learned")
        self._learned_of = book
        return weights is not known

    @property
    def _is_asked(self) -> bool:
        return "answers" in vars(self)

    def _made(self, edits: Sequence[ContentEdit]) -> _Made:
        made = edition(edits)
        if not self._is_asked:
            return _Made(edition=made, answers=None)
        return _Made(edition=made, answers=Answers(made.book, weights=self.answers.weights))


def content_edits(newest: Sequence[Edit]) -> tuple[list[ContentEdit], list[SetAside]]:
    """Return what is laid over the files, and what cannot be read."""
    edits: list[ContentEdit] = []
    unreadable: list[SetAside] = []
    for one in newest:
        if one.value is None:
            continue
        try:
            edits.append(ContentEdit.read(one.kind, one.key, one.value))
        except ValueError as error:
            edit = ContentEdit(kind=one.kind, key=one.key, value={})
            fault = Fault(file=edit.name, line=1, reason=str(error))
            unreadable.append(SetAside(edit=edit, faults=(fault,)))
    return edits, unreadable
