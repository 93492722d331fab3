"""What a page needs to say what will happen: the plan, for whom in names, and the text as read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.announcements import Announcement
from bot.core.channels import ChannelAccount
from bot.core.errors import NotFound
from bot.core.ids import ChannelId, UnitId
from bot.services.announcements.letters import Reading
from bot.services.announcements.reach import Reach
from console.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ForWhom:
    """An audience in names. What this officer cannot see is counted in `others`."""

    units: tuple[str, ...]
    without: tuple[str, ...]
    others: int
    channels: tuple[ChannelAccount, ...]
    topics: tuple[str, ...]
    # The title of what reached the others; None where nobody is left out for that.
    missed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What sending would do. `chosen` is what somebody wants to read of `readings`."""

    reach: Reach
    channels: Mapping[ChannelId, ChannelAccount]
    for_whom: ForWhom
    needs_approval: bool
    readings: Sequence[Reading]
    chosen: Reading


async def plan_of(visit: Visit, announcement: Announcement, *, unit_id: str = "") -> Plan:
    """Return the plan of what is not sent yet, with the text as it is read in one unit."""
    services = visit.services
    reach = await services.reaches.of(announcement)
    channels = {one.id: one for one in await services.channels.accounts()}
    readings = await services.announcements.readings(announcement.id)
    wanted = (one for one in readings if unit_id in {unit.id for unit in one.units})
    return Plan(
        reach=reach,
        channels=channels,
        for_whom=await _for_whom(visit, announcement, channels),
        needs_approval=services.approvals.are_needed(announcement, people=reach.people),
        readings=readings,
        chosen=next(wanted, readings[0]),
    )


async def _for_whom(
    visit: Visit, announcement: Announcement, channels: Mapping[ChannelId, ChannelAccount]
) -> ForWhom:
    audience = announcement.audience
    seen = {unit.id: unit.name for unit in await visit.services.units.seen_by(visit.officer)}

    def names(unit_ids: Sequence[UnitId]) -> tuple[str, ...]:
        return tuple(seen[one] for one in unit_ids if one in seen)

    everywhere = (*announcement.unit_ids, *audience.without_unit_ids)
    topics = dict(visit.services.topics)
    return ForWhom(
        units=names(announcement.unit_ids),
        without=names(audience.without_unit_ids),
        others=sum(one not in seen for one in everywhere),
        channels=tuple(channels[one] for one in announcement.channels if one in channels),
        topics=tuple(topics.get(one, one) for one in audience.topics),
        missed=await _missed(visit, announcement),
    )


async def _missed(visit: Visit, announcement: Announcement) -> str | None:
    missed = announcement.audience.missed
    if missed is None:
        return None
    try:
        shown = await visit.services.announcements.show(missed, to=visit.officer)
    except NotFound:
        return ""
    return shown.announcement.title
