"""Whom an announcement is for: as officers choose it, and as the database reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.ids import AnnouncementId, ChannelId, UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What narrows or widens an announcement's unit.

    Every unit means everything under it too. With `topics`, only people who chose one of them
    hear it; groups choose nothing and are left out. With `missed`, only households of which that
    announcement reached nobody; whoever belongs to no household counts alone.
    """

    more_unit_ids: tuple[UnitId, ...] = ()
    without_unit_ids: tuple[UnitId, ...] = ()
    topics: tuple[str, ...] = ()
    missed: AnnouncementId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """An audience with its units named one by one and its windows as moments.

    `channels` and `topics` empty mean all. Who joined after `joined_until` is left out. Who last
    wrote to a channel before its moment in `closed_before` cannot be written to; before the one in
    `free_from` it costs. Nothing pays for that any more on the channels in `spent`.
    """

    unit_ids: frozenset[UnitId]
    channels: tuple[ChannelId, ...] = ()
    topics: tuple[str, ...] = ()
    missed: AnnouncementId | None = None
    joined_until: datetime | None = None
    closed_before: Mapping[ChannelId, datetime] = field(default_factory=dict)
    free_from: Mapping[ChannelId, datetime] = field(default_factory=dict)
    spent: frozenset[ChannelId] = frozenset()
