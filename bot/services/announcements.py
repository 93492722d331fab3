"""Announcements: written, scheduled, started on time, watched, stopped."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.announcements import (
    DEFAULT_GRACE,
    Announcement,
    AnnouncementState,
)
from bot.core.deliveries import Lane, Tally
from bot.core.errors import NotFound, RuleBroken, UnlawfulMove
from bot.core.ids import AnnouncementId, ChannelId, OfficerId, UnitId, new_id
from bot.core.languages import Language
from bot.core.messages import Outgoing
from bot.core.officers import Act, Officer
from bot.core.people import Person
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from bot.core.text import clean, fold
from bot.core.time import Chance, Clock
from bot.core.units import Unit, below
from bot.services.audit import CLOCK, Audit
from bot.services.bells import Bell
from content.sentences import Voice

WORDS: Final = ("prefix", "urgent_prefix", "footer_leave")
TITLE_LONGEST: Final = 120
# With title, prefix and footer one message on every channel (Zalo takes 2,000), so that one
# delivery is one request.
TEXT_LONGEST: Final = 1_600
_FARTHEST: Final = timedelta(days=366)
_CHANCE_LASTS: Final = timedelta(days=7)
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What an officer writes."""

    unit_id: UnitId
    title: str
    text: str
    is_urgent: bool = False
    is_public: bool = True
    channels: tuple[ChannelId, ...] = ()
    due_at: datetime | None = None
    grace: timedelta = DEFAULT_GRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An announcement with what became of it."""

    announcement: Announcement
    unit: Unit
    tally: Tally

    @property
    def state(self) -> str:
        """Return the state, with "finished" read off the deliveries."""
        is_sending = self.announcement.state is AnnouncementState.SENDING
        if is_sending and not self.tally.open:
            return "finished"
        return self.announcement.state.value


class Announcements:
    """Use cases about announcements."""

    def __init__(
        self,
        *,
        storage: Storage,
        audit: Audit,
        voice: Voice,
        clock: Clock,
        chance: Chance,
        bell: Bell,
    ) -> None:
        self._storage = storage
        self._audit = audit
        self._say = voice
        self._clock = clock
        self._chance = chance
        self._bell = bell

    # --- writing ---------------------------------------------------------------------------

    async def write(self, wording: Wording, *, by: Officer | None) -> Announcement:
        """Keep a draft. `by` None: somebody at the machine. Raise `RuleBroken`, `NotFound`."""
        title, text = clean(wording.title), clean(wording.text)
        now = self._clock.now()
        _check(title, text, wording.due_at, now)
        async with self._storage.begin() as work:
            await self._check_unit(work, wording.unit_id, by)
            announcement = Announcement(
                id=AnnouncementId(new_id(self._chance)),
                unit_id=wording.unit_id,
                title=title,
                text=text,
                is_urgent=wording.is_urgent,
                is_public=wording.is_public,
                channels=wording.channels,
                due_at=wording.due_at,
                grace=wording.grace,
                author_id=by.id if by else None,
                slug=self._slug(title),
                written_at=now,
            )
            await work.announcements.save(announcement)
            await self._note(work, "announcement.write", announcement.id, by)
            await work.commit()
        return announcement

    async def revise(
        self, announcement_id: AnnouncementId, wording: Wording, *, by: Officer | None
    ) -> Announcement:
        """Write a draft anew. Raise `RuleBroken` if it is no draft any more, `NotFound`."""
        title, text = clean(wording.title), clean(wording.text)
        _check(title, text, wording.due_at, self._clock.now())
        async with self._storage.begin() as work:
            draft = await self._allowed(work, announcement_id, by)
            if draft.state is not AnnouncementState.DRAFT:
                raise RuleBroken("announcement_not_draft")
            await self._check_unit(work, wording.unit_id, by)
            draft = replace(
                draft,
                unit_id=wording.unit_id,
                title=title,
                text=text,
                is_urgent=wording.is_urgent,
                is_public=wording.is_public,
                channels=wording.channels,
                due_at=wording.due_at,
                grace=wording.grace,
            )
            await work.announcements.save(draft)
            await self._note(work, "announcement.revise", announcement_id, by)
            await work.commit()
        return draft

    async def _check_unit(self, work: Work, unit_id: UnitId, by: Officer | None) -> None:
        await work.units.get(unit_id)
        if by is None:
            return
        if not by.may(Act.ANNOUNCE) or unit_id not in below(by.unit_id, await work.units.all()):
            raise NotFound("no such unit")

    def _slug(self, title: str) -> str:
        words = _NOT_SLUG.sub("-", fold(title)).strip("-")[:60].strip("-")
        return f"{words or 'tin'}-{new_id(self._chance)[:5]}"

    async def _note(
        self, work: Work, act: str, announcement_id: AnnouncementId, by: Officer | None
    ) -> None:
        who: OfficerId | str = by.id if by else "machine"
        await self._audit.note(work, act, by=who, subject=announcement_id)

    # --- sending ---------------------------------------------------------------------------

    async def release(self, announcement_id: AnnouncementId, *, by: Officer | None) -> None:
        """Let a draft go: at its hour, or at once if it has none."""
        async with self._storage.begin() as work:
            draft = await self._allowed(work, announcement_id, by)
            due_at = draft.due_at or self._clock.now()
            scheduled = replace(draft.moved(AnnouncementState.SCHEDULED), due_at=due_at)
            await work.announcements.save(scheduled)
            await self._note(work, "announcement.release", announcement_id, by)
            await work.commit()
        await self.start_due()

    async def start_due(self) -> int:
        """Start what is due; ask about what is too late. Safe with several processes.

        The scheduler calls this every second, so a lost call costs a second.
        """
        started = 0
        async with self._storage.read() as work:
            due = await work.announcements.due(self._clock.now())
        for announcement in due:
            started += await self._start(announcement)
        if started:
            self._bell.ring()
        return started

    async def _start(self, announcement: Announcement) -> int:
        now = self._clock.now()
        async with self._storage.begin() as work:
            is_first = await work.claims.once(
                f"announcement:{announcement.id}", announcement.due_at or now
            )
            # Another process, or an officer in between, may have moved it.
            current = await work.announcements.get(announcement.id)
            if not is_first or current.state is not AnnouncementState.SCHEDULED:
                return 0
            if current.is_too_late(now):
                await work.announcements.save(current.moved(AnnouncementState.OVERDUE))
                await self._audit.note(
                    work, "announcement.overdue", by=CLOCK, subject=announcement.id
                )
                await work.commit()
                return 0
            await work.announcements.save(
                replace(current.moved(AnnouncementState.SENDING), started_at=now)
            )
            units = below(current.unit_id, await work.units.all())
            recipients = await work.deliveries.freeze(
                current.id,
                unit_ids=units,
                channels=current.channels,
                lane=Lane.URGENT if current.is_urgent else Lane.ORDINARY,
                at=now,
            )
            await self._audit.note(
                work,
                "announcement.start",
                by=CLOCK,
                subject=announcement.id,
                facts={"recipients": str(recipients)},
            )
            await work.commit()
        return 1

    async def reschedule(
        self, announcement_id: AnnouncementId, due_at: datetime | None, *, by: Officer | None
    ) -> None:
        """Answer the question about an overdue one: a new hour, or now (None)."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            late = await self._allowed(work, announcement_id, by)
            _check(late.title, late.text, due_at, now)
            # Never a moment that was claimed before: it would not start a second time.
            due_at = max(due_at or now, now)
            again = replace(late.moved(AnnouncementState.SCHEDULED), due_at=due_at)
            await work.announcements.save(again)
            await self._note(work, "announcement.reschedule", announcement_id, by)
            await work.commit()
        await self.start_due()

    async def pause(self, announcement_id: AnnouncementId, *, by: Officer | None) -> None:
        """Hold what has not begun. Raise `UnlawfulMove`."""
        await self._move(announcement_id, AnnouncementState.PAUSED, by)

    async def resume(self, announcement_id: AnnouncementId, *, by: Officer | None) -> None:
        """Go on. Raise `UnlawfulMove`: what was cancelled stays so."""
        await self._move(announcement_id, AnnouncementState.SENDING, by, only_from_pause=True)
        self._bell.ring()

    async def cancel(self, announcement_id: AnnouncementId, *, by: Officer | None) -> None:
        """Stop for good; what has not begun is recorded as skipped: cancelled."""
        await self._move(announcement_id, AnnouncementState.CANCELLED, by)

    async def _move(
        self,
        announcement_id: AnnouncementId,
        to: AnnouncementState,
        by: Officer | None,
        *,
        only_from_pause: bool = False,
    ) -> None:
        now = self._clock.now()
        async with self._storage.begin() as work:
            current = await self._allowed(work, announcement_id, by)
            if only_from_pause and current.state is not AnnouncementState.PAUSED:
                raise RuleBroken("announcement_not_paused")
            moved = current.moved(to)
            if to is AnnouncementState.PAUSED:
                await _refuse_if_finished(work, announcement_id)
            if to is AnnouncementState.CANCELLED:
                moved = replace(moved, cancelled_at=now)
                await work.deliveries.skip_waiting(
                    announcement_id, reason=Reason.CANCELLED, at=now
                )
            await work.announcements.save(moved)
            await self._note(work, f"announcement.{to.value}", announcement_id, by)
            await work.commit()

    async def resend_unknown(self, announcement_id: AnnouncementId, *, by: Officer | None) -> int:
        """Send again to just those of whom nothing is known; return how many."""
        async with self._storage.begin() as work:
            current = await self._allowed(work, announcement_id, by)
            if current.state is AnnouncementState.CANCELLED:
                raise UnlawfulMove("announcement", current.state, AnnouncementState.SENDING)
            again = await work.deliveries.resend_unknown(announcement_id, at=self._clock.now())
            await self._note(work, "announcement.resend_unknown", announcement_id, by)
            await work.commit()
        self._bell.ring()
        return again

    async def next_chance(self, work: Work, person: Person, at: datetime) -> int:
        """Let what was skipped for somebody who now wrote be sent after all; return how much.

        Rides in the transaction of their message. What is older than a week, or was corrected
        or taken back since, stays away.
        """
        return await work.deliveries.take_chance(person.id, since=at - _CHANCE_LASTS, at=at)

    async def _allowed(
        self, work: Work, announcement_id: AnnouncementId, by: Officer | None
    ) -> Announcement:
        announcement = await work.announcements.get(announcement_id)
        await self._check_unit(work, announcement.unit_id, by)
        return announcement

    # --- looking ---------------------------------------------------------------------------

    async def show(self, announcement_id: AnnouncementId, *, to: Officer | None) -> Shown:
        """Return one with its tally. Raise `NotFound`."""
        async with self._storage.read() as work:
            announcement = await work.announcements.get(announcement_id)
            units = await work.units.all()
            if to is not None and announcement.unit_id not in below(to.unit_id, units):
                raise NotFound("no such announcement")
            return await _shown(work, announcement, {unit.id: unit for unit in units})

    async def newest(self, officer: Officer, *, limit: int = 50) -> list[Shown]:
        """Return the officer's announcements, newest first."""
        async with self._storage.read() as work:
            units = await work.units.all()
            by_id = {unit.id: unit for unit in units}
            found = await work.announcements.of_units(below(officer.unit_id, units), limit=limit)
            return [await _shown(work, one, by_id) for one in found]

    async def public(self, *, limit: int = 50) -> list[tuple[Announcement, Unit]]:
        """Return what the public bulletin shows, newest first."""
        async with self._storage.read() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            return [
                (one, units[one.unit_id]) for one in await work.announcements.public(limit=limit)
            ]

    async def public_by_slug(self, slug: str) -> tuple[Announcement, Unit]:
        """Return one of the public bulletin. Raise `NotFound`."""
        async with self._storage.read() as work:
            found = await work.announcements.by_slug(slug)
            is_shown = (
                found is not None
                and found.is_public
                and found.started_at is not None
                and found.state is not AnnouncementState.CANCELLED
            )
            if found is None or not is_shown:
                raise NotFound("no such announcement")
            return found, await work.units.get(found.unit_id)

    # --- what recipients read ----------------------------------------------------------------

    async def letter(self, announcement_id: AnnouncementId) -> Outgoing:
        """Return the message every recipient gets."""
        async with self._storage.read() as work:
            announcement = await work.announcements.get(announcement_id)
            unit = await work.units.get(announcement.unit_id)
        return self.rendered(announcement, unit)

    def rendered(self, announcement: Announcement, unit: Unit) -> Outgoing:
        """Return the message as it will be read."""
        key = "urgent_prefix" if announcement.is_urgent else "prefix"
        first = self._say(key, Language.VI, unit=unit.name)
        footer = self._say("footer_leave", Language.VI)
        body = f"{announcement.title}\n\n{announcement.text}"
        return Outgoing(text=f"{first}\n{body}\n\n{footer}")


def _check(title: str, text: str, due_at: datetime | None, now: datetime) -> None:
    if not title or len(title) > TITLE_LONGEST:
        raise RuleBroken("title_wrong", longest=TITLE_LONGEST)
    if not text or len(text) > TEXT_LONGEST:
        raise RuleBroken("text_wrong", longest=TEXT_LONGEST)
    if due_at is not None and not now - timedelta(minutes=2) <= due_at <= now + _FARTHEST:
        raise RuleBroken("due_wrong")


async def _refuse_if_finished(work: Work, announcement_id: AnnouncementId) -> None:
    if not (await work.deliveries.tally(announcement_id)).open:
        raise RuleBroken("announcement_finished")


async def _shown(work: Work, one: Announcement, units: Mapping[UnitId, Unit]) -> Shown:
    tally = await work.deliveries.tally(one.id)
    return Shown(announcement=one, unit=units[one.unit_id], tally=tally)
