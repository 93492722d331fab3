"""What officers do about answers and facts: look, propose, save what was looked at, go back.

Every way leads over a draft: it is checked by the readers of the files, measured (see
`bot.services.edits.measuring`), looked at, and only then saved as a new version.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from bot.core.edits import AS_IN_THE_FILES, Draft, DraftId, Edit, EditKind, Revision
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import new_id
from bot.core.languages import Language
from bot.core.officers import Act, Officer
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.answers.composing import Composing
from bot.services.audit import Audit
from bot.services.edits.editions import Editions
from bot.services.edits.measuring import with_change
from bot.services.officers.scope import check_editor
from content.book import Book
from content.editions import SetAside, edition, mistakes
from content.edits import BETWEEN, ContentEdit
from content.facts import FactKind
from content.faults import Fault
from content.sources import Use, Written, change, uses_of, written_answer, written_fact

REASON_LONGEST: Final = 300
_MOST_VERSIONS: Final = 200
# Well under what a request may take; who follows by itself goes on.
_PATIENCE_S: Final = 4.0
# Begins the key of an answer that is in no file.
_OWN: Final = "own_"
_KEYS: Final = {
    EditKind.ANSWER: re.compile(r"[a-z_]{1,60}/[a-z0-9_]{1,60}"),
    EditKind.FACT: re.compile(r"[a-z0-9_]{1,60}"),
}


class EditRefused(RuleBroken):
    """The change would not do: `faults` say where and why, as (field, reason).

    The field is that of a form, as "short.vi"; empty where another text no longer fits.
    """

    def __init__(self, faults: Sequence[tuple[str, Fault]]) -> None:
        super().__init__("edit_refused")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What holds of one answer or fact: as it is written, in the files alone, and since when.

    `is_on_its_way` says that the newest version is saved and holds in a moment.
    """

    key: str
    written: Written
    in_files: Written | None
    newest: Edit | None
    set_aside: SetAside | None
    is_on_its_way: bool

    @property
    def is_changed(self) -> bool:
        """Tell whether officers changed it."""
        return self.newest is not None and self.newest.value is not None


class Editing:
    """Changes of answers and facts."""

    def __init__(
        self,
        *,
        storage: Storage,
        editions: Editions,
        audit: Audit,
        clock: Clock,
        chance: Chance,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        """Let a page wait at most `patience_s` until what was saved holds here."""
        self._storage = storage
        self._editions = editions
        self._audit = audit
        self._clock = clock
        self._chance = chance
        self._patience_s = patience_s

    @property
    def book(self) -> Book:
        """The book as it holds now."""
        return self._editions.book

    @property
    def set_aside(self) -> Sequence[SetAside]:
        """The changes that no longer fit the files."""
        return self._editions.set_aside

    async def changed(self) -> dict[tuple[EditKind, str], Edit]:
        """Return what holds of everything that officers changed."""
        async with self._storage.read() as work:
            newest = await work.edits.newest()
        return {(one.kind, one.key): one for one in newest if one.value is not None}

    async def holding(self, kind: EditKind, key: str) -> Holding:
        """Return what holds of one answer or fact. Raise `NotFound`."""
        await self._catch_up()
        async with self._storage.read() as work:
            newest = await work.edits.newest_of(kind, key)
        edits = [one for one in self._editions.edits if one.kind is kind]
        read = written_answer if kind is EditKind.ANSWER else written_fact
        written, in_files = await asyncio.to_thread(lambda: (read(key, edits), read(key)))
        if written is None:
            raise NotFound(f"{kind} {key}")
        aside = [one for one in self.set_aside if (one.edit.kind, one.edit.key) == (kind, key)]
        return Holding(
            key=key,
            written=written,
            in_files=in_files,
            newest=newest,
            set_aside=aside[0] if aside else None,
            is_on_its_way=newest is not None and newest.revision > self._editions.revision,
        )

    async def uses(self, fact: str) -> Sequence[Use]:
        """Return everywhere a fact stands."""
        return await asyncio.to_thread(uses_of, fact, self.book)

    def new_key(self, topic: str) -> str:
        """Return the key of an answer of `topic` that is to be written. Raise `NotFound`."""
        if topic not in self.book.topics:
            raise NotFound(f"topic {topic}")
        return f"{topic}{BETWEEN}{_OWN}{new_id(self._chance)}"

    def said(
        self, book: Book, key: str, contacts: Mapping[str, str]
    ) -> Mapping[Language, Sequence[str]]:
        """Return an answer of `book` as residents read it, one text for each message.

        `contacts` fill the places (unit_duty_phone …). Nothing for an answer that is no more.
        """
        topic_key, _, answer_key = key.partition(BETWEEN)
        topic = book.topics.get(topic_key)
        answer = topic.answers.get(answer_key) if topic else None
        if answer is None:
            return {}
        composing = Composing(book)
        return {language: composing.texts(answer, contacts, language) for language in Language}

    async def propose(
        self, kind: EditKind, key: str, wanted: Written, *, reason: str, by: Officer
    ) -> DraftId:
        """Keep a change to be looked at, so that the answer or fact reads as `wanted`.

        Raise `RuleBroken`, `EditRefused`.
        """
        if not _KEYS[kind].fullmatch(key):
            raise NotFound(f"{kind} {key}")
        made = await asyncio.to_thread(change, kind, key, wanted)
        return await self._drafted(made, by=by, reason=reason, undoes=AS_IN_THE_FILES)

    async def propose_back(self, revision: Revision, *, reason: str, by: Officer) -> DraftId:
        """Keep a draft that brings back what held before the version `revision`.

        Raise `RuleBroken`, `EditRefused`, `NotFound`.
        """
        async with self._storage.read() as work:
            undone = await work.edits.get(revision)
            before = await work.edits.get(undone.before) if undone.before else None
        value = before.value if before is not None else None
        made = ContentEdit(kind=undone.kind, key=undone.key, value={})
        if value is not None:
            made = ContentEdit.read(undone.kind, undone.key, value)
        return await self._drafted(made, by=by, reason=reason, undoes=revision)

    async def draft(self, draft_id: DraftId, *, by: Officer) -> Draft:
        """Return a draft of one's own. Raise `NotFound`."""
        async with self._storage.read() as work:
            return await _own(work, draft_id, by)

    async def draft_book(self, draft: Draft) -> Book:
        """Return the book as it would be with the draft."""
        edits = with_change(self._editions.edits, draft)
        return (await asyncio.to_thread(edition, edits)).book

    async def draft_written(self, draft: Draft) -> tuple[Written | None, Written | None]:
        """Return the answer or fact as it is written now, and with the draft."""
        now = [one for one in self._editions.edits if one.kind is draft.kind]
        then = [one for one in with_change(now, draft) if one.kind is draft.kind]
        read = written_answer if draft.kind is EditKind.ANSWER else written_fact
        return await asyncio.to_thread(lambda: (read(draft.key, now), read(draft.key, then)))

    async def drop(self, draft_id: DraftId, *, by: Officer) -> None:
        """Throw a draft of one's own away. Raise `NotFound`."""
        async with self._storage.begin() as work:
            await _own(work, draft_id, by)
            await work.drafts.remove(draft_id)
            await work.commit()

    async def save(self, draft_id: DraftId, *, by: Officer) -> Edit:
        """Make the draft hold, in every process within seconds. Raise `RuleBroken`, `NotFound`."""
        async with self._storage.begin() as work:
            await check_editor(work, by)
            draft = await _own(work, draft_id, by)
            self._check_line(draft.kind, draft.key, by)
            if draft.effect is None:
                raise RuleBroken("edit_effect_missing")
            facts = {"instead_of": str(draft.seen)}
            if draft.undoes:
                facts["undoes"] = str(draft.undoes)
            # Takes the lock of the chain, so that no other revision is given meanwhile.
            subject = f"{draft.kind}:{draft.key}"
            await self._audit.note(work, "content.edit", by=by.id, subject=subject, facts=facts)
            newest = await work.edits.newest_of(draft.kind, draft.key)
            if (newest.revision if newest else AS_IN_THE_FILES) != draft.seen:
                raise RuleBroken("edit_changed_meanwhile")
            edit = Edit(
                revision=Revision(await work.edits.revision() + 1),
                kind=draft.kind,
                key=draft.key,
                value=draft.value,
                officer_id=by.id,
                at=self._clock.now(),
                reason=draft.reason,
                effect=draft.effect,
                before=draft.seen,
                undoes=draft.undoes,
            )
            await work.edits.append(edit)
            await work.drafts.remove(draft_id)
            await work.commit()
        await self._catch_up()
        return edit

    async def version(self, revision: Revision) -> Edit:
        """Return one version. Raise `NotFound`."""
        async with self._storage.read() as work:
            return await work.edits.get(revision)

    async def history(self, kind: EditKind | None = None, key: str = "") -> Sequence[Edit]:
        """Return the versions of one answer or fact, or of everything; the newest first."""
        async with self._storage.read() as work:
            return await work.edits.history(kind, key, limit=_MOST_VERSIONS)

    async def version_written(self, edit: Edit) -> tuple[Written | None, Written | None]:
        """Return the answer or fact as it was written before a version, and with it."""
        before = await self.version(edit.before) if edit.before else None
        read = written_answer if edit.kind is EditKind.ANSWER else written_fact

        def both() -> tuple[Written | None, Written | None]:
            return read(edit.key, _laid(before)), read(edit.key, _laid(edit))

        return await asyncio.to_thread(both)

    async def names(self, edits: Sequence[Edit]) -> dict[str, str]:
        """Return the names of the officers who made these versions, by id."""
        wanted = {one.officer_id for one in edits}
        async with self._storage.read() as work:
            return {one.id: one.name for one in await work.officers.all() if one.id in wanted}

    async def _catch_up(self) -> None:
        """Take up what holds, but let nobody wait long: on a crowded machine it takes a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s):
                await self._editions.follow()

    async def _drafted(
        self, made: ContentEdit, *, by: Officer, reason: str, undoes: Revision
    ) -> DraftId:
        if not reason:
            raise RuleBroken("edit_reason_missing")
        if len(reason) > REASON_LONGEST:
            raise RuleBroken("edit_reason_long", longest=REASON_LONGEST)
        await self._catch_up()
        # Nothing that differs: as in the files.
        value = made.written if made.value else None
        draft = Draft(
            id=DraftId(new_id(self._chance)),
            kind=made.kind,
            key=made.key,
            value=value,
            officer_id=by.id,
            at=self._clock.now(),
            reason=reason,
            undoes=undoes,
        )
        async with self._storage.read() as work:
            await check_editor(work, by)
            self._check_line(made.kind, made.key, by)
            newest = await work.edits.newest_of(made.kind, made.key)
        if (newest.value if newest else None) == value:
            raise RuleBroken("edit_changes_nothing")
        # Takes a while, so no transaction is kept open for it.
        await self._check_faults(made, draft)
        seen = newest.revision if newest else AS_IN_THE_FILES
        async with self._storage.begin() as work:
            await work.drafts.save(replace(draft, seen=seen))
            await work.commit()
        self._editions.drafted.ring()
        return draft.id

    def _check_line(self, kind: EditKind, key: str, by: Officer) -> None:
        """Raise `RuleBroken` where `by` would change a line to call in danger and may not.

        A wrong one is read by somebody whose house burns, so it takes an administrator.
        """
        fact = self.book.facts.get(key) if kind is EditKind.FACT else None
        if fact and fact.kind is FactKind.NUMBER and not by.may(Act.ADMINISTER):
            raise RuleBroken("edit_line_of_admin_only")

    async def _check_faults(self, made: ContentEdit, draft: Draft) -> None:
        found = await asyncio.to_thread(mistakes, with_change(self._editions.edits, draft))
        if found:
            raise EditRefused(
                [(made.field_of(one) if one.file == made.name else "", one) for one in found]
            )


def _laid(edit: Edit | None) -> Sequence[ContentEdit]:
    if edit is None or edit.value is None:
        return ()
    return (ContentEdit.read(edit.kind, edit.key, edit.value),)


async def _own(work: Work, draft_id: DraftId, by: Officer) -> Draft:
    draft = await work.drafts.get(draft_id)
    if draft.officer_id != by.id:
        raise NotFound(f"draft {draft_id}")
    return draft
