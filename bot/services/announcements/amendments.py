"""Correcting and taking back what was announced: a new announcement to those who have the old.

It goes to everybody who got the earlier one or may have got it; what of that had not begun is
stopped first. A correction goes also to those to whom the earlier one was still owed, so that
everybody reads the newest text and nobody the wrong one.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.announcements import Amendment, Announcement, AnnouncementState
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId, AttachmentId, new_id
from bot.core.officers import Officer
from bot.core.storage import Storage, Work
from bot.core.text import clean
from bot.core.time import Chance, Clock
from bot.services.announcements import announcing
from bot.services.announcements.announcements import PIECE, Announcements
from bot.services.announcements.approvals import Approvals
from bot.services.announcements.texts import Texts
from bot.services.audit import Audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is to stand instead; `attachment_id` None leaves the picture or file out."""

    title: str
    text: str
    attachment_id: AttachmentId | None = None


class Amendments:
    """Use cases about correcting and recalling."""

    def __init__(
        self,
        *,
        announcements: Announcements,
        approvals: Approvals,
        storage: Storage,
        texts: Texts,
        audit: Audit,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._announcements = announcements
        self._approvals = approvals
        self._storage = storage
        self._texts = texts
        self._audit = audit
        self._clock = clock
        self._chance = chance

    async def correct(
        self, announcement_id: AnnouncementId, correction: Correction, *, by: Officer | None
    ) -> Announcement:
        """Send a corrected text at once, or once it is approved; return the new announcement.

        What of the earlier one had not begun is stopped in any case.

        Raise `NotFound`, or `RuleBroken` if it was not sent, was stopped, taken back or
        corrected already, or if nothing would change.
        """
        title, text = clean(correction.title), clean(correction.text)
        announcing.check_wording(title, text)
        now = self._clock.now()
        async with self._storage.begin() as work:
            earlier = await self._amendable(work, announcement_id, by)
            await announcing.check_attachment(work, correction.attachment_id)
            units = await work.units.all()
            meant = announcing.meant(earlier.unit_id, earlier.audience, units)
            self._texts.check(text, meant, {unit.id: unit for unit in units})
            # Stopped by an officer; one that a correction stopped can be corrected once more.
            is_stopped = earlier.state is AnnouncementState.CANCELLED
            if is_stopped and not await work.announcements.amendments_of(earlier.id):
                raise RuleBroken("announcement_cancelled")
            if (title, text, correction.attachment_id) == (
                earlier.title,
                earlier.text,
                earlier.attachment_id,
            ):
                raise RuleBroken("correction_changes_nothing")
            corrected = replace(
                self._amending(earlier, Amendment.CORRECTION, now),
                title=title,
                text=text,
                attachment_id=correction.attachment_id,
                links=earlier.links,
                author_id=by.id if by else None,
                editors=announcing.with_editor((), by),
            )
            reached = (await work.deliveries.tally(earlier.id)).recipients
            if by is not None and self._approvals.are_needed(corrected, people=reached):
                corrected = replace(corrected, state=AnnouncementState.PROPOSED, due_at=None)
                await self._approvals.ask(work, corrected)
            await self._put(work, earlier, corrected, by)
            await work.commit()
        await self._announcements.start_all()
        return corrected

    async def recall(self, announcement_id: AnnouncementId, *, by: Officer | None) -> Announcement:
        """Take an announcement back at once; return the new one that says so.

        One that was stopped half-way can be taken back too, from those it reached. Raise
        `NotFound`, or `RuleBroken` if it was not sent, or was taken back or corrected already.
        """
        now = self._clock.now()
        async with self._storage.begin() as work:
            earlier = await self._amendable(work, announcement_id, by)
            recall = replace(
                self._amending(earlier, Amendment.RECALL, now),
                author_id=by.id if by else None,
            )
            await self._put(work, earlier, recall, by)
            await work.commit()
        await self._announcements.start_all()
        return recall

    async def _amendable(
        self, work: Work, announcement_id: AnnouncementId, by: Officer | None
    ) -> Announcement:
        earlier = await announcing.allowed(work, announcement_id, by)
        if earlier.started_at is None:
            raise RuleBroken("announcement_not_started")
        if earlier.amendment is Amendment.RECALL:
            raise RuleBroken("announcement_is_recall")
        # Two officers who correct at once must not undo each other unseen.
        if await announcing.amended_by(work, announcement_id) is not None:
            raise RuleBroken("announcement_amended")
        return earlier

    def _amending(
        self, earlier: Announcement, amendment: Amendment, now: datetime
    ) -> Announcement:
        return Announcement(
            id=AnnouncementId(new_id(self._chance)),
            unit_id=earlier.unit_id,
            title=earlier.title,
            text="",
            is_urgent=earlier.is_urgent,
            is_public=earlier.is_public,
            channels=earlier.channels,
            audience=replace(earlier.audience, missed=None),
            state=AnnouncementState.SCHEDULED,
            due_at=now,
            slug=announcing.new_slug(earlier.title, self._chance),
            written_at=now,
            amends=earlier.id,
            amendment=amendment,
        )

    async def _put(
        self, work: Work, earlier: Announcement, amending: Announcement, by: Officer | None
    ) -> None:
        await self._cut_off(work, earlier, amending.written_at)
        await work.announcements.save(amending)
        act = "recall" if amending.amendment is Amendment.RECALL else "correct"
        await announcing.note(
            self._audit,
            work,
            f"announcement.{act}",
            about=earlier.id,
            by=by,
            facts={"amended_by": amending.id},
        )

    async def _cut_off(self, work: Work, earlier: Announcement, now: datetime) -> None:
        """Stop what has not begun. What is on its way ends first, and the amendment waits for it.

        Cancelled, and not only emptied: a copy that comes back to be tried again must not be.
        """
        is_open = bool((await work.deliveries.tally(earlier.id)).open)
        is_open = is_open or earlier.freezing_after is not None
        is_paused = earlier.state is AnnouncementState.PAUSED
        if earlier.state is AnnouncementState.CANCELLED or not (is_open or is_paused):
            return
        stopped = earlier.moved(AnnouncementState.CANCELLED)
        await work.announcements.save(replace(stopped, cancelled_at=now))
        await work.deliveries.skip_cancelled(at=now, most=PIECE)
