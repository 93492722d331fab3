"""Announcements: written, scheduled, started on time, watched, stopped.

How one is corrected or taken back is in `amendments`, what is public in `published`, what
recipients read in `letters`, all beside this file.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.channels import Capabilities
from bot.core.errors import NotFound, RuleBroken, UnlawfulMove
from bot.core.ids import AnnouncementId, ChannelId, UnitId, new_id
from bot.core.messages import Outgoing
from bot.core.officers import Officer
from bot.core.people import Person
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from bot.core.text import clean
from bot.core.time import Chance, Clock
from bot.core.units import Unit, below
from bot.services.announcements import announcing
from bot.services.announcements.announcing import Shown, Wording
from bot.services.announcements.audience import Offers, frozen, is_still_arriving
from bot.services.announcements.counting import begin_count
from bot.services.announcements.letters import Letters
from bot.services.audit import CLOCK, Audit
from bot.services.bells import Bell

_CHANCE_LASTS: Final = timedelta(days=7)


class Announcements:
    """Use cases about announcements."""

    def __init__(
        self,
        *,
        storage: Storage,
        audit: Audit,
        letters: Letters,
        clock: Clock,
        chance: Chance,
        bell: Bell,
        offers: Offers,
    ) -> None:
        self._storage = storage
        self._audit = audit
        self._letters = letters
        self._offers = offers
        self._clock = clock
        self._chance = chance
        self._bell = bell

    # --- writing ---------------------------------------------------------------------------

    async def write(self, wording: Wording, *, by: Officer | None) -> Announcement:
        """Keep a draft. `by` None: somebody at the machine. Raise `RuleBroken`, `NotFound`."""
        title, text = clean(wording.title), clean(wording.text)
        now = self._clock.now()
        announcing.check_wording(title, text)
        announcing.check_due(wording.due_at, now)
        async with self._storage.begin() as work:
            await announcing.check_unit(work, wording.unit_id, by)
            await announcing.check_attachment(work, wording.attachment_id)
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
                attachment_id=wording.attachment_id,
                author_id=by.id if by else None,
                slug=announcing.new_slug(title, self._chance),
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
        announcing.check_wording(title, text)
        announcing.check_due(wording.due_at, self._clock.now())
        async with self._storage.begin() as work:
            draft = await announcing.allowed(work, announcement_id, by)
            if draft.state is not AnnouncementState.DRAFT:
                raise RuleBroken("announcement_not_draft")
            await announcing.check_unit(work, wording.unit_id, by)
            await announcing.check_attachment(work, wording.attachment_id)
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
                attachment_id=wording.attachment_id,
            )
            await work.announcements.save(draft)
            await self._note(work, "announcement.revise", announcement_id, by)
            await work.commit()
        return draft

    async def _note(
        self, work: Work, act: str, announcement_id: AnnouncementId, by: Officer | None
    ) -> None:
        await announcing.note(self._audit, work, act, about=announcement_id, by=by)

    # --- sending ---------------------------------------------------------------------------

    async def release(self, announcement_id: AnnouncementId, *, by: Officer | None) -> None:
        """Let a draft go: at its hour, or at once if it has none."""
        async with self._storage.begin() as work:
            draft = await announcing.allowed(work, announcement_id, by)
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
        offers = await self._offers() if due else {}
        for announcement in due:
            started += await self._start(announcement, offers)
        if started:
            self._bell.ring()
        return started

    async def _start(
        self, announcement: Announcement, offers: Mapping[ChannelId, Capabilities]
    ) -> int:
        now = self._clock.now()
        async with self._storage.begin() as work:
            is_first = await work.claims.once(
                f"announcement:{announcement.id}", announcement.due_at or now
            )
            # Another process, or an officer in between, may have moved it.
            current = await work.announcements.get(announcement.id)
            if not is_first or current.state is not AnnouncementState.SCHEDULED:
                return 0
            if await is_still_arriving(work, current.amends):
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
            recipients = await frozen(work, current, offers, now)
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
            late = await announcing.allowed(work, announcement_id, by)
            announcing.check_due(due_at, now)
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
            current = await announcing.allowed(work, announcement_id, by)
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
            if to is AnnouncementState.SENDING:
                await begin_count(work, announcement_id, at=now)
            await work.announcements.save(moved)
            await self._note(work, f"announcement.{to.value}", announcement_id, by)
            await work.commit()

    async def resend_unknown(self, announcement_id: AnnouncementId, *, by: Officer | None) -> int:
        """Send again to just those of whom nothing is known; return how many."""
        async with self._storage.begin() as work:
            current = await announcing.allowed(work, announcement_id, by)
            if current.state is AnnouncementState.CANCELLED:
                raise UnlawfulMove("announcement", current.state, AnnouncementState.SENDING)
            if await announcing.amended_by(work, announcement_id) is not None:
                raise RuleBroken("announcement_amended")
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

    # --- what recipients read ----------------------------------------------------------------

    async def letter(self, announcement_id: AnnouncementId) -> Outgoing:
        """Return the message every recipient gets. Raise `NotFound`."""
        return await self._letters.letter(announcement_id)

    def rendered(self, announcement: Announcement, unit: Unit) -> Outgoing:
        """Return the message of a draft as it will be read."""
        return self._letters.rendered(announcement, unit)


async def _refuse_if_finished(work: Work, announcement_id: AnnouncementId) -> None:
    if not (await work.deliveries.tally(announcement_id)).open:
        raise RuleBroken("announcement_finished")


async def _shown(work: Work, one: Announcement, units: Mapping[UnitId, Unit]) -> Shown:
    attachment = amends = None
    if one.attachment_id is not None:
        attachment = await work.attachments.get(one.attachment_id)
    if one.amends is not None:
        amends = await work.announcements.get(one.amends)
    return Shown(
        announcement=one,
        unit=units[one.unit_id],
        tally=await work.deliveries.tally(one.id),
        attachment=attachment,
        amends=amends,
        amended_by=await announcing.amended_by(work, one.id),
    )
