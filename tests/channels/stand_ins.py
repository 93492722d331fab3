"""Working stand-ins for what adapters get from the program: time, chance, credentials, words."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Self

from aiohttp import web

from bot.core.channels import Credentials, Renewal, WebhookRequest
from bot.core.errors import NotFound
from bot.core.ids import AttachmentId, ChannelId
from bot.core.languages import Language
from bot.core.messages import Attachment, AttachmentKind
from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.stub_clock import StubClock


class PlatformTime:
    """The program's clock, showing the platform's time; sleeping moves it on."""

    def __init__(self, clock: StubClock) -> None:
        self._clock = clock
        self.pauses_s: list[float] = []
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.seconds()

    async def sleep(self, seconds: float) -> None:
        self.pauses_s.append(seconds)
        self._clock.advance(seconds)
        self._moved.set()
        await asyncio.sleep(0)

    async def has_moved_by(self, seconds: float) -> None:
        """Return when others have slept that long."""
        until_s = self.monotonic() + seconds
        while self.monotonic() < until_s:
            self._moved.clear()
            await self._moved.wait()


class MemoryAttachments:
    """What goes out with messages, in memory. Fits `bot.core.channels.AttachmentStore`.

    With `now` an upload runs out; `reads` counts how often bytes were asked for.
    """

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self._now = now
        self.reads = 0
        self.bodies: dict[AttachmentId, bytes] = {}
        self.tokens: dict[tuple[ChannelId, AttachmentId], tuple[str, datetime]] = {}

    async def read(self, attachment_id: AttachmentId) -> bytes:
        self.reads += 1
        if attachment_id not in self.bodies:
            raise NotFound("no such attachment")
        return self.bodies[attachment_id]

    async def uploaded(self, channel_id: ChannelId, attachment_id: AttachmentId) -> str | None:
        found = self.tokens.get((channel_id, attachment_id))
        if found is None or (self._now is not None and found[1] <= self._now()):
            return None
        return found[0]

    async def note_upload(
        self, channel_id: ChannelId, attachment_id: AttachmentId, token: str, *, until: datetime
    ) -> None:
        self.tokens[channel_id, attachment_id] = (token, until)
        if not token:
            del self.tokens[channel_id, attachment_id]

    def put(self, name: str, body: bytes, *, media_type: str = "image/jpeg") -> Attachment:
        """Keep the bytes and return what a message names them by."""
        attachment_id = AttachmentId(hashlib.sha256(name.encode() + body).hexdigest()[:32])
        self.bodies[attachment_id] = body
        is_picture = media_type.startswith("image/")
        return Attachment(
            id=attachment_id,
            kind=AttachmentKind.PICTURE if is_picture else AttachmentKind.FILE,
            name=name,
            media_type=media_type,
            size_bytes=len(body),
        )


class NoChance:
    """Chance that always gives the least."""

    def token(self, size_bytes: int) -> bytes:
        return bytes(size_bytes)

    def below(self, limit: int) -> int:
        return 0


class MemoryCredentials:
    """One account's credentials in memory; one renewal at a time, as the port promises."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.stored = Credentials(values=dict(values), version=1)
        self.reported: list[str] = []
        self.facts: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def load(self) -> Credentials:
        return self.stored

    async def renew(self, seen: Credentials, renewal: Renewal) -> Credentials:
        async with self._lock:
            if self.stored.version == seen.version:
                values = await renewal(self.stored)
                self.put(values)
            return self.stored

    async def report(self, trouble: str) -> None:
        self.reported.append(trouble)

    async def learned(self, name: str, value: str) -> None:
        self.facts[name] = value

    def put(self, values: Mapping[str, str]) -> None:
        """Store a pair as another process (or an officer) would."""
        self.stored = Credentials(values=dict(values), version=self.stored.version + 1)


def say_key(key: str, language: Language, /, **values: str | int) -> str:
    """Say the key and the values instead of a sentence."""
    return " ".join([key, *(f"{name}={value}" for name, value in values.items())])


class Doorstep:
    """A web server that takes whatever a platform posts and keeps it as the adapter gets it."""

    def __init__(self) -> None:
        self.status = 200
        self._arrived: asyncio.Queue[WebhookRequest] = asyncio.Queue()
        self._server = LoopbackServer(self._take)

    @property
    def url(self) -> str:
        return self._server.url

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._server.stop()

    async def next(self) -> WebhookRequest:
        """Return the oldest request not taken yet, waiting for one if there is none."""
        async with asyncio.timeout(5):
            return await self._arrived.get()

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self._arrived.put_nowait(WebhookRequest(headers=headers, body=await request.read()))
        return web.Response(status=self.status)
