"""The database fails under the sender for a while: what is known stays known."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from bot.core.deliveries import Lane
from bot.core.errors import StorageTrouble
from bot.core.inbox import Arrival
from bot.core.storage import Storage, Work
from tests.delivery.rig import Rig, landed
from tests.fakes import Sent


class FailingStorage:
    """A database of which no commit comes through while `fails` is set."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.fails = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        async with self._storage.begin() as work:
            commit = work.commit

            async def tried() -> None:
                if self.fails:
                    raise StorageTrouble("the database is locked")
                await commit()

            work.commit = tried  # type: ignore[method-assign]
            yield work

    def read(self) -> AbstractAsyncContextManager[Work]:
        return self._storage.read()

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        return await self._storage.accept(arrivals)


async def settled(rig: Rig) -> int:
    """Let a minute pass, and settle what has been on its way for too long."""
    rig.clock.advance(60)
    async with rig.storage.begin() as work:
        late = await work.deliveries.expire(now=rig.clock.now())
        await work.commit()
    return late


@pytest.mark.parametrize("lane", [Lane.ORDINARY, Lane.URGENT])
async def test_how_the_last_one_ended_is_written_once_the_database_is_back(
    rig: Rig, lane: Lane
) -> None:
    rig.storage = failing = FailingStorage(rig.storage)

    def fail(_: Sent) -> None:
        failing.fails = True

    rig.channel.at_begin = fail
    await rig.people(1)
    await rig.announce(lane=lane)
    sender = rig.sender()
    async with asyncio.TaskGroup() as group:
        await sender.step(group)
        await landed(sender)
        assert await rig.outcomes() == {"sending": 1}
        with pytest.raises(StorageTrouble):
            await sender.step(group)
        failing.fails = False
        await sender.step(group)
    assert await settled(rig) == 0
    assert await rig.outcomes() == {"sent": 1}
    assert len(rig.channel.sent) == 1
