"""Writing down how attempts ended, many in one commit: whatever gathers while one is written."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.core.deliveries import Outcome
from bot.core.groups import GROUP_MOVES, GroupState
from bot.core.ids import ChannelId
from bot.core.storage import Storage
from bot.core.time import Clock


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended; `lost_chat` is somebody the platform no longer reaches.

    `is_reply`: the next message of the conversation was held back until it is written down.
    """

    outcome: Outcome
    lost_chat: str | None
    is_reply: bool


class Recorder:
    """Gathers the endings of one channel's attempts."""

    def __init__(
        self,
        *,
        storage: Storage,
        channel_id: ChannelId,
        clock: Clock,
        written: Callable[[Sequence[Ending]], None],
    ) -> None:
        """`written` is called with what has reached the disk, once for each ending."""
        self._storage = storage
        self._channel_id = channel_id
        self._clock = clock
        self._written = written
        self._gathered: list[Ending] = []
        self._is_behind = False
        # The end of the write that is under way.
        self._under_way: asyncio.Event | None = None

    @property
    def is_behind(self) -> bool:
        """Tell whether the last writing failed, so that endings stand in memory alone."""
        return self._is_behind

    @property
    def stuck(self) -> int:
        """Return how many endings nobody is writing down any more."""
        return len(self._gathered) if self._is_behind and self._under_way is None else 0

    async def put(self, *endings: Ending) -> None:
        """Write some endings, and what gathers meanwhile; whoever is writing takes them along.

        So they may not be on the disk yet when this returns: `written` tells. Raises
        `StorageTrouble`.
        """
        self._gathered.extend(endings)
        while self._gathered and self._under_way is None:
            await self._write_gathered()

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
        """Return when everything put so far is on the disk. Raises `StorageTrouble`."""
        while self._gathered or self._under_way is not None:
            if self._under_way is not None:
                await self._under_way.wait()
            else:
                await self._write_gathered()

    async def _write_gathered(self) -> None:
        self._under_way = over = asyncio.Event()
        gathered, self._gathered = self._gathered, []
        try:
            await self._write(gathered)
        except BaseException:
            self._gathered = gathered + self._gathered
            self._is_behind = True
            raise
        else:
            self._is_behind = False
            self._written(gathered)
        finally:
            self._under_way = None
            over.set()

    async def _write(self, gathered: Sequence[Ending]) -> None:
        now = self._clock.now()
        async with self._storage.begin() as work:
            await work.deliveries.record([one.outcome for one in gathered], at=now)
            for chat in (one.lost_chat for one in gathered if one.lost_chat is not None):
                person = await work.people.find(self._channel_id, chat)
                if person is not None and person.is_reachable:
                    await work.people.save(person.unreachable(at=now))
                group = await work.groups.find(self._channel_id, chat)
                if group is not None and group.state is not GroupState.GONE:
                    await work.groups.save(group.moved(GroupState.GONE))
            await work.commit()
