"""What goes out with announcements: kept once by its contents, uploaded to a platform once."""

import hashlib
from datetime import datetime

from bot.core.ids import AttachmentId, ChannelId
from bot.core.storage import Storage
from bot.core.time import Clock


def attachment_id_of(body: bytes) -> AttachmentId:
    """Return the id of an attachment: the same bytes are the same attachment."""
    return AttachmentId(hashlib.sha256(body).hexdigest()[:32])


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
