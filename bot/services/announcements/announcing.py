"""What everybody who writes, moves or amends an announcement goes by: words, units, slugs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.core.announcements import DEFAULT_GRACE, Announcement, AnnouncementState
from bot.core.deliveries import Tally
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId, AttachmentId, ChannelId, OfficerId, UnitId, new_id
from bot.core.messages import Attachment
from bot.core.officers import Act, Officer
from bot.core.storage import Work
from bot.core.text import fold
from bot.core.time import Chance
from bot.core.units import Unit, below
from bot.services.audit import MACHINE, Audit

TITLE_LONGEST: Final = 120
# With title, prefix and footer one message on every channel (Zalo takes 2,000), so that one
# delivery is one request.
TEXT_LONGEST: Final = 1_600
_FARTHEST: Final = timedelta(days=366)
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What an officer writes."""

    unit_id: UnitId
    title: str
    text: str
    is_urgent: bool = False
    is_public: bool = True
    channels: tuple[ChannelId, ...] = ()
    due_at: datetime | None = None
    grace: timedelta = DEFAULT_GRACE
    attachment_id: AttachmentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An announcement with what became of it.

    `amends` is what it corrects or takes back, `amended_by` the newest that does so to it.
    """

    announcement: Announcement
    unit: Unit
    tally: Tally
    attachment: Attachment | None = None
    amends: Announcement | None = None
    amended_by: Announcement | None = None

    @property
    def state(self) -> str:
        """Return the state, with "finished" read off the deliveries."""
        is_sending = self.announcement.state is AnnouncementState.SENDING
        if is_sending and self.tally.finished_at is not None:
            return "finished"
        return self.announcement.state.value


def check_wording(title: str, text: str) -> None:
    """Raise `RuleBroken` if title or text is missing or too long."""
    if not title or len(title) > TITLE_LONGEST:
        raise RuleBroken("title_wrong", longest=TITLE_LONGEST)
    if not text or len(text) > TEXT_LONGEST:
        raise RuleBroken("text_wrong", longest=TEXT_LONGEST)


def check_due(due_at: datetime | None, now: datetime) -> None:
    """Raise `RuleBroken` if the hour is gone by or far away."""
    if due_at is not None and not now - timedelta(minutes=2) <= due_at <= now + _FARTHEST:
        raise RuleBroken("due_wrong")


async def check_unit(work: Work, unit_id: UnitId, by: Officer | None) -> None:
    """Raise `NotFound` unless `by` may announce to that unit; None is somebody at the machine."""
    await work.units.get(unit_id)
    if by is None:
        return
    if not by.may(Act.ANNOUNCE) or unit_id not in below(by.unit_id, await work.units.all()):
        raise NotFound("no such unit")


async def check_attachment(work: Work, attachment_id: AttachmentId | None) -> None:
    """Raise `NotFound` unless there is such an attachment, or none is asked for."""
    if attachment_id is not None:
        await work.attachments.get(attachment_id)


async def allowed(work: Work, announcement_id: AnnouncementId, by: Officer | None) -> Announcement:
    """Return an announcement that `by` may change. Raise `NotFound`."""
    announcement = await work.announcements.get(announcement_id)
    await check_unit(work, announcement.unit_id, by)
    return announcement


async def note(
    audit: Audit,
    work: Work,
    act: str,
    *,
    about: AnnouncementId,
    by: Officer | None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Append an act of an officer, or of somebody at the machine, to the audit chain."""
    who: OfficerId | str = by.id if by else MACHINE
    await audit.note(work, act, by=who, subject=about, facts=facts)


def new_slug(title: str, chance: Chance) -> str:
    """Return a readable public address for a title, of which there is no second."""
    words = _NOT_SLUG.sub("-", fold(title)).strip("-")[:60].strip("-")
    return f"{words or 'tin'}-{new_id(chance)[:5]}"


async def amended_by(work: Work, announcement_id: AnnouncementId) -> Announcement | None:
    """Return the newest that corrects or takes it back, stopped ones left out."""
    found = await work.announcements.amendments_of(announcement_id)
    live = (one for one in found if one.state is not AnnouncementState.CANCELLED)
    return next(live, None)
