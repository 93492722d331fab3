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
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.units import below
from bot.services.announcements import announcing
from bot.services.announcements.announcing import Shown, Wording
from bot.services.announcements.audience import Offers, frozen_on, is_still_arriving
from bot.services.announcements.counting import begin_count
from bot.services.announcements.letters import Letters, Reading
from bot.services.announcements.reading import ReadingCheck
from bot.services.announcements.texts import Texts
from bot.services.audit import CLOCK, Audit
from bot.services.bells import Bell
from bot.services.people.interests import Interests

# So many rows take some hundredths of a second; whoever else writes waits that long.
PIECE: Final = 2_000
_CHANCE_LASTS: Final = timedelta(days=7)


class Announcements:
    """Use cases about announcements."""

    def __init__(
        self,
        *,
        storage: Storage,
        audit: Audit,
        letters: Letters,
        texts: Texts,
        reading: ReadingCheck,
        interests: Interests,
        clock: Clock,
        chance: Chance,
        bell: Bell,
        offers: Offers,
        piece: int = PIECE,
    ) -> None:
        """`piece` is how many rows are made in one transaction."""
        self._storage = storage
        self._audit = audit
        self._letters = letters
        self._texts = texts
        self.reading = reading
        self._interests = interests
        self._offers = offers
        self._piece = piece
        self._clock = clock
        self._chance = chance
        self._bell = bell

    # --- writing ---------------------------------------------------------------------------

    async def write(self, wording: Wording, *, by: Officer | None) -> Announcement:
        """Keep a draft. `by` None: somebody at the machine. Raise `RuleBroken`, `NotFound`."""
        now = self._clock.now()
        wording = announcing.cleaned(wording, now)
        async with self._storage.begin() as work:
            await self._check(work, wording, by)
            announcement = Announcement(
                id=AnnouncementId(new_id(self._chance)),
                unit_id=wording.unit_id,
                title=wording.title,
                text=wording.text,
                author_id=by.id if by else None,
                editors=(by.id,) if by else (),
                slug=announcing.new_slug(wording.title, self._chance),
                written_at=now,
            )
            announcement = announcing.worded(announcement, wording)
            await work.announcements.save(announcement)
            await self._note(work, "announcement.write", announcement.id, by)
            await work.commit()
        return announcement

    async def revise(
        self, announcement_id: AnnouncementId, wording: Wording, *, by: Officer | None
    ) -> Announcement:
        """Write a draft anew; what waited for approval is a draft again.

        Raise `RuleBroken` if it is neither any more, `NotFound`.
        """
        wording = announcing.cleaned(wording, self._clock.now())
        async with self._storage.begin() as work:
            draft = await announcing.allowed(work, announcement_id, by)
            if draft.state is AnnouncementState.PROPOSED and draft.amends is None:
                draft = draft.moved(AnnouncementState.DRAFT)
            if draft.state is not AnnouncementState.DRAFT:
                raise RuleBroken("announcement_not_draft")
            await self._check(work, wording, by)
            draft = replace(
                announcing.worded(draft, wording),
                editors=announcing.with_editor(draft.editors, by),
                approval=None,
            )
            await work.announcements.save(draft)
            await self._note(work, "announcement.revise", announcement_id, by)
            await work.commit()
        return draft

    async def _check(self, work: Work, wording: Wording, by: Officer | None) -> None:
        """Raise `NotFound` or `RuleBroken` unless `by` may write this for these units."""
        announcing.check_topics(wording, self._interests)
        units = await announcing.check_audience(work, wording, by)
        await announcing.check_channels(work, wording.channels)
        await announcing.check_attachment(work, wording.attachment_id)
        meant = announcing.meant(wording.unit_id, wording.audience, units)
        if not meant:
            raise RuleBroken("audience_empty")
        self._texts.check(wording.text, meant, {unit.id: unit for unit in units})

    async def _note(
        self, work: Work, act: str, announcement_id: AnnouncementId, by: Officer | None
    ) -> None:
        await announcing.note(self._audit, work, act, about=announcement_id, by=by)

    # --- sending ---------------------------------------------------------------------------

    async def release(
        self, announcement_id: AnnouncementId, *, by: Officer | None, seen: str | None = None
    ) -> Announcement:
        """Let a draft go: at its hour, or at once if it has none. Whether it may is asked before.

        Raise `RuleBroken` if it is not what had the mark `seen` any more or cannot be read
        somewhere, `UnlawfulMove`.
        """
        async with self._storage.begin() as work:
            draft = await announcing.allowed(work, announcement_id, by)
            if seen is not None and draft.mark != seen:
                raise RuleBroken("announcement_changed")
            if draft.state is not AnnouncementState.DRAFT:
                # Above all one that is overdue: its hour is claimed, so it would never start.
                raise UnlawfulMove("announcement", draft.state, AnnouncementState.SCHEDULED)
            await self.reading.check(work, draft)
            due_at = draft.due_at or self._clock.now()
            moved = draft.moved(AnnouncementState.SCHEDULED)
            scheduled = replace(moved, due_at=due_at, sent_back=None)
            await work.announcements.save(scheduled)
            await self._note(work, "announcement.release", announcement_id, by)
            await work.commit()
        await self.start_all()
        return scheduled

    async def start_due(self) -> int:
        """Start what is due, ask about what is too late, make and skip the rows that are left.

        Return how many started. Safe with several processes. The scheduler calls this every
        second, so a lost call costs a second.
        """
        while await self._skip_on() == self._piece:
            pass
        started = await self.start_all()
        offers = await self._offers()
        while freezing := await self._freezing():
            for announcement in freezing:
                await self._freeze_on(announcement.id, offers)
            self._bell.ring()
            # Nothing urgent waits until a million rows of something else are made.
            started += await self.start_all()
        return started

    async def _skip_on(self) -> int:
        async with self._storage.begin() as work:
            skipped = await work.deliveries.skip_cancelled(at=self._clock.now(), most=self._piece)
            if skipped:
                await work.commit()
        return skipped

    async def start_all(self) -> int:
        """Start what is due; ask about what is too late, give back what cannot be read.

        Return how many started.
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

    async def _freezing(self) -> list[Announcement]:
        """Return what lacks rows, in the order in which it goes."""
        async with self._storage.read() as work:
            found = await work.announcements.freezing()
        return sorted(found, key=lambda one: not one.goes_first)

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
            if not await self.reading.may_start(work, current, at=now):
                await work.commit()
                return 0
            sending = current.moved(AnnouncementState.SENDING)
            sending = replace(sending, started_at=now, joined_until=now, freezing_after="")
            # Rows point to it.
            await work.announcements.save(sending)
            await self._audit.note(work, "announcement.start", by=CLOCK, subject=announcement.id)
            await self._save_on(work, sending, offers, now)
            await work.commit()
        return 1

    async def _freeze_on(
        self, announcement_id: AnnouncementId, offers: Mapping[ChannelId, Capabilities]
    ) -> None:
        async with self._storage.begin() as work:
            current = await work.announcements.get(announcement_id)
            # Another process may have made the last rows meanwhile.
            if current.freezing_after is not None:
                await self._save_on(work, current, offers, self._clock.now())
                await work.commit()

    async def _save_on(
        self,
        work: Work,
        announcement: Announcement,
        offers: Mapping[ChannelId, Capabilities],
        now: datetime,
    ) -> None:
        further = await frozen_on(work, announcement, offers, now, most=self._piece)
        await work.announcements.save(further)
        if further.freezing_after is None:
            recipients = (await work.deliveries.tally(further.id)).recipients
            await self._audit.note(
                work,
                "announcement.freeze",
                by=CLOCK,
                subject=further.id,
                facts={"recipients": str(recipients)},
            )

    async def reschedule(
        self, announcement_id: AnnouncementId, due_at: datetime | None, *, by: Officer | None
    ) -> None:
        """Answer the question about an overdue one: a new hour, or now (None).

        Raise `UnlawfulMove` if nobody asks: what waits to be approved does not go this way;
        `RuleBroken` if it cannot be read somewhere.
        """
        now = self._clock.now()
        async with self._storage.begin() as work:
            late = await announcing.allowed(work, announcement_id, by)
            if late.state is not AnnouncementState.OVERDUE:
                raise UnlawfulMove("announcement", late.state, AnnouncementState.SCHEDULED)
            announcing.check_due(due_at, now)
            await self.reading.check(work, late)
            # Never a moment that was claimed before: it would not start a second time.
            due_at = max(due_at or now, now)
            again = replace(late.moved(AnnouncementState.SCHEDULED), due_at=due_at)
            await work.announcements.save(again)
            await self._note(work, "announcement.reschedule", announcement_id, by)
            await work.commit()
        await self.start_all()

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
                await announcing.check_open(work, current)
            if to is AnnouncementState.CANCELLED:
                moved = replace(moved, cancelled_at=now)
            if to is AnnouncementState.SENDING:
                await begin_count(work, announcement_id, at=now)
            await work.announcements.save(moved)
            if to is AnnouncementState.CANCELLED:
                # Of very many the clock skips the rest; none of them is claimed any more.
                await work.deliveries.skip_cancelled(at=now, most=self._piece)
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

    async def take_late(self, announcement_id: AnnouncementId, *, by: Officer | None) -> None:
        """Let also those have it who joined since it started. Raise `NotFound`, `RuleBroken`."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            current = await announcing.allowed(work, announcement_id, by)
            is_going = current.state in {AnnouncementState.SENDING, AnnouncementState.PAUSED}
            if not is_going or current.amends is not None:
                raise RuleBroken("announcement_not_started")
            if await announcing.amended_by(work, announcement_id) is not None:
                raise RuleBroken("announcement_amended")
            await self.reading.check(work, current)
            again = replace(current, joined_until=now, freezing_after="")
            await self._save_on(work, again, await self._offers(), now)
            await self._note(work, "announcement.take_late", announcement_id, by)
            await work.commit()
        self._bell.ring()

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
            if not announcing.is_seen(announcement, units, to=to):
                raise NotFound("no such announcement")
            return await announcing.shown(work, announcement, {unit.id: unit for unit in units})

    async def newest(self, officer: Officer, *, limit: int = 50) -> list[Shown]:
        """Return the officer's announcements, newest first."""
        async with self._storage.read() as work:
            units = await work.units.all()
            by_id = {unit.id: unit for unit in units}
            found = await work.announcements.of_units(below(officer.unit_id, units), limit=limit)
            return [await announcing.shown(work, one, by_id) for one in found]

    # --- what recipients read ----------------------------------------------------------------

    async def letter(
        self, announcement_id: AnnouncementId, unit_id: UnitId | None = None
    ) -> Outgoing:
        """Return the message recipients in a unit get, by default its own. Raise `NotFound`."""
        return await self._letters.letter(announcement_id, unit_id)

    async def readings(self, announcement_id: AnnouncementId) -> list[Reading]:
        """Return every text that recipients read, each with its units. Raise `NotFound`."""
        return await self._letters.readings(announcement_id)
