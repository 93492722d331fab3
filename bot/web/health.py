"""Whether the program is alive, and whether it can do its work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web

from bot.core.storage import Storage
from bot.core.time import Clock

log = logging.getLogger(__name__)

_LIMIT_S: Final = 3.0
_WRITE_EVERY_S: Final = 30.0
# The setting that is written to see whether anything can be.
_WRITTEN: Final = "health_written_at"
_WELL: Final = 200
_UNWELL: Final = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One thing that must work. `run` returns "" if it does, else the trouble in a few words.

    Strangers may read the answer, so it names no path, address or person.
    """

    name: str
    run: Callable[[], Awaitable[str]]


class Pulse:
    """Shows that a loop goes round: the loop calls `beat`, the check looks how long ago."""

    def __init__(self, name: str, *, clock: Clock, at_most_s: float = 30.0) -> None:
        self._name = name
        self._clock = clock
        self._at_most_s = at_most_s
        self._beat_at: float | None = None

    def beat(self) -> None:
        """Note that the loop went round."""
        self._beat_at = self._clock.monotonic()

    async def _look(self) -> str:
        if self._beat_at is None:
            return "not started"
        silent_s = self._clock.monotonic() - self._beat_at
        return f"silent for {silent_s:.0f} s" if silent_s > self._at_most_s else ""

    def check(self) -> HealthCheck:
        """Return the check of this pulse."""
        return HealthCheck(name=self._name, run=self._look)


class _Database:
    """Looks into the database, and writes now and then: on a full disk one can still read."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._wrote_at: float | None = None

    async def look(self) -> str:
        async with self._storage.read() as work:
            await work.units.all()
        now_s = self._clock.monotonic()
        # Whoever asks all day must not wear out the disk. After a failure each look tries.
        if self._wrote_at is None or now_s - self._wrote_at >= _WRITE_EVERY_S:
            self._wrote_at = None
            async with self._storage.begin() as work:
                await work.settings.put(_WRITTEN, self._clock.now().isoformat())
                await work.commit()
            self._wrote_at = now_s
        return ""


def database_check(storage: Storage, clock: Clock) -> HealthCheck:
    """Return the check that the database answers with the tables we know and can be written."""
    return HealthCheck(name="database", run=_Database(storage, clock).look)


def backlog_check(storage: Storage, clock: Clock, *, at_most: timedelta) -> HealthCheck:
    """Return the check that nobody has waited longer than `at_most` for an answer."""

    async def look() -> str:
        async with storage.read() as work:
            oldest_at = await work.inbox.oldest_waiting()
        waited = clock.now() - oldest_at if oldest_at else timedelta()
        return f"oldest waits {waited.total_seconds():.0f} s" if waited > at_most else ""

    return HealthCheck(name="inbox", run=look)


class Health:
    """Answers /health/live and /health/ready."""

    def __init__(self, checks: Sequence[HealthCheck]) -> None:
        self._checks = checks

    async def live(self, _request: web.Request) -> web.Response:
        """Answer 200 as long as the process can answer at all."""
        return web.json_response([_line("process", "")])

    async def ready(self, _request: web.Request) -> web.Response:
        """Run every check side by side; 503 if one fails."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_run(check)) for check in self._checks]
        troubles = [task.result() for task in tasks]
        lines = [
            _line(check.name, trouble)
            for check, trouble in zip(self._checks, troubles, strict=True)
        ]
        return web.json_response(lines, status=_UNWELL if any(troubles) else _WELL)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of health."""
        return [
            web.get("/health/live", self.live),
            web.get("/health/ready", self.ready),
        ]


async def _run(check: HealthCheck) -> str:
    try:
        async with asyncio.timeout(_LIMIT_S):
            return await check.run()
    except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
        log.warning("health.failed", extra={"check": check.name, "why": type(error).__name__})
        return type(error).__name__


def _line(name: str, trouble: str) -> dict[str, object]:
    return {"name": name, "ok": not trouble, "detail": trouble}
