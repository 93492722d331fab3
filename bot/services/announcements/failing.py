"""Notices that a sending goes wrong: pauses it, and tells officers to look.

A platform that begins to refuse everything would otherwise use up an announcement within
minutes, and what failed for good is not sent again. An urgent one goes on: there every copy that
still arrives counts for more than those that do not.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.deliveries import DeliveryState
from bot.core.ids import AnnouncementId
from bot.core.notices import NoticeKey
from bot.core.officers import Act
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.services.announcements import announcing
from bot.services.announcements.counting import Count, count_of, hold_count
from bot.services.audit import CLOCK, Audit
from bot.services.notices import ONCE_IN, Notices

# Of the last fifty copies that were tried, at least twenty, half or more did not arrive.
LOOKED_AT: Final = 50
FEWEST: Final = 20
# So long that no pause of one count is told twice; each count is told of by itself.
_ONCE_FOR_ALL: Final = timedelta(days=3_650)
_LOST: Final = frozenset({DeliveryState.FAILED, DeliveryState.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How many of the last copies that were tried did not arrive, as far as is known."""

    lost: int
    tried: int

    @property
    def are_many(self) -> bool:
        """Tell whether something is wrong with the sending and not with single people."""
        return self.tried >= FEWEST and self.lost * 2 >= self.tried


class FailureWatch:
    """Looks at what is being sent."""

    def __init__(self, *, storage: Storage, audit: Audit, notices: Notices, clock: Clock) -> None:
        self._storage = storage
        self._audit = audit
        self._notices = notices
        self._clock = clock

    async def look(self) -> int:
        """Pause what goes wrong; return how many. Safe with several processes."""
        async with self._storage.read() as work:
            going = await work.progress.being_sent()
            wrong = [one for one in going if (await self._failures(work, one)).are_many]
        paused = 0
        for announcement_id in wrong:
            paused += await self._act(announcement_id)
        return paused

    async def _failures(self, work: Work, announcement_id: AnnouncementId) -> Failures:
        announcement = await work.announcements.get(announcement_id)
        count = await count_of(work, announcement_id)
        since = count.begun_at or announcement.started_at
        if since is None:
            return Failures(lost=0, tried=0)
        states = await work.progress.last_tried(announcement_id, since=since, limit=LOOKED_AT)
        return Failures(lost=sum(one in _LOST for one in states), tried=len(states))

    async def _act(self, announcement_id: AnnouncementId) -> int:
        now = self._clock.now()
        async with self._storage.begin() as work:
            current = await work.announcements.get(announcement_id)
            # Another process, or an officer, may have been here in between.
            failures = await self._failures(work, announcement_id)
            if current.state is not AnnouncementState.SENDING or not failures.are_many:
                return 0
            is_held = not current.goes_first
            await self._tell(work, current, failures, is_held=is_held)
            if is_held:
                await work.announcements.save(current.moved(AnnouncementState.PAUSED))
                await hold_count(work, announcement_id, at=now)
                await self._audit.note(
                    work,
                    "announcement.held",
                    by=CLOCK,
                    subject=announcement_id,
                    facts={"lost": str(failures.lost), "tried": str(failures.tried)},
                )
            await work.commit()
        return int(is_held)

    async def _tell(
        self, work: Work, announcement: Announcement, failures: Failures, *, is_held: bool
    ) -> None:
        count: Count = await count_of(work, announcement.id)
        begun = f":{count.begun_at.isoformat()}" if count.begun_at else ""
        units = await work.units.all()
        await self._notices.tell(
            work,
            NoticeKey.ANNOUNCEMENT_HELD if is_held else NoticeKey.ANNOUNCEMENT_FAILING,
            unit_id=announcing.top_of(announcement, units).id,
            subject=f"{announcement.id}{begun}",
            about={
                "title": announcement.title,
                "unit": next(one.name for one in units if one.id == announcement.unit_id),
                "lost": failures.lost,
                "tried": failures.tried,
            },
            act=Act.ANNOUNCE,
            every=_ONCE_FOR_ALL if is_held else ONCE_IN,
        )
