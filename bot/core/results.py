"""What became of single copies, for officers who must reach those whom no copy reached.

People have no name here and none may be invented: a unit, a household from the unit's own list
and the channel are all that is told of somebody.
"""

from dataclasses import dataclass, field
from datetime import datetime

from bot.core.deliveries import DeliveryState
from bot.core.ids import ChannelId, DeliveryId, HouseholdId, UnitId
from bot.core.sending import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An outcome with its reason; many copies share one."""

    state: DeliveryState
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a list that is read in pieces goes on: behind this copy of its case."""

    case: Case
    done_at: datetime | None
    id: DeliveryId


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyResult:
    """What became of one copy.

    `unit_id` is None once the person or group was forgotten, `joined_at` also of a group. Of a
    copy skipped because somebody else of the household gets one, `house_state` and
    `house_channel` tell of that one; None if there is none any more.
    """

    id: DeliveryId
    case: Case
    channel_id: ChannelId
    done_at: datetime | None = None
    unit_id: UnitId | None = None
    household_code: str = ""
    household_address: str = field(default="", repr=False)
    joined_at: datetime | None = None
    is_group: bool = False
    group_name: str = ""
    house_state: DeliveryState | None = None
    house_channel: ChannelId | None = None

    @property
    def place(self) -> Place:
        """Return where the list goes on behind this copy."""
        return Place(case=self.case, done_at=self.done_at, id=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseCopy:
    """What became of one copy for a member of a household."""

    case: Case
    channel_id: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedHouse:
    """A household of which nobody has the announcement, as far as is known.

    `members` is how many of it are joined now; without `copies` nothing was meant for it.
    """

    id: HouseholdId
    unit_id: UnitId
    code: str
    address: str = field(default="", repr=False)
    members: int = 0
    copies: tuple[HouseCopy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedHouses:
    """How many households were not reached: those with a copy, and those without any."""

    with_copies: int = 0
    without_copies: int = 0
