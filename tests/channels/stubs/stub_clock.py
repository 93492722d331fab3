"""The platform's own time: real by default, moved or frozen by a test."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta


class StubClock:
    """Seconds and moments of a stand-in platform; sleepers wake when a test moves the hands."""

    def __init__(self, *, started_at: datetime | None = None, frozen: bool = False) -> None:
        # The outside world keeps its own time; the program's Clock is not its business.
        self._started_at = started_at or datetime.now(UTC)  # noqa: TID251 - a stub has the real clock
        self._started_s = time.monotonic()
        self._moved_s = 0.0
        self._frozen_s: float | None = 0.0 if frozen else None
        self._moved = asyncio.Event()
        self._limits: dict[asyncio.Timeout, float] = {}
        self._limit_began = asyncio.Event()
        self._sleepers = 0
        self._fell_asleep = asyncio.Event()

    def seconds(self) -> float:
        """Return seconds since the stub was made."""
        if self._frozen_s is not None:
            return self._frozen_s + self._moved_s
        return time.monotonic() - self._started_s + self._moved_s

    def now(self) -> datetime:
        """Return the moment, aware UTC."""
        return self._started_at + timedelta(seconds=self.seconds())

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""
        return round(self.now().timestamp() * 1000)

    def advance(self, seconds: float) -> None:
        """Move time forward and wake whoever now has slept enough."""
        if seconds < 0:
            raise ValueError("a platform's clock does not run backwards")
        self._moved_s += seconds
        self._wake_sleepers()

    def freeze(self) -> None:
        """Stop time: from here on only `advance` moves it."""
        if self._frozen_s is None:
            self._frozen_s = time.monotonic() - self._started_s
            self._wake_sleepers()

    def _wake_sleepers(self) -> None:
        woken, self._moved = self._moved, asyncio.Event()
        self._sleepers = 0
        woken.set()
        for limit, until_s in self._limits.items():
            self._set(limit, until_s)

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """Raise TimeoutError in the block when `seconds` of this clock have passed."""
        async with asyncio.timeout(None) as limit:
            until_s = self._limits[limit] = self.seconds() + seconds
            self._set(limit, until_s)
            told, self._limit_began = self._limit_began, asyncio.Event()
            told.set()
            try:
                yield
            finally:
                del self._limits[limit]

    def _set(self, limit: asyncio.Timeout, until_s: float) -> None:
        """Translate a moment of this clock into one of the event loop."""
        if limit.expired():
            return
        left_s = until_s - self.seconds()
        if self._frozen_s is not None and left_s > 0:
            limit.reschedule(None)
        else:
            limit.reschedule(asyncio.get_running_loop().time() + left_s)

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` of this clock have passed."""
        await self.sleep_until(self.seconds() + seconds)

    async def sleep_until(self, until_s: float) -> None:
        """Return when this clock's seconds have come to `until_s`."""
        while (left_s := until_s - self.seconds()) > 0:
            moved = self._moved
            self._sleepers += 1
            told, self._fell_asleep = self._fell_asleep, asyncio.Event()
            told.set()
            try:
                async with asyncio.timeout(None if self._frozen_s is not None else left_s):
                    await moved.wait()
            except TimeoutError:
                continue
            finally:
                if moved is self._moved:
                    self._sleepers -= 1

    async def wait_for_sleepers(self, count: int, *, timeout_s: float = 5.0) -> None:
        """Return when so many sleep, so that moving the hands reaches all of them."""
        async with asyncio.timeout(timeout_s):
            while self._sleepers < count:
                await self._fell_asleep.wait()

    async def wait_for_limits(self, count: int, *, timeout_s: float = 5.0) -> None:
        """Return when so many blocks of `timeout` are running."""
        async with asyncio.timeout(timeout_s):
            while len(self._limits) < count:
                await self._limit_began.wait()
