"""Questions that were not understood: stripped, gathered in memory, kept by the day.

What is kept tells of no conversation: words without names and numbers, the day, and how many
asked so. Questions wait in memory and are written together, in no order of their coming, so
that nothing in the database stands beside the message they were. Whatever waits is lost with
the process; nobody was promised anything.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from typing import Final

from bot.core.errors import NotFound
from bot.core.languages import Language
from bot.core.officers import Officer
from bot.core.storage import Storage
from bot.core.text import fold
from bot.core.time import Clock
from bot.core.unknown_questions import UnknownQuestion
from bot.services.answers.answers import Answers
from bot.services.answers.stripping import GAP, Stripping
from bot.services.audit import Audit
from bot.services.officers.scope import check_editor
from content.book import Book
from content.topics import TopicAnswer

# A flood fills the memory of nobody.
_MOST_WAITING: Final = 500
_EVERY_S: Final = 600.0
# Two questions with so much of their words in common are one to an officer.
_ALIKE: Final = 0.6
_MOST_SHOWN: Final = 200


class NotUnderstood:
    """Takes note of questions on the side of residents."""

    def __init__(
        self,
        *,
        storage: Storage,
        answers: Answers,
        stripping: Stripping,
        clock: Clock,
        zone: tzinfo,
        days_kept: int,
    ) -> None:
        """Nothing is noted where `days_kept` is 0."""
        self._storage = storage
        self._answers = answers
        self._stripping = stripping
        self._clock = clock
        self._zone = zone
        self._days_kept = days_kept
        self._waiting: Counter[str] = Counter()

    def note(self, text: str) -> None:
        """Take note of a question, unless it tells of danger or of somebody."""
        if not self._days_kept or len(self._waiting) >= _MOST_WAITING:
            return
        if self._answers.danger(text) is not None or self._answers.tells_on_somebody(text):
            return
        stripped = self._stripping.stripped(text)
        if stripped is not None:
            self._waiting[stripped] += 1

    async def flush(self) -> None:
        """Write down what waits, all together."""
        waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return
        day = self._clock.now().astimezone(self._zone).date()
        async with self._storage.begin() as work:
            await work.unknown_questions.add(waiting, day)
            await work.commit()

    async def run(self, stopping: asyncio.Event) -> None:
        """Write down every ten minutes, and once more when `stopping` is set."""
        while not stopping.is_set():
            try:
                async with asyncio.timeout(_EVERY_S):
                    await stopping.wait()
            except TimeoutError:
                pass
            await self.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAlike:
    """Questions that are one to an officer: the one asked most stands for all."""

    text: str
    others: tuple[str, ...]
    many: int
    last_on: date

    @property
    def example(self) -> str:
        """The text as an example: what was left out leaves nothing."""
        return " ".join(word for word in self.text.split() if word != GAP)


class UnknownQuestions:
    """What officers see of such questions."""

    def __init__(
        self, *, storage: Storage, answers: Answers, audit: Audit, days_kept: int
    ) -> None:
        self.days_kept = days_kept
        self._storage = storage
        self._answers = answers
        self._audit = audit

    async def asked(self, by: Officer) -> Sequence[AskedAlike]:
        """Return the questions, those asked most first. Raise `RuleBroken`."""
        async with self._storage.read() as work:
            await check_editor(work, by)
            found = gathered(await work.unknown_questions.all())
        return found[:_MOST_SHOWN]

    def nearest(self, text: str) -> str:
        """Return the topic an answer would most likely be found in, empty if none."""
        answer = self._answers.answer(text, unit={}, language=Language.VI)
        return answer.suggestions[0] if answer.suggestions else ""

    async def drop(self, text: str, *, by: Officer) -> None:
        """Forget a question and those like it. Raise `NotFound`, `RuleBroken`."""
        one = next((one for one in await self.asked(by) if one.text == text), None)
        if one is None:
            raise NotFound("no such question")
        async with self._storage.begin() as work:
            await work.unknown_questions.remove([one.text, *one.others])
            facts = {"count": str(one.many)}
            await self._audit.note(work, "content.question_drop", by=by.id, facts=facts)
            await work.commit()


def first_kept(today: date, days_kept: int) -> date:
    """Return the first day whose questions are kept still."""
    return today - timedelta(days=days_kept) if days_kept else today + timedelta(days=1)


def gathered(questions: Collection[UnknownQuestion]) -> list[AskedAlike]:
    """Return questions put together with those alike, most asked first."""
    counts: Counter[str] = Counter()
    last: dict[str, date] = {}
    for one in questions:
        counts[one.text] += one.many
        last[one.text] = max(one.day, last.get(one.text, one.day))
    groups: list[_Group] = []
    for text, many in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        words = frozenset(fold(text).split()) - {GAP}
        group = next((one for one in groups if _alike(one.words, words)), None)
        if group is None:
            groups.append(_Group(words=words, texts=[text], many=many, last_on=last[text]))
            continue
        group.texts.append(text)
        group.many += many
        group.last_on = max(group.last_on, last[text])
    groups.sort(key=lambda one: (-one.many, one.texts[0]))
    return [
        AskedAlike(
            text=one.texts[0], others=tuple(one.texts[1:]), many=one.many, last_on=one.last_on
        )
        for one in groups
    ]


@dataclass(slots=True, kw_only=True)
class _Group:
    words: frozenset[str]
    texts: list[str] = field(default_factory=list)
    many: int
    last_on: date


def _alike(these: frozenset[str], those: frozenset[str]) -> bool:
    return len(these & those) >= _ALIKE * max(len(these | those), 1)


def known_words(book: Book) -> frozenset[str]:
    """Return words, folded, that stay in a question though they are no Vietnamese syllables."""
    english = [
        word
        for topic in book.topics.values()
        for answer in topic.answers.values()
        for text in _english(answer)
        for word in text.split()
    ]
    return frozenset({fold(word.strip(".,?!'\"")) for word in english} | set(book.english))


def stripping_of(book: Book) -> Stripping:
    """Return what strips questions by the lists of `book`."""
    return Stripping(book.names, known_words(book))


def _english(answer: TopicAnswer) -> Sequence[str]:
    return answer.examples.get(Language.EN, ())
