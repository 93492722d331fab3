"""Who gets an announcement, frozen into rows when it starts: some thousands in one transaction.

How far it came stands with the announcement, so that any process goes on where another stopped.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.core.announcements import Amendment, Announcement, AnnouncementState
from bot.core.audience import Selection
from bot.core.channels import Capabilities
from bot.core.deliveries import Lane
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.sending import Reason
from bot.core.storage import Work
from bot.core.units import Unit
from bot.services.announcements import announcing

# What the platform of every account offers, whether or not it is open in this process.
Offers = Callable[[], Awaitable[Mapping[ChannelId, Capabilities]]]


async def is_still_arriving(work: Work, amended: AnnouncementId | None) -> bool:
    """Tell whether copies of what is to be amended are on their way, so that nobody is missed."""
    if amended is None:
        return False
    earlier = await work.announcements.get(amended)
    return earlier.freezing_after is not None or (await work.deliveries.tally(amended)).open > 0


def selected(
    announcement: Announcement,
    units: list[Unit],
    offers: Mapping[ChannelId, Capabilities],
    now: datetime,
) -> Selection:
    """Return the audience as the database reads it, with the windows as they stand at `now`."""
    audience = announcement.audience
    chosen = announcing.meant(announcement.unit_id, audience, units)
    rules = {name: offer.windows for name, offer in offers.items() if offer.windows is not None}
    return Selection(
        unit_ids=frozenset(unit.id for unit in chosen),
        channels=announcement.channels,
        topics=audience.topics,
        missed=audience.missed,
        joined_until=announcement.joined_until,
        closed_before={name: rule.closed_before(now) for name, rule in rules.items()},
        free_from={name: rule.free_from(now) for name, rule in rules.items()},
        spent=frozenset(name for name, offer in offers.items() if offer.paid_left == 0),
    )


async def frozen_on(
    work: Work,
    announcement: Announcement,
    offers: Mapping[ChannelId, Capabilities],
    now: datetime,
    *,
    most: int,
) -> Announcement:
    """Make rows for the next `most` recipients; return the announcement with how far it came.

    What was cancelled before everybody had a row gets rows that say so.
    """
    is_stopped = announcement.state is AnnouncementState.CANCELLED
    ways: dict[str, Any] = {
        "lane": Lane.URGENT if announcement.goes_first else Lane.ORDINARY,
        "at": now,
        "most": most,
        "stopped": Reason.CANCELLED if is_stopped else None,
    }
    if announcement.amends is not None:
        after = await _amended_on(work, announcement, announcement.amends, ways)
    else:
        after = await work.deliveries.freeze(
            announcement.id,
            selected(announcement, await work.units.all(), offers, now),
            after=announcement.freezing_after or "",
            **ways,
        )
    return replace(announcement, freezing_after=after)


async def _amended_on(
    work: Work, announcement: Announcement, amends: AnnouncementId, ways: dict[str, Any]
) -> str | None:
    """Go on with those who may have the newest of what is amended, then with what came before.

    Return the announcement whose rows come next and the last of them that is done.
    """
    before, _, row = (announcement.freezing_after or "").partition(" ")
    earlier = AnnouncementId(before) if before else amends
    done = int(row or 0)
    while True:
        is_correction = announcement.amendment is Amendment.CORRECTION
        last = await work.deliveries.freeze_amendment(
            announcement.id,
            amends=earlier,
            is_for_owed=is_correction and earlier == amends,
            after=done,
            **ways,
        )
        if last is not None:
            return f"{earlier} {last}"
        before_that = (await work.announcements.get(earlier)).amends
        if before_that is None:
            return None
        earlier, done = before_that, 0
