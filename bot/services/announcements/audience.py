"""Who gets an announcement, frozen into rows when it starts."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from bot.core.announcements import Amendment, Announcement
from bot.core.channels import Capabilities
from bot.core.deliveries import DeliveryState, Lane
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.storage import Work
from bot.core.units import below

# What the platform of every account offers, whether or not it is open in this process.
Offers = Callable[[], Awaitable[Mapping[ChannelId, Capabilities]]]


async def is_still_arriving(work: Work, amended: AnnouncementId | None) -> bool:
    """Tell whether copies of what is to be amended are on their way, so that nobody is missed."""
    if amended is None:
        return False
    outcomes = (await work.deliveries.tally(amended)).outcomes
    return outcomes.get(DeliveryState.SENDING, 0) > 0


async def frozen(
    work: Work,
    announcement: Announcement,
    offers: Mapping[ChannelId, Capabilities],
    now: datetime,
) -> int:
    """Make a row for every recipient; return how many there are."""
    # Who reads what was taken back should know at once.
    is_first = announcement.is_urgent or announcement.amendment is Amendment.RECALL
    lane = Lane.URGENT if is_first else Lane.ORDINARY
    if announcement.amends is not None:
        return await _frozen_amendment(work, announcement, lane, now)
    return await work.deliveries.freeze(
        announcement.id,
        unit_ids=below(announcement.unit_id, await work.units.all()),
        channels=announcement.channels,
        lane=lane,
        at=now,
        closed_before={
            channel_id: offer.windows.closed_before(now)
            for channel_id, offer in offers.items()
            if offer.windows is not None
        },
    )


async def _frozen_amendment(
    work: Work, announcement: Announcement, lane: Lane, now: datetime
) -> int:
    """Make a row for everybody who may have the newest of what is amended, or what came before."""
    recipients = 0
    earlier = announcement.amends
    is_correction = announcement.amendment is Amendment.CORRECTION
    while earlier is not None:
        recipients = await work.deliveries.freeze_amendment(
            announcement.id,
            amends=earlier,
            lane=lane,
            at=now,
            is_for_owed=is_correction and earlier == announcement.amends,
        )
        earlier = (await work.announcements.get(earlier)).amends
    return recipients
