"""What everybody who writes, moves or amends an announcement goes by: words, units, slugs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.announcements import DEFAULT_GRACE, Announcement, AnnouncementState, Link
from bot.core.audience import Audience
from bot.core.deliveries import Tally
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId, AttachmentId, ChannelId, OfficerId, UnitId, new_id
from bot.core.messages import Attachment
from bot.core.officers import Act, Officer
from bot.core.storage import Work
from bot.core.text import clean, fold
from bot.core.time import Chance
from bot.core.units import Unit, below
from bot.services.announcements.texts import TEXT_LONGEST
from bot.services.audit import MACHINE, Audit
from bot.services.people.interests import Interests

TITLE_LONGEST: Final = 120
_FARTHEST: Final = timedelta(days=366)
GRACE_SHORTEST: Final = timedelta(minutes=1)
GRACE_LONGEST: Final = timedelta(days=1)
LINKS_AT_MOST: Final = 3
LABEL_LONGEST: Final = 40
ADDRESS_LONGEST: Final = 500
# Of the web only, so that a tap never opens another app.
_ADDRESS: Final = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?")
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
    audience: Audience = field(default_factory=Audience)
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An announcement with what became of it.

    `more_units` and `without_units` are those of its audience. `amends` is what it corrects or
    takes back, `amended_by` the newest that does so to it.
    """

    announcement: Announcement
    unit: Unit
    tally: Tally
    more_units: tuple[Unit, ...] = ()
    without_units: tuple[Unit, ...] = ()
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


def cleaned(wording: Wording, now: datetime) -> Wording:
    """Return what somebody wrote without what cannot be seen.

    Raise `RuleBroken` for what is wrong whoever it goes to.
    """
    written = replace(
        wording,
        title=clean(wording.title),
        text=clean(wording.text),
        links=tuple(replace(link, label=clean(link.label)) for link in wording.links),
    )
    check_wording(written.title, written.text)
    check_links(written.links)
    check_due(written.due_at, now)
    check_grace(written.grace)
    return written


def worded(announcement: Announcement, wording: Wording) -> Announcement:
    """Return an announcement with what was written."""
    return replace(
        announcement,
        unit_id=wording.unit_id,
        title=wording.title,
        text=wording.text,
        is_urgent=wording.is_urgent,
        is_public=wording.is_public,
        channels=wording.channels,
        due_at=wording.due_at,
        grace=wording.grace,
        attachment_id=wording.attachment_id,
        audience=wording.audience,
        links=wording.links,
    )


def check_links(links: Sequence[Link]) -> None:
    """Raise `RuleBroken` unless every link is short and leads to a page."""
    if len(links) > LINKS_AT_MOST:
        raise RuleBroken("links_many", most=LINKS_AT_MOST)
    for link in links:
        if not 0 < len(link.label) <= LABEL_LONGEST:
            raise RuleBroken("link_label_wrong", longest=LABEL_LONGEST)
        if not _ADDRESS.fullmatch(link.url) or len(link.url) > ADDRESS_LONGEST:
            raise RuleBroken("link_wrong")


def check_topics(wording: Wording, interests: Interests) -> None:
    """Raise `RuleBroken` for topics nobody can choose, and for any of something urgent.

    People are told that what is urgent comes to them whatever they chose.
    """
    if wording.is_urgent and wording.audience.topics:
        raise RuleBroken("topics_urgent")
    interests.check(wording.audience.topics)


def check_due(due_at: datetime | None, now: datetime) -> None:
    """Raise `RuleBroken` if the hour is gone by or far away."""
    if due_at is not None and not now - timedelta(minutes=2) <= due_at <= now + _FARTHEST:
        raise RuleBroken("due_wrong")


def check_grace(grace: timedelta) -> None:
    """Raise `RuleBroken` if an hour that passed would be asked about too soon or too late."""
    if not GRACE_SHORTEST <= grace <= GRACE_LONGEST:
        minute = timedelta(minutes=1)
        raise RuleBroken(
            "grace_wrong", least=GRACE_SHORTEST // minute, most=GRACE_LONGEST // minute
        )


async def check_channels(work: Work, channels: Sequence[ChannelId]) -> None:
    """Raise `RuleBroken` unless every channel is in use: none chosen would mean all of them."""
    known = {account.id for account in await work.channels.all()} if channels else set()
    if unknown := [one for one in channels if one not in known]:
        raise RuleBroken("channel_unknown", channel=unknown[0])


async def check_units(
    work: Work, unit_ids: Sequence[UnitId], by: Officer | None, *, act: Act = Act.ANNOUNCE
) -> list[Unit]:
    """Return all units. Raise `NotFound` unless `by` may `act` in each of `unit_ids`.

    None is somebody at the machine, who may.
    """
    units = await work.units.all()
    theirs = below(by.unit_id, units) if by else {unit.id for unit in units}
    if (by is not None and not by.may(act)) or not set(unit_ids) <= theirs:
        raise NotFound("no such unit")
    return units


def is_seen(announcement: Announcement, units: list[Unit], *, to: Officer | None) -> bool:
    """Tell whether an officer sees an announcement: everything it was written for is theirs.

    None is somebody at the machine, who sees all. `units` are all of them.
    """
    return to is None or set(announcement.unit_ids) <= below(to.unit_id, units)


def top_of(announcement: Announcement, units: list[Unit]) -> Unit:
    """Return the lowest unit that everything it was written for lies under.

    Raise `NotFound` if there is none. `units` are all of them.
    """
    meant_for = set(announcement.unit_ids)
    above = [unit for unit in units if meant_for <= below(unit.id, units)]
    if not above:
        raise NotFound("no unit above all of them")
    return min(above, key=lambda one: len(below(one.id, units)))


async def check_audience(work: Work, wording: Wording, by: Officer | None) -> list[Unit]:
    """Return all units. Raise `NotFound` unless `by` may announce to all it is for."""
    audience = wording.audience
    units = await check_units(work, (wording.unit_id, *audience.more_unit_ids), by)
    if not set(audience.without_unit_ids) <= {unit.id for unit in units}:
        raise NotFound("no such unit")
    if audience.missed is not None:
        earlier = await work.announcements.get(audience.missed)
        await check_units(work, earlier.unit_ids, by)
    return units


def meant(unit_id: UnitId, audience: Audience, units: list[Unit]) -> list[Unit]:
    """Return the units an announcement goes to, each by itself, those named first in front."""
    named = (unit_id, *audience.more_unit_ids)
    found = frozenset[UnitId]().union(*(below(one, units) for one in named))
    found -= frozenset[UnitId]().union(*(below(one, units) for one in audience.without_unit_ids))
    return sorted(
        (unit for unit in units if unit.id in found), key=lambda one: one.id not in named
    )


def with_editor(editors: tuple[OfficerId, ...], by: Officer | None) -> tuple[OfficerId, ...]:
    """Return everybody who wrote something of it, `by` among them."""
    return editors if by is None or by.id in editors else (*editors, by.id)


async def check_attachment(work: Work, attachment_id: AttachmentId | None) -> None:
    """Raise `NotFound` unless there is such an attachment, or none is asked for."""
    if attachment_id is not None:
        await work.attachments.get(attachment_id)


async def allowed(work: Work, announcement_id: AnnouncementId, by: Officer | None) -> Announcement:
    """Return an announcement that `by` may change. Raise `NotFound`."""
    announcement = await work.announcements.get(announcement_id)
    await check_units(work, announcement.unit_ids, by)
    return announcement


async def check_open(work: Work, announcement: Announcement) -> None:
    """Raise `RuleBroken` if nothing of what was started is left to be sent."""
    is_open = (await work.deliveries.tally(announcement.id)).open
    is_whole = announcement.freezing_after is None
    if announcement.state is AnnouncementState.SENDING and is_whole and not is_open:
        raise RuleBroken("announcement_finished")


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


async def shown(work: Work, one: Announcement, units: Mapping[UnitId, Unit]) -> Shown:
    """Return an announcement with what became of it; `units` are all by their ids."""
    attachment = amends = None
    if one.attachment_id is not None:
        attachment = await work.attachments.get(one.attachment_id)
    if one.amends is not None:
        amends = await work.announcements.get(one.amends)
    return Shown(
        announcement=one,
        unit=units[one.unit_id],
        tally=await work.deliveries.tally(one.id),
        more_units=tuple(units[unit_id] for unit_id in one.audience.more_unit_ids),
        without_units=tuple(units[unit_id] for unit_id in one.audience.without_unit_ids),
        attachment=attachment,
        amends=amends,
        amended_by=await amended_by(work, one.id),
    )
