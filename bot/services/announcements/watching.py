"""An announcement being sent, as somebody sees it who watches: how far, how fast, how long yet.

Every number is read off the rows, so it is right in whichever process it is asked for and
whoever sends. Those who watch one announcement in this process share one look.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.deliveries import DeliveryState
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.officers import Officer
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.announcing import Shown
from bot.services.announcements.counting import Count, count_of
from bot.services.bells import Bell

# How fast it goes is counted over the last minute; before a few seconds it would be a guess.
_LATELY: Final = timedelta(minutes=1)
_TOO_SOON: Final = timedelta(seconds=5)
MOST_WATCHERS: Final = 60
MOST_OF_ONE: Final = 6
# A look at a large announcement may cost something; watching takes a tenth of it at most.
_REST: Final = 9.0
_SHORTEST_S: Final = 0.05
_ENDED: Final = frozenset({AnnouncementState.DRAFT, AnnouncementState.CANCELLED})


class TooManyWatchers(Exception):
    """There are as many open pages that watch as this process serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the sending is. The counts of the tally add up to its recipients.

    `per_minute` is how many copies ended in the last minute, `left` how long the rest takes at
    that pace; None while nothing can be said. `held_at`: the program paused it by itself then.
    """

    shown: Shown
    per_minute: int | None = None
    left: timedelta | None = None
    held_at: datetime | None = None

    @property
    def recipients(self) -> int:
        """Return how many it is meant for."""
        return self.shown.tally.recipients

    @property
    def done(self) -> int:
        """Return how many have an outcome."""
        return self.recipients - self.shown.tally.open

    @property
    def sent(self) -> int:
        """Return how many were sent."""
        return self._many(DeliveryState.SENT)

    @property
    def unknown(self) -> int:
        """Return of how many nothing is known."""
        return self._many(DeliveryState.UNKNOWN)

    @property
    def missed(self) -> int:
        """Return how many have an outcome and are not known to have it."""
        return self.done - self.sent

    @property
    def minutes_left(self) -> int | None:
        """Return about how many minutes are left, one at least."""
        return None if self.left is None else max(1, round(self.left / timedelta(minutes=1)))

    @property
    def is_live(self) -> bool:
        """Tell whether the numbers may still change by themselves."""
        state, is_open = self.shown.announcement.state, bool(self.shown.tally.open)
        on_its_way = bool(self._many(DeliveryState.SENDING))
        return state is AnnouncementState.SCHEDULED or (on_its_way if state in _ENDED else is_open)

    @property
    def mark(self) -> str:
        """Return a short name of what is shown; the same one means nothing new."""
        facts = (
            self.shown.state,
            sorted(self.shown.tally.outcomes.items()),
            sorted(self.shown.tally.reasons.items()),
            self.per_minute,
            self.minutes_left,
            self.held_at,
            self.shown.amended_by and self.shown.amended_by.id,
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    def _many(self, state: DeliveryState) -> int:
        return self.shown.tally.outcomes.get(state, 0)


@dataclass(kw_only=True)
class _Shared:
    """What the watchers of one announcement share. The lock lets one look at a time."""

    watchers: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    seen: Progress | None = None
    next_at: float = 0.0


class Watching:
    """Looks at announcements being sent, for as many as watch."""

    def __init__(
        self,
        *,
        announcements: Announcements,
        storage: Storage,
        clock: Clock,
        every_s: float = 1.0,
    ) -> None:
        self._announcements = announcements
        self._storage = storage
        self._clock = clock
        self._every_s = every_s
        self._shared: dict[AnnouncementId, _Shared] = {}
        self._bells: dict[Bell, str] = {}
        self.is_closed = False

    async def progress(self, announcement_id: AnnouncementId, *, to: Officer | None) -> Progress:
        """Return how far an announcement is. `to` None: at the machine. Raise `NotFound`."""
        shown = await self._announcements.show(announcement_id, to=to)
        one = shown.announcement
        async with self._storage.read() as work:
            count = await count_of(work, announcement_id)
            per_minute, left = await self._pace(work, one, count)
        is_held = one.state is AnnouncementState.PAUSED
        return Progress(
            shown=shown,
            per_minute=per_minute,
            left=left,
            held_at=count.held_at if is_held else None,
        )

    async def _pace(
        self, work: Work, one: Announcement, count: Count
    ) -> tuple[int | None, timedelta | None]:
        """Return the pace of the last minute, and how long the slowest channel still needs."""
        now, begun_at = self._clock.now(), count.begun_at or one.started_at
        if one.state is not AnnouncementState.SENDING or begun_at is None:
            return None, None
        still = await work.progress.open_copies(one.id)
        since = max(now - _LATELY, begun_at)
        if not still or now - since < _TOO_SOON:
            return None, None
        ended = await work.progress.ended_since(one.id, since=since)
        return _rated(Counter(ended), Counter(still), now - since)

    # --- watched over a while ----------------------------------------------------------------

    @contextmanager
    def watching(self, announcement_id: AnnouncementId, *, who: str) -> Iterator["Watch"]:
        """Watch one while a page is open. Raise `TooManyWatchers`."""
        of_one = sum(held == who for held in self._bells.values())
        if len(self._bells) >= MOST_WATCHERS or of_one >= MOST_OF_ONE:
            raise TooManyWatchers
        bell = Bell()
        self._bells[bell] = who
        shared = self._shared.setdefault(announcement_id, _Shared())
        shared.watchers += 1
        try:
            yield Watch(self, announcement_id, bell)
        finally:
            del self._bells[bell]
            shared.watchers -= 1
            if not shared.watchers:
                self._shared.pop(announcement_id, None)

    def close(self) -> None:
        """Wake everybody who watches for good: the server is stopping."""
        self.is_closed = True
        for bell in self._bells:
            bell.ring()

    async def look(self, announcement_id: AnnouncementId) -> Progress:
        """Return what the watchers of one share, looked at anew when it is time."""
        shared = self._shared[announcement_id]
        async with shared.lock:
            began = self._clock.monotonic()
            if shared.seen is None or began >= shared.next_at:
                shared.seen = await self.progress(announcement_id, to=None)
                took = self._clock.monotonic() - began
                shared.next_at = began + max(self._every_s, took * (1 + _REST))
            return shared.seen

    def rest_s(self, announcement_id: AnnouncementId) -> float:
        """Return how long until the next look."""
        until = self._shared[announcement_id].next_at - self._clock.monotonic()
        return max(until, _SHORTEST_S)


class Watch:
    """One open page that watches."""

    def __init__(self, all_: Watching, announcement_id: AnnouncementId, bell: Bell) -> None:
        self._all = all_
        self._id = announcement_id
        self._bell = bell

    async def look(self) -> Progress:
        """Return how far it is now."""
        return await self._all.look(self._id)

    async def wait(self) -> bool:
        """Wait until it is time to look again; tell whether there is a next time."""
        if not self._all.is_closed:
            await self._bell.wait(self._all.rest_s(self._id))
        return not self._all.is_closed


def _rated(
    ended: Counter[ChannelId], still: Counter[ChannelId], within: timedelta
) -> tuple[int | None, timedelta | None]:
    per_minute = round(ended.total() * (timedelta(minutes=1) / within))
    if any(not ended[channel] for channel in still):
        # A channel of which nothing ended lately may need any time at all.
        return per_minute, None
    left = max(within * (many / ended[channel]) for channel, many in still.items())
    return per_minute, left
