"""A receiver of webhooks that keeps what it hears and answers from a script; tests stubs only."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from tests.channels.stubs.loopback_server import LoopbackServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request as it came in."""

    body: bytes
    headers: Mapping[str, str]


class WebhookEar:
    """Answers 200 unless `answers` holds something else; None there means silence."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: deque[web.Response | None] = deque()
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()
        self._server = LoopbackServer(self._listen)

    @property
    def url(self) -> str:
        """Return where to send events."""
        return f"{self._server.url}/hook"

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._closing.set()
        await self._server.stop()

    async def wait_for(self, count: int, timeout_s: float = 5.0) -> list[Heard]:
        """Return what was heard as soon as there are `count`."""
        async with asyncio.timeout(timeout_s):
            while len(self.heard) < count:
                await self._changed.wait()
        return self.heard

    async def _listen(self, request: web.Request) -> web.Response:
        self.heard.append(Heard(body=await request.read(), headers=dict(request.headers)))
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        answer = self.answers.popleft() if self.answers else web.Response()
        if answer is None:
            await self._closing.wait()
            return web.Response(status=500)
        return answer
