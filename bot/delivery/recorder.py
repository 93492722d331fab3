"""Writing down how attempts ended, many in one commit: whatever gathers while one is written."""

import asyncio
from dataclasses import replace

from bot.core.deliveries import Outcome
from bot.core.groups import GROUP_MOVES, GroupState
from bot.core.ids import ChannelId
from bot.core.storage import Storage
from bot.core.time import Clock


class Recorder:
    """Gathers outcomes of one channel. `put` returns when its outcome is on the disk."""

    def __init__(self, *, storage: Storage, channel_id: ChannelId, clock: Clock) -> None:
        self._storage = storage
        self._channel_id = channel_id
        self._clock = clock
        self._gathered: list[Outcome] = []
        self._lost: list[str] = []
        self._is_behind = False
        # How many outcomes were put, how many of them are on the disk, and the end of the write
        # that is under way.
        self._put = 0
        self._kept = 0
        self._under_way: asyncio.Event | None = None

    @property
    def is_behind(self) -> bool:
        """Tell whether the last writing failed, so that outcomes stand in memory alone."""
        return self._is_behind

    async def put(self, outcome: Outcome, *, lost_chat: str | None = None) -> None:
        """Write an outcome; `lost_chat` is somebody the platform no longer reaches."""
        self._gathered.append(outcome)
        if lost_chat is not None:
            self._lost.append(lost_chat)
        self._put += 1
        await self.flush()

    async def move(self, chat: str, moved_to: str) -> None:
        """Note that the platform gave a group another id."""
        async with self._storage.begin() as work:
            group = await work.groups.find(self._channel_id, chat)
            taken = await work.groups.find(self._channel_id, moved_to)
            if group is not None and taken is None:
                await work.groups.save(replace(group, chat=moved_to))
                await work.commit()

    async def lapse(self, chat: str) -> None:
        """Note that the platform lets nobody write in a group until it is paid for."""
        async with self._storage.begin() as work:
            group = await work.groups.find(self._channel_id, chat)
            if group is not None and GroupState.LAPSED in GROUP_MOVES[group.state]:
                await work.groups.save(group.moved(GroupState.LAPSED))
                await work.commit()

    async def flush(self) -> None:
        """Write everything gathered so far."""
        wanted = self._put
        # Whoever waited for another's write mostly finds its own outcome written, all at once.
        while self._kept < wanted:
            if self._under_way is not None:
                await self._under_way.wait()
            else:
                await self._write_gathered()

    async def _write_gathered(self) -> None:
        self._under_way = over = asyncio.Event()
        gathered, self._gathered = self._gathered, []
        lost, self._lost = self._lost, []
        reached = self._put
        try:
            await self._write(gathered, lost)
            self._kept = reached
            self._is_behind = False
        except BaseException:
            self._gathered = gathered + self._gathered
            self._lost = lost + self._lost
            self._is_behind = True
            raise
        finally:
            self._under_way = None
            over.set()

    async def _write(self, gathered: list[Outcome], lost: list[str]) -> None:
        now = self._clock.now()
        async with self._storage.begin() as work:
            await work.deliveries.record(gathered, at=now)
            for chat in lost:
                person = await work.people.find(self._channel_id, chat)
                if person is not None and person.is_reachable:
                    await work.people.save(person.unreachable(at=now))
                group = await work.groups.find(self._channel_id, chat)
                if group is not None and group.state is not GroupState.GONE:
                    await work.groups.save(group.moved(GroupState.GONE))
            await work.commit()
