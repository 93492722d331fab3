"""The database fails under the sender for a while: what is known stays known."""

import asyncio

import pytest

from bot.core.deliveries import Lane
from bot.core.errors import StorageTrouble
from tests.delivery.rig import Rig, landed
from tests.fakes import Sent
from tests.storage.failing import FailingStorage


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
