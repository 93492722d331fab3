"""The clock that runs the jobs: APScheduler's triggers, and nothing kept in its own store."""

from collections.abc import Sequence
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.core.storage import Storage
from bot.core.time import Clock
from scheduler.jobs import Job, claimed

_GRACE_S: Final = 30


class Runner:
    """Runs the table of jobs while the program is up."""

    def __init__(self, jobs: Sequence[Job], *, storage: Storage, clock: Clock) -> None:
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for job in jobs:
            self._scheduler.add_job(
                claimed(job, storage=storage, clock=clock),
                IntervalTrigger(seconds=int(job.every.total_seconds()), timezone="UTC"),
                id=job.name,
                # A machine that slept runs each job once when it wakes, never twice at a time.
                coalesce=True,
                max_instances=1,
                misfire_grace_time=_GRACE_S,
                next_run_time=clock.now(),
            )

    @property
    def is_running(self) -> bool:
        """Tell whether the clock ticks."""
        return bool(self._scheduler.running)

    def start(self) -> None:
        """Begin to tick; every job runs once at once."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking; jobs under way end by themselves."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
