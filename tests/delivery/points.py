"""The moments before and after every commit and every request of a program, by name.

Whoever commits or asks is watched from outside: nothing here knows how many points there are.
"""

import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import aiohttp

from bot.app.ground import PlatformSession
from bot.core.audit import KeyState, MovingKey
from bot.core.inbox import Arrival
from bot.core.storage import Storage, Work

_T = TypeVar("_T")


class Points:
    """Passes on the name of every point, and ends the process at one of them."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._left: int | None = None

    def die_at(self, number: int | None) -> None:
        """Die at the point of that number, counted from here; None: at none."""
        self._left = number

    def pass_by(self, name: str) -> None:
        """Be at a point."""
        self._tell(f"at {name}")
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._left is not None:
            self._left -= 1


class WatchedStorage:
    """The database; a point lies before and after every commit."""

    def __init__(self, storage: Storage, points: Points) -> None:
        self._storage = storage
        self._points = points

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        async with self._storage.begin() as work:
            commit = work.commit

            async def watched() -> None:
                who = sys._getframe(1).f_code.co_qualname
                self._points.pass_by(f"before the commit of {who}")
                await commit()
                self._points.pass_by(f"after the commit of {who}")

            work.commit = watched  # type: ignore[method-assign]  # this one alone is watched
            yield work

    def read(self) -> AbstractAsyncContextManager[Work]:
        return self._storage.read()

    async def change(self, change: Callable[[Work], Awaitable[_T]]) -> _T:
        who = sys._getframe(1).f_code.co_qualname

        async def watched(work: Work) -> _T:
            result = await change(work)
            self._points.pass_by(f"before the commit of {who}")
            return result

        result = await self._storage.change(watched)
        self._points.pass_by(f"after the commit of {who}")
        return result

    async def look(self, see: Callable[[Work], Awaitable[_T]]) -> _T:
        return await self._storage.look(see)

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        self._points.pass_by("before arrivals are accepted")
        accepted = await self._storage.accept(arrivals)
        self._points.pass_by("after arrivals were accepted")
        return accepted


class WatchedKey:
    """The key of the audit chain's MACs; a point lies on both sides of every step it moves."""

    def __init__(self, key: MovingKey, points: Points) -> None:
        self._key = key
        self._points = points

    def state(self) -> KeyState | None:
        return self._key.state()

    def begin(self, number: int) -> KeyState:
        self._points.pass_by("before the key of the chain begins")
        return self._key.begin(number)

    def mac(self, number: int, digest: bytes) -> bytes:
        return self._key.mac(number, digest)

    def advance(self, number: int, mark: str) -> None:
        self._points.pass_by("before the key of the chain moves")
        self._key.advance(number, mark)
        self._points.pass_by("after the key of the chain moved")


class WatchedSession(PlatformSession):
    """The line to platforms; a point lies before every request and after every answer."""

    def __init__(self, points: Points) -> None:
        super().__init__()
        self._points = points

    def __call__(self) -> aiohttp.ClientSession:
        if self._session is None:
            tracing = aiohttp.TraceConfig()
            tracing.on_request_start.append(self._begins)
            tracing.on_request_end.append(self._is_answered)
            self._session = aiohttp.ClientSession(trace_configs=[tracing])
        return self._session

    async def _begins(self, *_about: object) -> None:
        self._points.pass_by("before a request")

    async def _is_answered(self, *_about: object) -> None:
        self._points.pass_by("after an answer")
