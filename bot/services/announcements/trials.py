"""A copy of a draft to the officer's own chat, to be read as recipients will read it."""

from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId, UnitId
from bot.core.officers import Officer
from bot.core.sending import MessageRefused
from bot.core.storage import Storage
from bot.services.announcements import announcing
from bot.services.announcements.announcements import Announcements
from bot.services.audit import Audit
from bot.services.notices import Notices


class Trials:
    """Sends trial copies."""

    def __init__(
        self, *, announcements: Announcements, storage: Storage, notices: Notices, audit: Audit
    ) -> None:
        self._announcements = announcements
        self._storage = storage
        self._notices = notices
        self._audit = audit

    async def send(
        self, announcement_id: AnnouncementId, unit_id: UnitId | None = None, *, by: Officer
    ) -> int:
        """Send it, as it is read in a unit, to every chat the officer named for notices.

        Return how many there are. Raise `NotFound`, or `RuleBroken` if the officer named none
        or nothing fills one of its places there.
        """
        try:
            letter = await self._announcements.letter(announcement_id, unit_id)
        except MessageRefused as refused:
            raise RuleBroken("trial_place_empty") from refused
        async with self._storage.begin() as work:
            await announcing.allowed(work, announcement_id, by)
            sent = await self._notices.send_to(work, by, letter)
            if not sent:
                raise RuleBroken("notice_chat_missing")
            await announcing.note(
                self._audit, work, "announcement.test_copy", about=announcement_id, by=by
            )
            await work.commit()
        return sent
