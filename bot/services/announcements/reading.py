"""Whether an announcement can be read wherever it goes, asked again each time it is let go.

What fills a place of its text may be taken away after it was written. Then nobody gets it: an
officer who lets it go is told why, and at its hour it goes back to its writers.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.core.announcements import Amendment, Announcement, AnnouncementState, SentBack
from bot.core.errors import RuleBroken
from bot.core.languages import Language
from bot.core.notices import NoticeKey
from bot.core.officers import Act
from bot.core.storage import Work
from bot.services.announcements import announcing
from bot.services.announcements.texts import Texts
from bot.services.audit import CLOCK, Audit
from bot.services.notices import Notices
from content.sentences import Voice

WORDS: Final = ("text_place_empty", "text_place_unknown", "text_unreadable", "text_wrong")


class ReadingCheck:
    """Looks whether an announcement can be read."""

    def __init__(self, *, texts: Texts, notices: Notices, audit: Audit, voice: Voice) -> None:
        """`voice` says why not: the sentences of section `refusals`."""
        self._texts = texts
        self._notices = notices
        self._audit = audit
        self._say = voice

    async def check(self, work: Work, announcement: Announcement) -> None:
        """Raise `RuleBroken` unless it can be read in every unit it goes to."""
        # What takes back has no text of its own.
        if announcement.amendment is Amendment.RECALL:
            return
        units = await work.units.all()
        meant = announcing.meant(announcement.unit_id, announcement.audience, units)
        self._texts.check(announcement.text, meant, {unit.id: unit for unit in units})

    async def may_start(self, work: Work, announcement: Announcement, *, at: datetime) -> bool:
        """Tell whether its hour may start it; if not, it went back and its officers are told."""
        try:
            await self.check(work, announcement)
        except RuleBroken as why:
            await self._give_back(work, announcement, why, at)
            return False
        return True

    async def _give_back(
        self, work: Work, announcement: Announcement, why: RuleBroken, at: datetime
    ) -> None:
        values = {name: str(value) for name, value in why.values.items()}
        reason = self._say(why.key, Language.VI, **values)
        await work.announcements.save(given_back(announcement, SentBack(at=at, reason=reason)))
        await self._audit.note(
            work,
            "announcement.not_started",
            by=CLOCK,
            subject=announcement.id,
            facts={"reason": why.key},
        )
        units = await work.units.all()
        await self._notices.tell(
            work,
            NoticeKey.ANNOUNCEMENT_NOT_STARTED,
            unit_id=announcing.top_of(announcement, units).id,
            subject=f"{announcement.id}:{at.isoformat()}",
            about={
                "title": announcement.title,
                "unit": next(one.name for one in units if one.id == announcement.unit_id),
                "reason": reason,
            },
            act=Act.ANNOUNCE,
        )


def given_back(announcement: Announcement, why: SentBack) -> Announcement:
    """Return an announcement as its writers get it back: a draft without approval.

    A correction stands for what it corrects; it is over, and its writers write another one.
    """
    if announcement.amends is not None:
        stopped = announcement.moved(AnnouncementState.CANCELLED)
        return replace(stopped, cancelled_at=why.at, sent_back=why)
    draft = replace(announcement.moved(AnnouncementState.DRAFT), approval=None, sent_back=why)
    # The hour that came is claimed: it would never start a second time.
    return draft if why.by else replace(draft, due_at=None)
