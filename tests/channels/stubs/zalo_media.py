"""Pictures, files and recordings people sent, served as the platform's media hosts serve them.

Addresses are shown under the stub's own, or under `shown_base`: set that to a media host of the
platform over http or https, or to a stranger's, where the program under test is led back here.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiohttp import web

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import ZaloIds

PREFIX: Final = "/media/"
CHUNK: Final = 64 * 1024
DEFAULT_LARGE_BYTES: Final = 64 * 1024 * 1024

_PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
_GIF: Final = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)


class MediaTrouble(StrEnum):
    """What is wrong with an address. CUT_SHORT ends before the length it told."""

    GONE = "gone"
    MOVED = "moved"
    TOO_LARGE = "too_large"
    ENDLESS = "endless"
    SLOW = "slow"
    CUT_SHORT = "cut_short"
    HTML = "html"
    ERROR_500 = "error_500"


@dataclass(slots=True, kw_only=True)
class MediaManners:
    """How the media host behaves. `trouble` holds for every address that has none of its own.

    `lasts_s`: seconds of stub time until an address is gone; None: for ever.
    `drip_s`: seconds of stub time between two bytes of a SLOW one.
    """

    shown_base: str = ""
    lasts_s: float | None = None
    trouble: MediaTrouble | None = None
    moved_to: str = "https://example.org/elsewhere.jpg"
    large_bytes: int = DEFAULT_LARGE_BYTES
    drip_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """One file under one address."""

    url: str
    name: str
    body: bytes
    content_type: str
    born_s: float
    trouble: MediaTrouble | None = None

    @property
    def checksum(self) -> str:
        """Return the MD5 the platform tells of a file."""
        return hashlib.md5(self.body, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A small file of one sort, for people who send just something."""

    name: str
    body: bytes
    content_type: str


SAMPLES: Final[Mapping[str, Sample]] = {
    "image": Sample(name="anh.png", body=_PNG, content_type="image/png"),
    "gif": Sample(name="anh.gif", body=_GIF, content_type="image/gif"),
    "audio": Sample(name="ghi-am.amr", body=b"#!AMR\n\x3c\x00", content_type="audio/amr"),
    "video": Sample(
        name="phim.mp4", body=b"\x00\x00\x00\x14ftypisom\0\0\0\0isom", content_type="video/mp4"
    ),
    "file": Sample(name="tep.pdf", body=b"%PDF-1.4\n%%EOF\n", content_type="application/pdf"),
}


class ZaloMedia:
    """The media host. `fetched` counts requests by address."""

    def __init__(
        self, *, base: Callable[[], str], clock: StubClock, ids: ZaloIds, book: RuleBook
    ) -> None:
        self.manners = MediaManners()
        self.fetched: dict[str, int] = {}
        self._base = base
        self._clock = clock
        self._ids = ids
        self._book = book
        self._kept: dict[str, Medium] = {}

    def put(
        self,
        body: bytes,
        *,
        name: str,
        content_type: str = "application/octet-stream",
        trouble: MediaTrouble | None = None,
    ) -> Medium:
        """Keep a file and return it with its address."""
        path = f"{PREFIX}{self._ids.handle()}/{name}"
        medium = Medium(
            url=f"{self.manners.shown_base or self._base()}{path}",
            name=name,
            body=body,
            content_type=content_type,
            born_s=self._clock.seconds(),
            trouble=trouble,
        )
        self._kept[path] = medium
        return medium

    def sample(self, kind: str) -> Medium:
        """Return a small file of that kind; a picture for kinds that are none."""
        sample = SAMPLES.get(kind, SAMPLES["image"])
        return self.put(sample.body, name=sample.name, content_type=sample.content_type)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request for a file."""
        if "access_token" in request.headers or "access_token" in request.query:
            self._book.note("media", "no token for a media host")
        medium = self._kept.get(request.path)
        if medium is None or request.method != "GET":
            return _gone()
        self.fetched[medium.url] = self.fetched.get(medium.url, 0) + 1
        lasts_s = self.manners.lasts_s
        if lasts_s is not None and self._clock.seconds() - medium.born_s >= lasts_s:
            return _gone()
        return await self._answer(request, medium, medium.trouble or self.manners.trouble)

    async def _answer(
        self, request: web.Request, medium: Medium, trouble: MediaTrouble | None
    ) -> web.StreamResponse:
        match trouble:
            case None:
                return web.Response(body=medium.body, content_type=medium.content_type)
            case MediaTrouble.GONE:
                return _gone()
            case MediaTrouble.ERROR_500:
                return web.Response(status=500)
            case MediaTrouble.HTML:
                return web.Response(text="<html>Đăng nhập</html>", content_type="text/html")
            case MediaTrouble.MOVED:
                return web.Response(status=302, headers={"Location": self.manners.moved_to})
            case (
                MediaTrouble.TOO_LARGE
                | MediaTrouble.ENDLESS
                | MediaTrouble.SLOW
                | MediaTrouble.CUT_SHORT
            ):
                return await self._stream(request, medium, trouble)

    async def _stream(
        self, request: web.Request, medium: Medium, trouble: MediaTrouble
    ) -> web.StreamResponse:
        """Write a body piece by piece until it ends or the client has had enough."""
        response = web.StreamResponse(headers={"Content-Type": medium.content_type})
        if trouble is MediaTrouble.TOO_LARGE:
            response.content_length = self.manners.large_bytes
        if trouble in {MediaTrouble.SLOW, MediaTrouble.CUT_SHORT}:
            response.content_length = len(medium.body)
        try:
            await response.prepare(request)
            match trouble:
                case MediaTrouble.TOO_LARGE:
                    for left in range(self.manners.large_bytes, 0, -CHUNK):
                        await response.write(b"\0" * min(CHUNK, left))
                case MediaTrouble.SLOW:
                    for byte in medium.body:
                        await self._clock.sleep(self.manners.drip_s)
                        await response.write(bytes([byte]))
                case MediaTrouble.CUT_SHORT:
                    await response.write(medium.body[:-1])
                    if request.transport is not None:
                        request.transport.close()
                case _:
                    while True:
                        await response.write(b"\0" * CHUNK)
        except ConnectionError:
            pass  # the client closed the line, as it should
        return response


def _gone() -> web.Response:
    return web.Response(status=404, text="<html>Not Found</html>", content_type="text/html")
