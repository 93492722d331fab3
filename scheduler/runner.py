"""The clock that runs the jobs: APScheduler's triggers, and nothing kept in its own store.

APScheduler plans by the hour on the wall. When that is set back, what is planned lies as far
ahead, so the runner measures whether time went back and then plans anew.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.core.storage import Storage
from bot.core.time import Clock
from scheduler.jobs import Job, claimed

log = logging.getLogger(__name__)

_LOOK_EVERY_S: Final = 5.0
# Clocks are kept right in steps smaller than this.
_SET_BACK_S: Final = 2.0


class Runner:
    """Runs the table of jobs while the program is up."""

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        storage: Storage,
        clock: Clock,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        """Plan every job for now; `look_every_s` is how soon a clock set back is noticed."""
        self._clock = clock
        self._look_every_s = look_every_s
        self._looked_at = (clock.now(), clock.monotonic())
        self._next_look: asyncio.TimerHandle | None = None
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for job in jobs:
            self._scheduler.add_job(
                claimed(job, storage=storage, clock=clock),
                IntervalTrigger(seconds=int(job.every.total_seconds()), timezone="UTC"),
                id=job.name,
                # A machine that slept, however long, runs each job once when it wakes, and never
                # twice at a time.
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=clock.now(),
            )

    @property
    def is_running(self) -> bool:
        """Tell whether the clock ticks."""
        return bool(self._scheduler.running)

    def start(self) -> None:
        """Begin to tick; every job runs once at once."""
        self._scheduler.start()
        self._look()

    def stop(self) -> None:
        """Stop ticking; jobs under way end by themselves."""
        if self._next_look is not None:
            self._next_look.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _look(self) -> None:
        """Run every job now if the clock on the wall was set back, and look again later."""
        wall, steady_s = self._looked_at
        now, now_s = self._looked_at = (self._clock.now(), self._clock.monotonic())
        set_back_s = (now_s - steady_s) - (now - wall).total_seconds()
        if set_back_s > _SET_BACK_S:
            log.warning("scheduler.clock_set_back", extra={"seconds": round(set_back_s)})
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=now)
        loop = asyncio.get_running_loop()
        self._next_look = loop.call_later(self._look_every_s, self._look)
