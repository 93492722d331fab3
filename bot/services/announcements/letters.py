"""What recipients of an announcement read, word for word."""

from typing import Final

from bot.core.announcements import Amendment, Announcement
from bot.core.ids import AnnouncementId
from bot.core.languages import Language
from bot.core.messages import Attachment, Outgoing
from bot.core.storage import Storage
from bot.core.units import Unit
from content.sentences import Voice

WORDS: Final = (
    "prefix",
    "urgent_prefix",
    "correction_prefix",
    "correction",
    "recall",
    "footer_leave",
)


class Letters:
    """Writes the one message that every recipient gets."""

    def __init__(self, *, storage: Storage, voice: Voice) -> None:
        self._storage = storage
        self._say = voice

    async def letter(self, announcement_id: AnnouncementId) -> Outgoing:
        """Return the message every recipient gets. Raise `NotFound`."""
        attachment = earlier = None
        async with self._storage.read() as work:
            announcement = await work.announcements.get(announcement_id)
            unit = await work.units.get(announcement.unit_id)
            if announcement.attachment_id is not None:
                attachment = await work.attachments.get(announcement.attachment_id)
            if announcement.amends is not None:
                earlier = await work.announcements.get(announcement.amends)
        return self.rendered(announcement, unit, attachment=attachment, earlier=earlier)

    def rendered(
        self,
        announcement: Announcement,
        unit: Unit,
        *,
        attachment: Attachment | None = None,
        earlier: Announcement | None = None,
    ) -> Outgoing:
        """Return the message as it will be read; `earlier` is what it amends."""
        footer = self._say("footer_leave", Language.VI)
        if announcement.amendment is Amendment.RECALL:
            first = self._say("prefix", Language.VI, unit=unit.name)
            taken_back = self._say("recall", Language.VI, title=announcement.title)
            return Outgoing(text=f"{first}\n{taken_back}\n\n{footer}", is_recall=True)
        body = f"{announcement.title}\n\n{announcement.text}\n\n{footer}"
        return Outgoing(
            text=f"{self._opening(announcement, unit, earlier)}\n{body}", attachment=attachment
        )

    def _opening(
        self, announcement: Announcement, unit: Unit, earlier: Announcement | None
    ) -> str:
        if announcement.amendment is Amendment.CORRECTION:
            first = self._say("correction_prefix", Language.VI, unit=unit.name)
            title = (earlier or announcement).title
            return f"{first}\n{self._say('correction', Language.VI, title=title)}\n"
        key = "urgent_prefix" if announcement.is_urgent else "prefix"
        return self._say(key, Language.VI, unit=unit.name)
