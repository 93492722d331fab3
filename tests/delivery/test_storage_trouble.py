"""The database fails under the sender for a while: what is known stays known."""

import asyncio

import pytest

from bot.core.channels import Pace
from bot.core.deliveries import Lane
from bot.core.errors import StorageTrouble
from bot.core.sending import SlowedDown
from tests.delivery.rig import Rig, channel_at, landed
from tests.fakes import Sent
from tests.storage.failing import FailingStorage


async def settled(rig: Rig) -> int:
    """Let a minute pass, and settle what has been on its way for too long."""
    rig.clock.advance(60)
    async with rig.storage.begin() as work:
        late = await work.deliveries.expire(now=rig.clock.now())
        await work.commit()
    return late


async def test_stopping_waits_for_an_answer_that_is_not_written_down_yet(rig: Rig) -> None:
    let_go, reported = asyncio.Event(), asyncio.Event()

    async def report(_: str) -> None:
        reported.set()
        await let_go.wait()

    rig.report = report  # type: ignore[assignment,method-assign] # breaks what is there
    await rig.people(1)
    await rig.announce()
    sender = rig.sender()
    async with asyncio.TaskGroup() as group:
        await sender.step(group)
        # Answered, and held up between the answer and its row.
        await reported.wait()
        settling = group.create_task(sender.settle())
        for _ in range(100):
            await asyncio.sleep(0)
        assert not settling.done()
        let_go.set()
        await settling
        assert await rig.outcomes() == {"sent": 1}


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


async def test_what_was_held_back_is_known_not_to_have_gone_once_the_database_is_back(
    rig: Rig,
) -> None:
    rig.storage = failing = FailingStorage(rig.storage)
    rig.channel = channel_at(Pace(per_s=100), rig.clock)
    rig.channel.script.append(SlowedDown(120))

    def fail(_: Sent) -> None:
        failing.fails = True

    rig.channel.at_begin = fail
    await rig.people(4)
    await rig.announce()
    sender = rig.sender()
    async with asyncio.TaskGroup() as group:
        await sender.step(group)
        await landed(sender)
        with pytest.raises(StorageTrouble):
            await sender.step(group)
        assert await rig.outcomes() == {"sending": 4}
        failing.fails = False
        await sender.step(group)
        assert await settled(rig) == 0
        assert await rig.outcomes() == {"waiting": 4}
        await sender.settle()
    assert len(rig.channel.begun) == 1
