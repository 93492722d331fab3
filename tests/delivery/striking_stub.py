"""Telegram, which kills the one who asks, at a request that was chosen."""

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiohttp import web

from tests.channels.stubs.telegram_flood import NO_LIMITS
from tests.channels.stubs.telegram_stub import TelegramStub

# What an announcement belongs to; it stands in its title.
RUN: Final = re.compile(rb"run\d{5}")


class Moment(StrEnum):
    """When a request is on the platform's side of the line."""

    ARRIVED = "a request had arrived and nothing came of it"
    NOT_ANSWERED = "what was asked for was done and not answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """A kill from the platform's side: at which request of a run, and when."""

    run: str
    request: int
    moment: Moment


class StrikingStub(TelegramStub):
    """Telegram, which kills the one who asks at the request it was told to."""

    def __init__(self) -> None:
        super().__init__(limits=NO_LIMITS)
        self.victim = 0
        self.is_over = asyncio.Event()
        self.blow: Blow | None = None
        self.requests: Counter[str] = Counter()
        self.at_birth: Callable[[], None] = lambda: None
        self.at_request: Callable[[], None] = lambda: None
        # A chat, for which everything fails once before it goes well.
        self.stumbles_over = ""
        self._stumbled: set[bytes] = set()

    def begins(self, victim: int) -> None:
        """Take note of who lives now."""
        self.victim = victim
        self.is_over.clear()
        self.at_birth()

    def kill(self) -> None:
        """End the one who lives, as a power cut would."""
        if not self.is_over.is_set():
            with suppress(ProcessLookupError):
                os.kill(self.victim, signal.SIGKILL)

    async def _with_faults(
        self,
        request: web.Request,
        name: str,
        answer: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        # Read to its end, so it was written to its end.
        body = await request.read()
        run = RUN.search(body)
        about = run.group().decode() if run else ""
        number, self.requests[about] = self.requests[about], self.requests[about] + 1
        self.at_request()
        if self.blow == Blow(run=about, request=number, moment=Moment.ARRIVED):
            await self._strike()
            return web.Response(status=500)
        if self._stumbles(body):
            response: web.StreamResponse = web.Response(status=500)
        else:
            response = await super()._with_faults(request, name, answer)
        if self.blow == Blow(run=about, request=number, moment=Moment.NOT_ANSWERED):
            await self._strike()
        return response

    def _stumbles(self, body: bytes) -> bool:
        """Tell whether this is the first time that this is to be shown to the one in question."""
        if not self.stumbles_over or self.stumbles_over.encode() not in body:
            return False
        is_first = body not in self._stumbled
        self._stumbled.add(body)
        return is_first

    async def _strike(self) -> None:
        self.kill()
        await self.is_over.wait()
