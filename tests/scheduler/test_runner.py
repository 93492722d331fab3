"""The jobs go on when the machine slept, or its clock was set."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.clock import RealClock
from scheduler.jobs import Job
from scheduler.runner import Runner
from tests.builders.town import Town

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class SetClock(RealClock):
    """The machine's clock, wrong by `off`."""

    def __init__(self, off: timedelta) -> None:
        self.off = off

    def now(self) -> datetime:
        return super().now() + self.off


def watched(ran: asyncio.Event, *, every: timedelta) -> Job:
    async def run() -> None:
        ran.set()

    return Job(name="x", every=every, run=run)


@pytest.mark.parametrize("every", [timedelta(seconds=1), DAY], ids=["each second", "each day"])
async def test_a_clock_set_back_stops_no_job(town: Town, every: timedelta) -> None:
    ran = asyncio.Event()
    # What was planned while the clock went an hour ahead lies an hour ahead.
    clock = SetClock(HOUR)
    job = watched(ran, every=every)
    runner = Runner([job], storage=town.storage, clock=clock, look_every_s=0.01)
    runner.start()
    try:
        clock.off = timedelta(0)
        async with asyncio.timeout(10):
            await ran.wait()
    finally:
        runner.stop()


async def test_what_was_missed_asleep_is_made_up_for_once_awake(town: Town) -> None:
    ran = asyncio.Event()
    job = watched(ran, every=DAY)
    runner = Runner([job], storage=town.storage, clock=SetClock(-HOUR))
    runner.start()
    try:
        async with asyncio.timeout(10):
            await ran.wait()
    finally:
        runner.stop()
