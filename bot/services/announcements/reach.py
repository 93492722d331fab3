"""Whom a draft would reach and how long that takes, told before it is sent.

Counted by the database as the start would freeze it; nobody is loaded, no platform is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.announcements import Announcement
from bot.core.channels import Capabilities
from bot.core.groups import Group
from bot.core.ids import ChannelId
from bot.core.reach import ReachCount
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.core.windows import Window
from bot.services.announcements.audience import Offers, selected


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReach:
    """What one channel would carry: people, by what writing to them costs, and groups.

    Those of `closed` get nothing until they write; those of `doubled` because somebody of their
    household does. `takes` is how long the copies need at the channel's pace. `paid_left` is how
    many paid messages the account's quota still holds, None where the platform has not said.
    """

    channel_id: ChannelId
    free: int = 0
    paid: int = 0
    closed: int = 0
    doubled: int = 0
    groups: int = 0
    takes: timedelta = timedelta(0)
    paid_left: int | None = None

    @property
    def people(self) -> int:
        """Return how many people get a copy."""
        return self.free + self.paid

    @property
    def over_quota(self) -> int:
        """Return how many of `paid` nothing pays for any more, as far as is known."""
        return 0 if self.paid_left is None else max(0, self.paid - self.paid_left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What all channels together would carry. They send side by side."""

    channels: tuple[ChannelReach, ...] = ()

    @property
    def people(self) -> int:
        """Return how many people get a copy."""
        return sum(one.people for one in self.channels)

    @property
    def groups(self) -> int:
        """Return how many groups get one."""
        return sum(one.groups for one in self.channels)

    @property
    def paid(self) -> int:
        """Return how many copies cost something."""
        return sum(one.paid for one in self.channels)

    @property
    def closed(self) -> int:
        """Return how many people get nothing until they write."""
        return sum(one.closed for one in self.channels)

    @property
    def takes(self) -> timedelta:
        """Return how long the slowest channel needs."""
        return max((one.takes for one in self.channels), default=timedelta(0))


class Reaches:
    """Counts whom announcements would reach."""

    def __init__(self, *, storage: Storage, offers: Offers, clock: Clock) -> None:
        self._storage = storage
        self._offers = offers
        self._clock = clock

    async def of(self, announcement: Announcement) -> Reach:
        """Return what sending it now would reach."""
        offers = await self._offers()
        now = self._clock.now()
        async with self._storage.read() as work:
            selection = selected(announcement, await work.units.all(), offers, now)
            counts = await work.people.reach(selection)
            groups = await work.groups.meant(selection)
        return _summed(counts, groups, offers)


def _summed(
    counts: Sequence[ReachCount],
    groups: Sequence[Group],
    offers: Mapping[ChannelId, Capabilities],
) -> Reach:
    ids = sorted({one.channel_id for one in counts} | {one.channel_id for one in groups})
    return Reach(
        channels=tuple(
            _of_channel(
                channel_id,
                [one for one in counts if one.channel_id == channel_id],
                sum(one.channel_id == channel_id for one in groups),
                offers.get(channel_id),
            )
            for channel_id in ids
        )
    )


def _of_channel(
    channel_id: ChannelId, counts: Sequence[ReachCount], groups: int, offer: Capabilities | None
) -> ChannelReach:
    def many(window: Window) -> int:
        return sum(one.people for one in counts if one.window is window and not one.is_doubled)

    copies = many(Window.FREE) + many(Window.PAID) + groups
    return ChannelReach(
        channel_id=channel_id,
        free=many(Window.FREE),
        paid=many(Window.PAID),
        closed=many(Window.CLOSED),
        doubled=sum(one.people for one in counts if one.is_doubled),
        groups=groups,
        takes=timedelta(seconds=copies / offer.pace.per_s) if offer else timedelta(0),
        paid_left=offer.paid_left if offer else None,
    )
