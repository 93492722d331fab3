"""Platforms that keep every request they are asked, byte for byte, for searching."""

from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.zalo_stub import ZaloStub


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: where it went, with which headers, and its body."""

    address: bytes
    headers: bytes
    body: bytes


class _Hearing:
    """Keeps what comes before it is answered."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    async def hear(self, request: web.Request) -> None:
        self.asked.append(
            Asked(
                address=f"{request.method} {request.raw_path}".encode(),
                headers=repr(dict(request.headers)).encode(),
                body=await request.read(),
            )
        )

    def to_others(self, person: str) -> Iterator[tuple[str, bytes]]:
        """Yield what may hold nothing of `person`: all but the bodies that are for them alone."""
        for one in self.asked:
            yield "headers of a request", one.headers
            yield "address of a request", one.address
            if person.encode() not in one.body:
                yield "request about somebody else", one.body


class HeardTelegram(TelegramStub):
    """Telegram, as heard from its side."""

    def __init__(self) -> None:
        super().__init__()
        self._hearing = _Hearing()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        await self._hearing.hear(request)
        return await super()._handle(request)

    def to_others(self, person: str) -> Iterator[tuple[str, bytes]]:
        """Yield what may hold nothing of a person."""
        return self._hearing.to_others(person)


class HeardZalo(ZaloStub):
    """Zalo, as heard from its side."""

    def __init__(self) -> None:
        super().__init__()
        self._hearing = _Hearing()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        await self._hearing.hear(request)
        return await super()._handle(request)

    def to_others(self, person: str) -> Iterator[tuple[str, bytes]]:
        """Yield what may hold nothing of a person."""
        return self._hearing.to_others(person)
