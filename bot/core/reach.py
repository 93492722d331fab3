"""Whom an announcement would reach, counted before it is sent."""

from dataclasses import dataclass

from bot.core.ids import ChannelId
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
