"""Files the stand-in Telegram keeps: by handle, and for an hour by a download link.

Switches for a test: `expire_links()`, `shows_size` (getFile may tell no size), `serves` (what the
download page really sends, when it should differ from the file), and faults with the method
"file" (SLOW, TRICKLE, ENDLESS, CLOSE_AFTER ...).
"""

import mimetypes
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from tests.channels.stubs.sent_log import SentFile
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_members import Body
from tests.channels.stubs.telegram_request import TelegramRefusal

DOWNLOAD_MAX_BYTES: Final = 20 * 1024 * 1024
# The platform promises at least one hour; the strict reading is that it is not longer.
LINK_LIFE_S: Final = 3600.0
# JPEG, PNG, WebP, GIF, BMP: what the platform makes a photo of.
PICTURE_BEGINNINGS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF8", b"BM")

# The smallest PNG, for where any picture will do.
A_PICTURE: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b"
    "550000000a49444154789c63f80f0001010100b138f6140000000049454e44ae426082"
)

_FOLDERS: Final = {"photo": "photos", "document": "documents", "voice": "voice", "video": "videos"}
_ENDINGS: Final = {"photo": ".jpg", "voice": ".oga", "video": ".mp4"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """One file; `size_bytes` may be more than `data` holds, where only its size matters."""

    file_id: str
    kind: str
    name: str
    mime_type: str
    size_bytes: int
    data: bytes
    duration_s: int = 0

    def as_media(self) -> Body:
        """Return the field of a Message that shows this file."""
        handle: Body = {
            "file_id": self.file_id,
            "file_unique_id": f"u-{self.file_id}",
            "file_size": self.size_bytes,
        }
        match self.kind:
            case "photo":
                small = handle | {"file_id": f"{self.file_id}-s", "file_size": 1200}
                return {
                    "photo": [
                        small | {"width": 90, "height": 67},
                        handle | {"width": 1280, "height": 960},
                    ]
                }
            case "voice":
                return {"voice": handle | {"duration": self.duration_s, "mime_type": "audio/ogg"}}
            case "video":
                shape: Body = {"width": 640, "height": 360, "duration": self.duration_s}
                return {"video": handle | shape | {"mime_type": "video/mp4"}}
            case _:
                return {self.kind: handle | {"file_name": self.name, "mime_type": self.mime_type}}

    def as_sent(self, *, reference: str = "") -> SentFile:
        """Return the file as the log keeps it; `reference` if it was sent by its handle."""
        if reference:
            return SentFile(kind=self.kind, reference=reference)
        return SentFile(kind=self.kind, name=self.name, size_bytes=self.size_bytes)


@dataclass(slots=True, kw_only=True)
class _Link:
    file: StoredFile
    until_s: float


@dataclass(slots=True, kw_only=True)
class FileStore:
    """Everything that was ever uploaded, by people and by the bot."""

    clock: StubClock
    shows_size: bool = True
    serves: bytes | None = None
    _files: dict[str, StoredFile] = field(default_factory=dict)
    _links: dict[str, _Link] = field(default_factory=dict)

    def keep(
        self, kind: str, *, name: str = "", data: bytes = A_PICTURE, size_bytes: int | None = None
    ) -> StoredFile:
        """Store a file and give it a handle."""
        number = len(self._files)
        shown = name or f"file_{number}{_ENDINGS.get(kind, '.bin')}"
        file = StoredFile(
            file_id=f"AgAD{kind}{number:06}",
            kind=kind,
            name=shown,
            mime_type=mimetypes.guess_type(shown)[0] or "application/octet-stream",
            size_bytes=len(data) if size_bytes is None else size_bytes,
            data=data,
            duration_s=3 if kind in {"voice", "video"} else 0,
        )
        self._files[file.file_id] = file
        return file

    def find(self, file_id: str) -> StoredFile:
        """Return a file by its handle; TelegramRefusal if it is none of this bot's."""
        file = self._files.get(file_id.removesuffix("-s"))
        if file is None:
            raise TelegramRefusal(
                400,
                "Bad Request: wrong file identifier/HTTP URL specified",
                rule="a known file_id",
            )
        return file

    def link(self, file_id: str) -> Body:
        """Return the Bot API's File object with a path that is good for an hour."""
        if not file_id:
            raise TelegramRefusal(
                400, "Bad Request: file_id not specified", rule="a file has a file_id"
            )
        try:
            file = self.find(file_id)
        except TelegramRefusal:
            raise TelegramRefusal(
                400, "Bad Request: invalid file_id", rule="a known file_id"
            ) from None
        if file.size_bytes > DOWNLOAD_MAX_BYTES:
            raise TelegramRefusal(400, "Bad Request: file is too big")
        ending = _ENDINGS.get(file.kind) or (
            f".{file.name.rpartition('.')[2]}" if "." in file.name else ""
        )
        number = file.file_id[-6:].lstrip("0") or "0"
        path = f"{_FOLDERS.get(file.kind, 'documents')}/file_{number}{ending}"
        self._links[path] = _Link(file=file, until_s=self.clock.seconds() + LINK_LIFE_S)
        shown: Body = {"file_id": file_id, "file_unique_id": f"u-{file.file_id}"}
        if self.shows_size:
            shown["file_size"] = file.size_bytes
        return shown | {"file_path": path}

    def expire_links(self) -> None:
        """End every download link now; the handles stay good."""
        self._links.clear()

    def page(self, path: str) -> web.Response:
        """Return the bytes behind a link; TelegramRefusal 404 if there is none any more."""
        link = self._links.get(path)
        if link is None or self.clock.seconds() >= link.until_s:
            raise TelegramRefusal(404, "Not Found")
        data = link.file.data if self.serves is None else self.serves
        return web.Response(body=data, content_type="application/octet-stream")
