"""Whom an announcement would reach, counted and listed before it is sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.ids import ChannelId, PersonId, UnitId
from bot.core.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachCount:
    """How many people of one channel are in the same case.

    `is_doubled`: somebody else of their household gets the copy.
    """

    channel_id: ChannelId
    window: Window
    is_doubled: bool
    people: int


class ReachCase(StrEnum):
    """One number of a plan, behind which people stand."""

    FREE = "free"
    PAID = "paid"
    CLOSED = "closed"
    DOUBLED = "doubled"
    BLOCKED = "blocked"  # the platform reaches them no more
    OPTED_OUT = "opted_out"  # they left by their own will


@dataclass(frozen=True, slots=True, kw_only=True)
class Latecomers:
    """Those who would get a copy of what was started already and have none."""

    people: int
    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One person behind a number. No name: none is kept."""

    person_id: PersonId
    channel_id: ChannelId
    unit_id: UnitId
    household_code: str | None
    household_address: str | None
    joined_at: datetime
