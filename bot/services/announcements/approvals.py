"""Four eyes: what reaches many, or is urgent, a second officer approves before it goes.

An approval binds to the hash of content and audience, so whatever is changed afterwards wants a
new one. Where nobody can be found in an emergency the writer may go on alone, with a reason; that
is written down and told to everybody who could have approved.
"""

from dataclasses import dataclass, replace
from typing import Final

from bot.core.announcements import Announcement, AnnouncementState, Approval, SentBack
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId, OfficerId
from bot.core.notices import NoticeKey
from bot.core.officers import Act, Officer
from bot.core.storage import Storage, Work
from bot.core.text import clean
from bot.core.time import Clock
from bot.services.announcements import announcing
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.announcing import Shown
from bot.services.announcements.reach import Reaches
from bot.services.announcements.reading import given_back
from bot.services.audit import Audit
from bot.services.notices import Notices

REASON_LONGEST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one officer may do about an announcement, and who did something about it, by name.

    `may_write` is to change, withdraw or send it; names of what nobody did are empty.
    """

    may_write: bool
    may_approve: bool
    writers: tuple[str, ...] = ()
    approved_by: str = ""
    sent_back_by: str = ""


class Approvals:
    """Use cases about letting announcements go."""

    def __init__(
        self,
        *,
        announcements: Announcements,
        reaches: Reaches,
        storage: Storage,
        audit: Audit,
        notices: Notices,
        clock: Clock,
        above: int,
    ) -> None:
        """`above` is how many people one officer may write to alone."""
        self._announcements = announcements
        self._reaches = reaches
        self._storage = storage
        self._audit = audit
        self._notices = notices
        self._clock = clock
        self._above = above

    def are_needed(self, announcement: Announcement, *, people: int) -> bool:
        """Tell whether a second officer is to approve what so many people would get."""
        return announcement.is_urgent or people > self._above

    async def ask(self, work: Work, proposed: Announcement) -> None:
        """Tell those who can approve it, in the chats they named."""
        await self._tell(work, NoticeKey.APPROVAL_WANTED, proposed)

    async def release(
        self, announcement_id: AnnouncementId, *, by: Officer | None, seen: str | None = None
    ) -> Announcement:
        """Let a draft go at its hour, or put it before a second officer; return which it is.

        `by` None is somebody at the machine, who has approved by having it. Raise `NotFound`,
        `UnlawfulMove`, or `RuleBroken` if it was changed meanwhile, or since it had the mark
        `seen`.
        """
        async with self._storage.read() as work:
            draft = await announcing.allowed(work, announcement_id, by)
        if seen is not None and draft.mark != seen:
            raise RuleBroken("announcement_changed")
        people = (await self._reaches.of(draft)).people
        if by is None or not self.are_needed(draft, people=people):
            return await self._announcements.release(announcement_id, by=by, seen=draft.mark)
        async with self._storage.begin() as work:
            current = await announcing.allowed(work, announcement_id, by)
            if current.mark != draft.mark:
                raise RuleBroken("announcement_changed")
            proposed = replace(current.moved(AnnouncementState.PROPOSED), sent_back=None)
            await self._announcements.reading.check(work, proposed)
            await work.announcements.save(proposed)
            await self._note(work, "announcement.propose", announcement_id, by)
            await self.ask(work, proposed)
            await work.commit()
        return proposed

    async def approve(
        self, announcement_id: AnnouncementId, mark: str, *, by: Officer
    ) -> Announcement:
        """Let go exactly what had this mark. Raise `NotFound`, `RuleBroken`.

        Nobody approves what they wrote any of.
        """
        now = self._clock.now()
        async with self._storage.begin() as work:
            current = await self._proposed(work, announcement_id, by)
            if current.mark != mark:
                raise RuleBroken("announcement_changed")
            if by.id in current.editors:
                raise RuleBroken("approval_own")
            approval = Approval(by=by.id, at=now, mark=mark)
            approved = await self._let_go(work, current, approval)
            await self._note(work, "announcement.approve", announcement_id, by, mark=mark)
            await work.commit()
        await self._announcements.start_all()
        return approved

    async def send_back(
        self, announcement_id: AnnouncementId, reason: str, *, by: Officer
    ) -> None:
        """Give what waits for approval back to its writer. Raise `NotFound`, `RuleBroken`."""
        why = clean(reason)[:REASON_LONGEST]
        if not why:
            raise RuleBroken("send_back_reason_missing")
        now = self._clock.now()
        async with self._storage.begin() as work:
            current = await self._proposed(work, announcement_id, by)
            back = SentBack(by=by.id, at=now, reason=why)
            await work.announcements.save(given_back(current, back))
            await self._note(work, "announcement.send_back", announcement_id, by, reason=why)
            await work.commit()

    async def override(
        self, announcement_id: AnnouncementId, reason: str, *, by: Officer
    ) -> Announcement:
        """Let go without a second officer, in an emergency. Raise `NotFound`, `RuleBroken`."""
        why = clean(reason)[:REASON_LONGEST]
        if not why:
            raise RuleBroken("approval_reason_missing")
        now = self._clock.now()
        async with self._storage.begin() as work:
            current = await announcing.allowed(work, announcement_id, by)
            if current.state is not AnnouncementState.PROPOSED:
                raise RuleBroken("announcement_not_proposed")
            alone = Approval(by=by.id, at=now, mark=current.mark, override=why)
            scheduled = await self._let_go(work, current, alone)
            await self._note(
                work, "announcement.override", announcement_id, by, reason=why, mark=current.mark
            )
            await self._tell(work, NoticeKey.APPROVAL_OVERRIDDEN, scheduled)
            await work.commit()
        await self._announcements.start_all()
        return scheduled

    async def waiting_for(self, officer: Officer) -> list[Shown]:
        """Return what this officer can approve, oldest first."""
        if not officer.may(Act.APPROVE):
            return []
        async with self._storage.read() as work:
            units = await work.units.all()
            found = await work.announcements.proposed()
            mine = [
                one
                for one in found
                if announcing.is_seen(one, units, to=officer) and officer.id not in one.editors
            ]
            by_id = {unit.id: unit for unit in units}
            return [await announcing.shown(work, one, by_id) for one in mine]

    async def standing(self, announcement: Announcement, *, to: Officer) -> Standing:
        """Return how an officer stands to an announcement."""
        approval, sent_back = announcement.approval, announcement.sent_back
        async with self._storage.read() as work:
            is_theirs = announcing.is_seen(announcement, await work.units.all(), to=to)

            async def name(officer_id: OfficerId) -> str:
                return (await work.officers.get(officer_id)).name

            return Standing(
                may_write=is_theirs and to.may(Act.ANNOUNCE),
                may_approve=(
                    is_theirs and to.may(Act.APPROVE) and to.id not in announcement.editors
                ),
                writers=tuple([await name(one) for one in announcement.editors]),
                approved_by=await name(approval.by) if approval else "",
                sent_back_by=await name(sent_back.by) if sent_back and sent_back.by else "",
            )

    async def _proposed(
        self, work: Work, announcement_id: AnnouncementId, by: Officer
    ) -> Announcement:
        """Return what waits for approval, if `by` may give it. Raise `NotFound`, `RuleBroken`."""
        current = await work.announcements.get(announcement_id)
        await announcing.check_units(work, current.unit_ids, by, act=Act.APPROVE)
        if current.state is not AnnouncementState.PROPOSED:
            raise RuleBroken("announcement_not_proposed")
        return current

    async def _let_go(self, work: Work, current: Announcement, approval: Approval) -> Announcement:
        """Keep it as approved, due at its hour or now. Raise `RuleBroken`, `UnlawfulMove`."""
        await self._announcements.reading.check(work, current)
        moved = current.moved(AnnouncementState.SCHEDULED)
        scheduled = replace(moved, approval=approval, due_at=current.due_at or approval.at)
        await work.announcements.save(scheduled)
        return scheduled

    async def _note(
        self, work: Work, act: str, about: AnnouncementId, by: Officer, **facts: str
    ) -> None:
        await announcing.note(self._audit, work, act, about=about, by=by, facts=facts)

    async def _tell(self, work: Work, key: NoticeKey, about: Announcement) -> None:
        unit = await work.units.get(about.unit_id)
        await self._notices.tell(
            work,
            key,
            unit_id=announcing.top_of(about, await work.units.all()).id,
            # The same draft put up again after a change is news.
            subject=f"{about.id}:{about.mark[:16]}",
            about={"title": about.title, "unit": unit.name},
            act=Act.APPROVE,
        )
