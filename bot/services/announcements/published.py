"""What everybody may read: the newest text of each announcement, and nothing taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.announcements import Amendment, Announcement, AnnouncementState
from bot.core.errors import NotFound
from bot.core.ids import AttachmentId, UnitId
from bot.core.messages import Attachment
from bot.core.storage import Storage, Work
from bot.core.units import Unit
from bot.services.announcements.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An announcement as the public sees it.

    `published_at` is when the first text of it went out, `corrected_at` when this one did, if
    it is not the first. `text` is as it reads in its unit.
    """

    announcement: Announcement
    text: str
    unit: Unit
    published_at: datetime
    corrected_at: datetime | None = None
    attachment: Attachment | None = None


class TakenBack(NotFound):
    """What stood here was taken back. Its words are not to be shown any more."""


class Published:
    """Looks at what is public."""

    def __init__(self, *, storage: Storage, texts: Texts) -> None:
        self._storage = storage
        self._texts = texts

    async def newest(self, *, limit: int = 50) -> list[Notice]:
        """Return what the bulletin shows, newest first."""
        async with self._storage.read() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            found = await work.announcements.public(limit=limit)
            return [await self._notice(work, one, units) for one in found]

    async def by_slug(self, slug: str) -> Notice:
        """Return the newest text of what stood under this address. Raise `NotFound`, `TakenBack`.

        The address of an earlier text leads to the correction, which has one of its own.
        """
        async with self._storage.read() as work:
            found = await work.announcements.by_slug(slug)
            if found is None or not found.is_public or found.started_at is None:
                raise NotFound("no such announcement")
            newest = await _newest(work, found)
            if newest.state is AnnouncementState.CANCELLED:
                raise NotFound("no such announcement")
            units = {unit.id: unit for unit in await work.units.all()}
            return await self._notice(work, newest, units)

    async def attachment(self, slug: str, attachment_id: AttachmentId) -> tuple[Attachment, bytes]:
        """Return a picture or file of a public announcement. Raise `NotFound`."""
        notice = await self.by_slug(slug)
        if notice.attachment is None or notice.attachment.id != attachment_id:
            raise NotFound("no such attachment")
        async with self._storage.read() as work:
            return notice.attachment, await work.attachments.body(attachment_id)

    async def _notice(self, work: Work, one: Announcement, units: Mapping[UnitId, Unit]) -> Notice:
        unit = units[one.unit_id]
        first = one
        while first.amends is not None:
            first = await work.announcements.get(first.amends)
        attachment = None
        if one.attachment_id is not None:
            attachment = await work.attachments.get(one.attachment_id)
        return Notice(
            announcement=one,
            text=self._texts.shown(one.text, unit, units),
            unit=unit,
            published_at=first.started_at or first.written_at,
            corrected_at=one.started_at if first is not one else None,
            attachment=attachment,
        )


async def _newest(work: Work, one: Announcement) -> Announcement:
    """Return the last correction of it, or itself. Raise `TakenBack`."""
    while one.amendment is not Amendment.RECALL:
        started = [
            later
            for later in await work.announcements.amendments_of(one.id)
            if later.started_at is not None
        ]
        if not started:
            return one
        # One that was stopped half-way says no more what holds, and the earlier text is wrong.
        live = [later for later in started if later.state is not AnnouncementState.CANCELLED]
        if not live:
            raise TakenBack("this announcement was taken back")
        one = live[0]
    raise TakenBack("this announcement was taken back")
