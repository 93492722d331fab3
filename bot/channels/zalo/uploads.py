"""Pictures and files on their way to Zalo: uploaded once, used by every message for a week.

What may be uploaded is decided here, before a byte leaves; making a picture smaller is left to
whoever took it in from an officer.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from bot.channels.zalo.api import OaApi
from bot.channels.zalo.calls import Answer, Parcel
from bot.core.channels import AttachmentStore
from bot.core.errors import NotFound, StorageTrouble
from bot.core.ids import AttachmentId, ChannelId
from bot.core.messages import Attachment
from bot.core.sending import MessageRefused, NoAnswer, PlatformTrouble, SendError
from bot.core.time import Clock

log: Final = logging.getLogger(__name__)

_MB: Final = 1024 * 1024
# An upload lives seven days; what is on its way when they end must still find it.
UPLOAD_LIFE: Final = timedelta(days=7) - timedelta(hours=6)
NAME_LIMIT: Final = 200
# An upload that failed is not repeated by each of the messages that wait for it.
REST_S: Final = 5.0

_NOT_IN_A_NAME: Final = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]+')
_GIF_HEADER_BYTES: Final = 10


class UploadKind(StrEnum):
    """The three doors for uploads; the names stand in their addresses."""

    IMAGE = "image"
    GIF = "gif"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """What one door takes: extensions with the first bytes of such a file, and how many bytes."""

    begins: Mapping[str, tuple[bytes, ...]]
    most_bytes: int


_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
FORMS: Final[Mapping[UploadKind, UploadForm]] = {
    UploadKind.IMAGE: UploadForm(
        begins={
            "jpg": (b"\xff\xd8\xff",),
            "jpeg": (b"\xff\xd8\xff",),
            "png": (b"\x89PNG\r\n\x1a\n",),
        },
        most_bytes=_MB,
    ),
    UploadKind.GIF: UploadForm(begins={"gif": (b"GIF87a", b"GIF89a")}, most_bytes=5 * _MB),
    UploadKind.FILE: UploadForm(
        begins={
            "pdf": (b"%PDF-",),
            # Programs save either form under either name.
            "doc": (_OLD_OFFICE, _ZIP, b"{\\rtf"),
            "docx": (_ZIP, _OLD_OFFICE),
            "csv": (b"",),
        },
        most_bytes=5 * _MB,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """What a message names an upload by. `width` and `height` in pixels, of a gif alone."""

    kind: UploadKind
    token: str = field(repr=False)
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    handle: Handle
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    error: SendError
    until_s: float


class _Uploaded(msgspec.Struct):
    attachment_id: str | int = ""
    token: str | int = ""


class Uploads:
    """The uploads of one account, one at a time for each attachment."""

    def __init__(
        self,
        channel_id: ChannelId,
        *,
        api: OaApi,
        store: AttachmentStore,
        clock: Clock,
        refusal: Callable[[Answer], SendError],
    ) -> None:
        """`refusal` says what a code in the answer to an upload means."""
        self._channel_id = channel_id
        self._api = api
        self._store = store
        self._clock = clock
        self._refusal = refusal
        self._known: dict[AttachmentId, _Known] = {}
        self._failed: dict[AttachmentId, _Failed] = {}
        self._locks: dict[AttachmentId, asyncio.Lock] = {}

    async def handle(self, attachment: Attachment) -> Handle:
        """Return what the attachment is known by, uploading it if need be.

        Raise `MessageRefused` for what Zalo takes in no form, or another `SendError`.
        """
        found = self._at_hand(attachment)
        return found or await self._fetched(attachment, refused="")

    async def renewed(self, attachment: Attachment, refused: Handle) -> Handle:
        """Return another upload than `refused`, which Zalo no longer knows."""
        return await self._fetched(attachment, refused=refused.token)

    def _at_hand(self, attachment: Attachment) -> Handle | None:
        known = self._known.get(attachment.id)
        return known.handle if known and self._clock.now() < known.until else None

    async def _fetched(self, attachment: Attachment, *, refused: str) -> Handle:
        lock = self._locks.setdefault(attachment.id, asyncio.Lock())
        async with lock:
            # Whoever waited may find it done, or failed, by another.
            found = self._at_hand(attachment)
            if found is not None and found.token != refused:
                return found
            failed = self._failed.get(attachment.id)
            if failed is not None and self._clock.monotonic() < failed.until_s:
                raise failed.error.with_traceback(None)
            try:
                handle = await self._remembered(attachment, refused=refused)
            except SendError as error:
                until_s = self._clock.monotonic() + REST_S
                self._failed[attachment.id] = _Failed(error=error, until_s=until_s)
                raise
            self._failed.pop(attachment.id, None)
            return handle

    async def _remembered(self, attachment: Attachment, *, refused: str) -> Handle:
        """Return what the store remembers, or upload. Only for the holder of the lock."""
        kind = kind_of(attachment)
        try:
            token = await self._store.uploaded(self._channel_id, attachment.id)
            if token and token == refused:
                await self._forget(attachment)
                token = None
            if token and kind is not UploadKind.GIF:
                handle = Handle(kind=kind, token=token)
                # How much longer the store will know it is the store's to say.
                self._keep(attachment, handle, until=self._clock.now() + timedelta(minutes=5))
                return handle
            body = await self._store.read(attachment.id)
        except NotFound:
            raise MessageRefused("the attachment is gone") from None
        except StorageTrouble as error:
            raise PlatformTrouble("the attachment cannot be read") from error
        check_bytes(attachment, body)
        handle = _handle(kind, token or "", body)
        return handle if token else await self._upload(attachment, handle, body)

    async def _forget(self, attachment: Attachment) -> None:
        now = self._clock.now()
        await self._store.note_upload(self._channel_id, attachment.id, "", until=now)

    async def _upload(self, attachment: Attachment, shape: Handle, body: bytes) -> Handle:
        until = self._clock.now() + UPLOAD_LIFE
        parcel = Parcel(name=upload_name(attachment), media_type=attachment.media_type, body=body)
        try:
            answer = await self._api.upload(f"/v2.0/oa/upload/{shape.kind}", parcel)
        except NoAnswer as error:
            # Whether the file arrived is no matter: the message itself was not sent.
            raise PlatformTrouble(f"upload: {error}") from error
        if answer.code != 0:
            raise self._refusal(answer)
        token = _token_of(answer.data)
        if not token:
            # Zalo's way of saying that it did not like the file, with a success.
            raise PlatformTrouble("upload without an id in the answer")
        handle = Handle(kind=shape.kind, token=token, width=shape.width, height=shape.height)
        self._keep(attachment, handle, until=until)
        try:
            await self._store.note_upload(self._channel_id, attachment.id, token, until=until)
        except StorageTrouble:
            # Known for as long as this process runs; the next one uploads again.
            log.warning("zalo.upload_not_noted", extra={"channel_id": self._channel_id})
        return handle

    def _keep(self, attachment: Attachment, handle: Handle, *, until: datetime) -> None:
        self._known[attachment.id] = _Known(handle=handle, until=until)


def kind_of(attachment: Attachment) -> UploadKind:
    """Return the door an attachment goes through. Raise `MessageRefused` if it fits none."""
    extension = _extension(attachment.name)
    for kind, form in FORMS.items():
        if extension in form.begins:
            if attachment.size_bytes > form.most_bytes:
                raise MessageRefused(f"{kind} of more than {form.most_bytes // _MB} MB")
            return kind
    raise MessageRefused(f"no attachment of type {extension[:10] or 'unknown'}")


def check_bytes(attachment: Attachment, body: bytes) -> None:
    """Refuse bytes that are not what the name says. Raise `MessageRefused`."""
    form = FORMS[kind_of(attachment)]
    if not body or len(body) > form.most_bytes:
        raise MessageRefused(f"an attachment of {len(body)} bytes")
    if not body.startswith(form.begins[_extension(attachment.name)]):
        raise MessageRefused("an attachment that is not what its name says")


def gif_size(body: bytes) -> tuple[int, int]:
    """Return width and height in pixels out of a gif's header. Raise `MessageRefused`."""
    width = int.from_bytes(body[6:8], "little")
    height = int.from_bytes(body[8:_GIF_HEADER_BYTES], "little")
    if len(body) < _GIF_HEADER_BYTES or not width or not height:
        raise MessageRefused("a gif without a size")
    return width, height


def upload_name(attachment: Attachment) -> str:
    """Return the name with its extension, at most 200 characters and none that breaks a header."""
    stem, _, extension = attachment.name.rpartition(".")
    stem = " ".join(_NOT_IN_A_NAME.sub(" ", stem).split()) or "tep"
    return f"{stem[: NAME_LIMIT - len(extension) - 1]}.{extension}"


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if stem and dot else ""


def _handle(kind: UploadKind, token: str, body: bytes) -> Handle:
    width, height = gif_size(body) if kind is UploadKind.GIF else (0, 0)
    return Handle(kind=kind, token=token, width=width, height=height)


def _token_of(data: bytes) -> str:
    try:
        told = msgspec.json.decode(data, type=_Uploaded)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    return str(told.attachment_id or told.token)
