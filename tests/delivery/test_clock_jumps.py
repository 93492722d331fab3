"""The machine's clock is set while messages go out: none is lost, late or sent twice."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.core.deliveries import Lane
from bot.core.sending import SlowedDown
from tests.delivery.rig import Rig, landed
from tests.fakes import FakeClock

GAP_S = 1 / 25
TINY = 1e-6
HOUR = timedelta(hours=1)
JUMPS = [
    pytest.param(HOUR, id="forward"),
    pytest.param(-HOUR, id="back"),
    pytest.param(-400 * 24 * HOUR, id="back by more than a year"),
]


class JumpingClock(FakeClock):
    def jump(self, by: timedelta) -> None:
        """Set the clock on the wall; how long things take stays as it is."""
        self._began_at += by


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock(is_automatic=True)


async def settled(rig: Rig) -> int:
    """Settle what has been on its way for too long, as the clock does every ten seconds."""
    async with rig.storage.begin() as work:
        late = await work.deliveries.expire(now=rig.clock.now())
        await work.commit()
    return late


@pytest.mark.parametrize("jump", JUMPS)
async def test_an_announcement_goes_on_at_its_pace(
    rig: Rig, clock: JumpingClock, jump: timedelta
) -> None:
    await rig.people(60)
    await rig.announce()
    sender = rig.sender()
    await rig.run(sender, until=lambda: len(rig.channel.begun) >= 20)
    clock.jump(jump)
    await settled(rig)
    sender.wake()
    await rig.run(sender)
    assert await rig.outcomes() == {"sent": 60}
    moments = [one.at for one in rig.channel.begun]
    assert len({one.to.chat for one in rig.channel.begun}) == len(moments) == 60
    assert min(later - earlier for earlier, later in pairwise(moments)) >= GAP_S - TINY
    # A poll or two of a second at most: nothing waits for the wall to come round again.
    assert moments[-1] - moments[0] < 60 * GAP_S + 3


@pytest.mark.parametrize("jump", JUMPS)
async def test_what_waits_at_a_restart_goes_out_though_the_clock_was_set(
    rig: Rig, clock: JumpingClock, jump: timedelta
) -> None:
    await rig.people(5)
    await rig.announce()
    await rig.reply("Gọi 114.")
    clock.jump(jump)
    await rig.send_all(until=lambda: clock.monotonic() > 5)
    assert await rig.outcomes() == {"sent": 5}
    assert "Gọi 114." in rig.texts()


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_pause_that_was_asked_for_lasts_as_long_as_it_was_to(
    rig: Rig, clock: JumpingClock, jump: timedelta
) -> None:
    await rig.people(40)
    await rig.announce()
    rig.channel.script.append(SlowedDown(30))
    sender = rig.sender()
    await rig.run(sender, until=lambda: bool(rig.channel.begun))
    clock.jump(jump)
    sender.wake()
    await rig.run(sender, until=lambda: clock.monotonic() > 40)
    first, *rest = (one.at for one in rig.channel.begun)
    assert min(rest) >= first + 30
    # Who was told to wait is told by the hour on the wall, alone of all.
    assert (await rig.outcomes())["sent"] >= 39
    clock.jump(-jump)
    sender.wake()
    await rig.run(sender)
    assert await rig.outcomes() == {"sent": 40}
    assert len(rig.channel.begun) == 41


@pytest.mark.parametrize("lane", [Lane.ORDINARY, Lane.URGENT])
async def test_an_answer_counts_though_its_hour_seems_to_have_passed(
    rig: Rig, clock: JumpingClock, lane: Lane
) -> None:
    rig.channel.gate = asyncio.Event()
    await rig.people(1)
    await rig.announce(lane=lane)
    sender = rig.sender()
    async with asyncio.TaskGroup() as group:
        await sender.step(group)
        await asyncio.sleep(0)
        clock.jump(HOUR)
        assert await settled(rig) == 1
        rig.channel.gate.set()
        await landed(sender)
    assert await rig.outcomes() == {"sent": 1}
    await rig.send_all()
    assert len(rig.channel.begun) == 1
