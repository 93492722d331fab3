"""The plan of a draft: whom it would reach, what that costs and when it is done.

Counted by the database as the start would freeze it; nobody is loaded, no platform is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.channels import PRICE, Capabilities, ChannelAccount
from bot.core.deliveries import DeliveryState
from bot.core.groups import Group
from bot.core.ids import ChannelId, PersonId
from bot.core.quiet import QuietHours
from bot.core.reach import Latecomers, ReachCase, ReachCount, Reached
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.windows import Window
from bot.services.announcements import announcing
from bot.services.announcements.audience import Offers, selected


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReach:
    """What one channel would carry: people, by what writing to them costs, and groups.

    Those of `closed` get nothing until they write; those of `doubled` because somebody of their
    household does. `blocked` and `opted_out` are no longer there to be written to. `paid_left` is
    how many paid messages the account's quota still holds, None where the platform has not said;
    `price` what one costs in đồng, None where no officer has entered it. `ends_at` is when the
    last copy goes at the channel's pace, behind what waits already, outside the quiet hours.
    """

    channel_id: ChannelId
    free: int = 0
    paid: int = 0
    closed: int = 0
    doubled: int = 0
    groups: int = 0
    blocked: int = 0
    opted_out: int = 0
    ends_at: datetime
    paid_left: int | None = None
    price: int | None = None

    @property
    def people(self) -> int:
        """Return how many people get a copy."""
        return self.free + self.paid

    @property
    def over_quota(self) -> int:
        """Return how many of `paid` nothing pays for any more, as far as is known."""
        return 0 if self.paid_left is None else max(0, self.paid - self.paid_left)

    @property
    def cost(self) -> int | None:
        """Return what the paid copies cost at most, in đồng; None where the price is not known."""
        if not self.paid:
            return 0
        return None if self.price is None else self.paid * self.price

    def number(self, case: ReachCase) -> int:
        """Return how many people are in one case."""
        return int(getattr(self, case.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What all channels together would carry, from `starts_at`. They send side by side.

    `rests` are the hours of the night if the sending meets them.
    """

    starts_at: datetime
    rests: QuietHours | None = None
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
    def cost(self) -> int | None:
        """Return what all copies cost at most, in đồng; None where a price is not known."""
        costs = [one.cost for one in self.channels]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

    @property
    def ends_at(self) -> datetime:
        """Return when the slowest channel is done."""
        return max((one.ends_at for one in self.channels), default=self.starts_at)


class Reaches:
    """Counts whom announcements would reach."""

    def __init__(
        self, *, storage: Storage, offers: Offers, clock: Clock, quiet: QuietHours | None = None
    ) -> None:
        """`quiet` are the hours in which ordinary announcements rest."""
        self._storage = storage
        self._offers = offers
        self._clock = clock
        self._quiet = quiet

    async def of(self, announcement: Announcement) -> Reach:
        """Return what sending it, now or at its hour, would reach; windows are those of now."""
        offers = await self._offers()
        now = self._clock.now()
        async with self._storage.read() as work:
            selection = selected(announcement, await work.units.all(), offers, now)
            counts = await work.people.reach(selection)
            gone = await work.people.gone(selection)
            groups = await work.groups.meant(selection)
            backlog = {} if announcement.is_urgent else await work.deliveries.backlog()
            accounts = {one.id: one for one in await work.channels.all()}
        asked_at = starts_at = max(announcement.due_at or now, now)
        quiet = None if announcement.is_urgent else self._quiet
        if quiet:
            starts_at = quiet.over_at(asked_at)
        found = []
        for channel_id in _channels_of(counts, groups, gone):
            carried = _carried(channel_id, counts, groups)
            offer = offers.get(channel_id)
            copies = carried["free"] + carried["paid"] + carried["groups"]
            ahead = backlog.get((channel_id, DeliveryState.WAITING), 0)
            found.append(
                ChannelReach(
                    channel_id=channel_id,
                    **carried,
                    blocked=gone.get((channel_id, ReachCase.BLOCKED), 0),
                    opted_out=gone.get((channel_id, ReachCase.OPTED_OUT), 0),
                    ends_at=_ends_at(starts_at, copies + ahead, offer, quiet),
                    paid_left=offer.paid_left if offer else None,
                    price=price_of(accounts.get(channel_id)),
                )
            )
        reach = Reach(starts_at=starts_at, channels=tuple(found))
        rests = quiet is not None and quiet.touches(asked_at, reach.ends_at)
        return replace(reach, rests=quiet) if rests else reach

    async def late(self, announcement: Announcement) -> Latecomers:
        """Return who would get a copy of what was started if it took them in as well."""
        offers, now = await self._offers(), self._clock.now()
        async with self._storage.read() as work:
            if not await _takes_late(work, announcement):
                return Latecomers(people=0, groups=0)
            everybody = replace(announcement, joined_until=now)
            selection = selected(everybody, await work.units.all(), offers, now)
            return await work.people.late(announcement.id, selection)

    async def behind(
        self,
        announcement: Announcement,
        channel_id: ChannelId,
        case: ReachCase,
        *,
        after: PersonId | None = None,
        limit: int = 100,
    ) -> list[Reached]:
        """Return the people behind one number of the plan, those after `after`."""
        offers = await self._offers()
        async with self._storage.read() as work:
            selection = selected(announcement, await work.units.all(), offers, self._clock.now())
            return await work.people.behind(selection, channel_id, case, after=after, limit=limit)


async def _takes_late(work: Work, announcement: Announcement) -> bool:
    is_going = announcement.state in {AnnouncementState.SENDING, AnnouncementState.PAUSED}
    is_whole = announcement.freezing_after is None and announcement.amends is None
    if not (is_going and is_whole):
        return False
    return await announcing.amended_by(work, announcement.id) is None


def _ends_at(
    starts_at: datetime, copies: int, offer: Capabilities | None, quiet: QuietHours | None
) -> datetime:
    takes = timedelta(seconds=copies / offer.pace.per_s) if offer else timedelta(0)
    return quiet.after(starts_at, takes) if quiet else starts_at + takes


def price_of(account: ChannelAccount | None) -> int | None:
    """Return what a paid message costs on an account, in đồng, if an officer entered it."""
    entered = account.settings.get(PRICE) if account else None
    return int(entered) if entered else None


def _channels_of(
    counts: Sequence[ReachCount],
    groups: Sequence[Group],
    gone: Mapping[tuple[ChannelId, ReachCase], int],
) -> list[ChannelId]:
    found = {one.channel_id for one in counts} | {one.channel_id for one in groups}
    return sorted(found | {channel_id for channel_id, _ in gone})


def _carried(
    channel_id: ChannelId, counts: Sequence[ReachCount], groups: Sequence[Group]
) -> dict[str, int]:
    """Return the numbers of one channel by their names."""
    own = [one for one in counts if one.channel_id == channel_id]
    alone = [one for one in own if not one.is_doubled]
    return {
        **{
            window.value: sum(one.people for one in alone if one.window is window)
            for window in Window
        },
        "doubled": sum(one.people for one in own if one.is_doubled),
        "groups": sum(one.channel_id == channel_id for one in groups),
    }
