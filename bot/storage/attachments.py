"""What goes out with announcements, and under which names platforms keep it for a while."""

from datetime import datetime

from sqlalchemy import delete, select

from bot.core.errors import NotFound
from bot.core.ids import AttachmentId, ChannelId
from bot.core.messages import Attachment
from bot.storage import tables
from bot.storage.statements import Statements, first_noun, insert, upsert, values_of

_attachments = tables.attachments
_uploads = tables.uploads
_announcements = tables.announcements
_described = tuple(_attachments.c[name] for name in Attachment.__dataclass_fields__)


class SqlAttachments:
    """What goes out with announcements."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, attachment: Attachment, body: bytes, *, at: datetime) -> None:
        """Keep an attachment; the same id again changes nothing but the moment."""
        values = {**values_of(attachment), "body": body, "added_at": at}
        fresh = insert(self._db, _attachments)
        again = {"added_at": fresh.excluded.added_at}
        kept = fresh.on_conflict_do_update(index_elements=["id"], set_=again)
        await self._db.count(kept, values)

    async def get(self, attachment_id: AttachmentId) -> Attachment:
        """Return what is known of it. Raise `NotFound`."""
        statement = select(*_described).where(_attachments.c.id == attachment_id)
        attachment = first_noun(Attachment, await self._db.rows(statement))
        if attachment is None:
            raise NotFound(f"attachment {attachment_id}")
        return attachment

    async def body(self, attachment_id: AttachmentId) -> bytes:
        """Return its bytes. Raise `NotFound`."""
        statement = select(_attachments.c.body).where(_attachments.c.id == attachment_id)
        found = await self._db.rows(statement)
        if not found:
            raise NotFound(f"attachment {attachment_id}")
        return bytes(found[0].body)

    async def uploaded(
        self, channel_id: ChannelId, attachment_id: AttachmentId, *, now: datetime
    ) -> str | None:
        """Return what the platform knows it by, unless that has run out."""
        statement = select(_uploads.c.token).where(
            _uploads.c.channel_id == channel_id,
            _uploads.c.attachment_id == attachment_id,
            _uploads.c.until > now,
        )
        found = await self._db.rows(statement)
        return str(found[0].token) if found else None

    async def note_upload(
        self, channel_id: ChannelId, attachment_id: AttachmentId, token: str, *, until: datetime
    ) -> None:
        """Remember what the platform knows it by; an empty token forgets it."""
        ours = (
            _uploads.c.channel_id == channel_id,
            _uploads.c.attachment_id == attachment_id,
        )
        if not token:
            await self._db.count(delete(_uploads).where(*ours))
            return
        statement = upsert(self._db, _uploads, keys=("channel_id", "attachment_id"))
        values = {
            "channel_id": channel_id,
            "attachment_id": attachment_id,
            "token": token,
            "until": until,
        }
        await self._db.count(statement, values)

    async def forget_unused_before(self, at: datetime) -> int:
        """Delete what was added before then and goes with no announcement; return how many."""
        used = select(_announcements.c.id).where(
            _announcements.c.attachment_id == _attachments.c.id
        )
        unused = (_attachments.c.added_at < at, ~used.exists())
        ids = select(_attachments.c.id).where(*unused)
        await self._db.count(delete(_uploads).where(_uploads.c.attachment_id.in_(ids)))
        return await self._db.count(delete(_attachments).where(*unused))

    async def forget_uploads_before(self, at: datetime) -> int:
        """Forget names that had run out by then; return how many."""
        return await self._db.count(delete(_uploads).where(_uploads.c.until < at))
