"""How the sending of an announcement goes at the moment, counted from its rows.

Asked for every few seconds while somebody watches, so everything is found by an index beside a
million finished rows: those of one case stand in the order in which they ended.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Select, and_, cast, func, select, union_all

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import NEXT_CHANCE, DeliveryState
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.sending import Reason
from bot.storage import tables
from bot.storage.claiming import SENDING, WAITING, rows
from bot.storage.statements import Statements

_announcements: Final = tables.announcements
# What a platform was asked for and answered, or not.
_TRIED: Final = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN)


class SqlProgress:
    """How the sending goes."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def ended_since(
        self, announcement_id: AnnouncementId, *, since: datetime
    ) -> Mapping[ChannelId, int]:
        """Return how many copies ended after a moment, by channel; not what was cut off."""
        found = await self._db.rows(ended_by_channel(announcement_id, since))
        return {row.channel_id: row.many for row in found}

    async def open_copies(self, announcement_id: AnnouncementId) -> Mapping[ChannelId, int]:
        """Return how many copies are still to be decided, by channel."""
        found = await self._db.rows(open_by_channel(announcement_id))
        return {row.channel_id: row.many for row in found}

    async def last_tried(
        self, announcement_id: AnnouncementId, *, since: datetime, limit: int
    ) -> list[DeliveryState]:
        """Return how the last copies that were tried ended after a moment, newest first."""
        found = await self._db.rows(newest_tried(announcement_id, since, limit))
        return [row.state for row in found]

    async def being_sent(self) -> list[AnnouncementId]:
        """Return which announcements being sent still have copies that wait."""
        return [row.id for row in await self._db.rows(with_copies_waiting())]


def ended_by_channel(announcement_id: AnnouncementId, since: datetime) -> Select[Any]:
    """Return how many copies ended since, by channel.

    Not counted is what no platform was asked about: doubled, cancelled, left.
    """
    of_one = and_(rows.c.announcement_id == announcement_id, rows.c.done_at > since)
    lots = [
        and_(rows.c.state == state, has_reason)
        for state in _TRIED
        for has_reason in (rows.c.reason.is_(None), rows.c.reason.in_(list(Reason)))
    ]
    lots.append(
        and_(rows.c.state == DeliveryState.SKIPPED, rows.c.reason.in_(sorted(NEXT_CHANCE)))
    )
    found = union_all(*(select(rows.c.channel_id).where(of_one, lot) for lot in lots)).subquery()
    return select(found.c.channel_id, func.count().label("many")).group_by(found.c.channel_id)


def open_by_channel(announcement_id: AnnouncementId) -> Select[Any]:
    """Return how many copies are still to be decided, by channel.

    Those that wait are counted in the order of their own index, without a look at the rows.
    """
    of_one, channel = rows.c.announcement_id, rows.c.channel_id
    found = union_all(
        *(
            select(channel, func.count().label("many"))
            .where(of_one == announcement_id, rows.c.state == state)
            .group_by(of_one, channel)
            for state in (WAITING, SENDING)
        )
    ).subquery()
    return select(
        found.c.channel_id, cast(func.sum(found.c.many), BigInteger).label("many")
    ).group_by(found.c.channel_id)


def newest_tried(announcement_id: AnnouncementId, since: datetime, limit: int) -> Select[Any]:
    """Return the states of the last copies that were tried.

    The newest of each case are looked up apart: in the index they stand at the end of their case.
    """
    lots = [
        select(
            select(rows.c.state, rows.c.done_at, rows.c.id)
            .where(
                rows.c.announcement_id == announcement_id,
                rows.c.state == state,
                rows.c.reason.is_(None) if reason is None else rows.c.reason == reason,
                rows.c.done_at > since,
            )
            .order_by(rows.c.done_at.desc())
            .limit(limit)
            .subquery()
        )
        for state in _TRIED
        for reason in (None, *Reason)
        # What was sent has no reason.
        if state is not DeliveryState.SENT or reason is None
    ]
    found = union_all(*lots).subquery()
    return select(found.c.state).order_by(found.c.done_at.desc(), found.c.id.desc()).limit(limit)


def with_copies_waiting() -> Select[tuple[str]]:
    """Return which announcements being sent still have copies that wait."""
    waiting = (
        select(rows.c.id)
        .where(rows.c.announcement_id == _announcements.c.id, rows.c.state == WAITING)
        .exists()
    )
    return select(_announcements.c.id).where(
        _announcements.c.state == AnnouncementState.SENDING, waiting
    )
