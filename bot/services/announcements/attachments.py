"""What goes out with announcements: checked, kept once by its contents, uploaded once.

Pictures are made anew before they are kept, so that nothing is stored that tells where they were
taken; what a file is, is told in `bot.services.announcements.file_kinds`.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote

from bot.core.ids import AttachmentId, ChannelId
from bot.core.messages import Attachment, AttachmentKind
from bot.core.pictures import PictureCleaning
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.announcements.file_kinds import (
    MEDIA_TYPES,
    FileRefused,
    file_kind,
    looks_like_a_picture,
    safe_name,
)

# What a telephone takes today, and some; it is made small before it is kept.
UPLOAD_MOST_BYTES: Final = 15_000_000
# The name a telephone gave may tell when it was taken, or who is on it.
_PICTURE_NAME: Final = "hinh-anh.jpg"
_JPEG: Final = "image/jpeg"


def attachment_id_of(name: str, body: bytes) -> AttachmentId:
    """Return the id of an attachment: the same bytes by the same name are the same attachment."""
    return AttachmentId(hashlib.sha256(name.encode() + b"\0" + body).hexdigest()[:32])


def headers_of(attachment: Attachment) -> Mapping[str, str]:
    """Return the headers, name -> value, by which a browser shows a picture and saves a file."""
    way = "inline" if attachment.kind is AttachmentKind.PICTURE else "attachment"
    return {
        "Content-Type": attachment.media_type,
        # RFC 6266: a name with marks travels percent-encoded.
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(attachment.name)}",
        # Whatever a file holds, it is not a page of ours.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


class Attachments:
    """Takes in pictures and files."""

    def __init__(self, *, storage: Storage, cleaning: PictureCleaning, clock: Clock) -> None:
        self._storage = storage
        self._cleaning = cleaning
        self._clock = clock

    async def keep(self, name: str, body: bytes) -> Attachment:
        """Keep a picture or file, whichever it is by its contents. Raise `RuleBroken`."""
        if looks_like_a_picture(body):
            return await self.keep_picture(body)
        return await self.keep_file(name, body)

    async def keep_picture(self, body: bytes) -> Attachment:
        """Keep a picture, made anew as a JPEG. Raise `RuleBroken`."""
        if len(body) > UPLOAD_MOST_BYTES:
            raise FileRefused("file_too_large", most_mb=UPLOAD_MOST_BYTES // 1_000_000)
        return await self._kept(
            AttachmentKind.PICTURE, _PICTURE_NAME, _JPEG, await self._cleaning.clean(body)
        )

    async def keep_file(self, name: str, body: bytes) -> Attachment:
        """Keep a PDF, Word or CSV file as it is. Raise `FileRefused`."""
        kind = file_kind(name, body)
        return await self._kept(
            AttachmentKind.FILE, safe_name(name, kind), MEDIA_TYPES[kind], body
        )

    async def _kept(
        self, kind: AttachmentKind, name: str, media_type: str, body: bytes
    ) -> Attachment:
        attachment = Attachment(
            id=attachment_id_of(name, body),
            kind=kind,
            name=name,
            media_type=media_type,
            size_bytes=len(body),
        )
        async with self._storage.begin() as work:
            await work.attachments.add(attachment, body, at=self._clock.now())
            await work.commit()
        return attachment

    async def described(self, attachment_id: AttachmentId) -> Attachment:
        """Return what is known of one. Raise `NotFound`."""
        async with self._storage.read() as work:
            return await work.attachments.get(attachment_id)

    async def body(self, attachment_id: AttachmentId) -> bytes:
        """Return its bytes. Raise `NotFound`."""
        async with self._storage.read() as work:
            return await work.attachments.body(attachment_id)


class StoredAttachments:
    """Attachments in the database. Fits `bot.core.channels.AttachmentStore`."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def read(self, attachment_id: AttachmentId) -> bytes:
        """Return the bytes. Raise `NotFound`."""
        async with self._storage.read() as work:
            return await work.attachments.body(attachment_id)

    async def uploaded(self, channel_id: ChannelId, attachment_id: AttachmentId) -> str | None:
        """Return what the platform knows it by, if it was uploaded and has not run out."""
        now = self._clock.now()
        async with self._storage.read() as work:
            return await work.attachments.uploaded(channel_id, attachment_id, now=now)

    async def note_upload(
        self, channel_id: ChannelId, attachment_id: AttachmentId, token: str, *, until: datetime
    ) -> None:
        """Remember what the platform knows it by until then; an empty token forgets it."""
        async with self._storage.begin() as work:
            await work.attachments.note_upload(channel_id, attachment_id, token, until=until)
            await work.commit()
