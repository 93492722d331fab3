"""Troubles a test asks for: the next answer is an error, a rubbish page, silence, a cut line.

Leaves to each platform how its own refusals look (`FaultKind.REFUSED`).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from aiohttp import web

from tests.channels.stubs.stub_clock import StubClock


class FaultKind(StrEnum):
    """What goes wrong."""

    ERROR_500 = "error_500"
    HTML_502 = "html_502"
    HTML_504 = "html_504"
    RUBBISH = "rubbish"
    EMPTY = "empty"
    HANG = "hang"
    SLOW = "slow"
    TRICKLE = "trickle"
    ENDLESS = "endless"
    CLOSE_BEFORE = "close_before"
    CLOSE_AFTER = "close_after"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One scripted trouble.

    `method` and `to` narrow it (None: any); `skip` requests go by first, then it happens `times`
    times. `accepted` says that the request was carried out all the same, only the answer is bad;
    CLOSE_AFTER, SLOW and TRICKLE always carry it out. TRICKLE hands the answer over in pieces of
    `piece_bytes`, `delay_s` apart; ENDLESS never stops sending. `code`, `text`, `retry_after_s`
    and (Telegram) `migrate_to` are for REFUSED.
    """

    kind: FaultKind
    method: str | None = None
    to: str | None = None
    skip: int = 0
    times: int = 1
    accepted: bool = False
    delay_s: float = 1.0
    code: int = 0
    text: str = ""
    retry_after_s: int = 0
    piece_bytes: int = 1024
    migrate_to: int = 0

    def fits(self, method: str, raw: bytes) -> bool:
        """Tell whether this request is one it is meant for; `raw` holds the recipient."""
        if self.method is not None and self.method != method:
            return False
        if self.to is None:
            return True
        whole = rb"(?<![\w-])" + re.escape(self.to.encode()) + rb"(?!\w)"
        return re.search(whole, raw) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request about to be answered: the two honest ways to do so."""

    request: web.Request
    answer: Callable[[], Awaitable[web.StreamResponse]]
    refuse: Callable[[Fault], web.StreamResponse]


class FaultScript:
    """The troubles still to come, in the order they were asked for."""

    def __init__(self, *, clock: StubClock) -> None:
        self._clock = clock
        self._faults: list[Fault] = []
        self._released = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is left over."""
        return not self._faults

    def add(self, fault: Fault) -> None:
        """Ask for one more trouble."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Forget what has not happened yet."""
        self._faults.clear()

    def release(self) -> None:
        """Let go of every request that hangs."""
        released, self._released = self._released, asyncio.Event()
        released.set()

    async def raw_of(self, request: web.Request) -> bytes:
        """Return what a fault may look into: the query and the body, whatever its form."""
        if self.is_empty:
            return b""
        return request.query_string.encode() + b" " + await request.read()

    def take(self, method: str, raw: bytes) -> Fault | None:
        """Return the trouble of this request, or None."""
        for at, fault in enumerate(self._faults):
            if not fault.fits(method, raw):
                continue
            if fault.skip > 0:
                self._faults[at] = replace(fault, skip=fault.skip - 1)
                continue
            if fault.times > 1:
                self._faults[at] = replace(fault, times=fault.times - 1)
            else:
                del self._faults[at]
            return fault
        return None

    async def play(self, fault: Fault, attempt: Attempt) -> web.StreamResponse:
        """Answer one request badly, as `fault` says."""
        carried_out = fault.kind in _CARRIED_OUT or fault.accepted
        if fault.kind is FaultKind.SLOW:
            await self._clock.sleep(fault.delay_s)
        good = await attempt.answer() if carried_out else web.Response(status=500)
        match fault.kind:
            case FaultKind.SLOW:
                return good
            case FaultKind.TRICKLE:
                return await self._trickle(fault, attempt.request, good)
            case FaultKind.ENDLESS:
                return await self._flood(attempt.request)
            case FaultKind.REFUSED:
                return attempt.refuse(fault)
            case FaultKind.EMPTY:
                return web.Response(text="")
            case FaultKind.ERROR_500 | FaultKind.HTML_502 | FaultKind.HTML_504 | FaultKind.RUBBISH:
                return _broken_page(fault.kind)
            case FaultKind.HANG | FaultKind.CLOSE_BEFORE | FaultKind.CLOSE_AFTER:
                if fault.kind is FaultKind.HANG:
                    await self._released.wait()
                return _cut(attempt.request, good)

    async def _trickle(
        self, fault: Fault, request: web.Request, good: web.StreamResponse
    ) -> web.StreamResponse:
        """Send a good answer piece by piece."""
        whole = good.body if isinstance(good, web.Response) else b""
        data = whole if isinstance(whole, bytes) else b""
        stream = web.StreamResponse(
            status=good.status, headers={"Content-Type": good.content_type}
        )
        stream.content_length = len(data)
        try:
            await stream.prepare(request)
            for at in range(0, len(data), fault.piece_bytes):
                await self._clock.sleep(fault.delay_s)
                await stream.write(data[at : at + fault.piece_bytes])
        except ConnectionError:
            pass  # the client had enough
        return stream

    async def _flood(self, request: web.Request) -> web.StreamResponse:
        """Send bytes until the client goes away or `release` is called."""
        released = self._released
        stream = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        try:
            await stream.prepare(request)
            while not released.is_set():
                await stream.write(_WATER)
        except ConnectionError:
            pass  # the client had enough
        return stream


_CARRIED_OUT: Final = frozenset({FaultKind.CLOSE_AFTER, FaultKind.SLOW, FaultKind.TRICKLE})
_GATEWAY_PAGES: Final = {
    FaultKind.HTML_502: (502, "Bad Gateway"),
    FaultKind.HTML_504: (504, "Gateway Time-out"),
}
_WATER: Final = bytes(64 * 1024)


def _broken_page(kind: FaultKind) -> web.Response:
    """Return what a gateway or a broken server shows."""
    if kind in _GATEWAY_PAGES:
        status, title = _GATEWAY_PAGES[kind]
        page = f"<html><head><title>{status} {title}</title></head><body></body></html>"
        return web.Response(status=status, text=page, content_type="text/html")
    if kind is FaultKind.RUBBISH:
        return web.Response(text='{"ok": tru', content_type="application/json")
    return web.Response(status=500, text="Internal Server Error")


def _cut(request: web.Request, unseen: web.StreamResponse) -> web.StreamResponse:
    """Break the connection without a byte of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return unseen
