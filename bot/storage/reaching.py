"""Counts whom an announcement would reach, in one statement, as `bot.storage.freezing` would."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Select, and_, case, false, func, literal, or_, select

from bot.core.ids import ChannelId, UnitId
from bot.core.reach import ReachCount
from bot.core.windows import Window
from bot.storage import tables
from bot.storage.freezing import audience_of
from bot.storage.statements import Statements


async def count_reach(
    db: Statements,
    unit_ids: Collection[UnitId],
    channels: Collection[ChannelId],
    *,
    closed_before: Mapping[ChannelId, datetime],
    free_from: Mapping[ChannelId, datetime],
) -> list[ReachCount]:
    """Return how many people there are in each case, by channel."""
    statement = _counted(unit_ids, channels, closed_before, free_from)
    return [
        ReachCount(
            channel_id=row.channel_id,
            window=Window(row.window),
            is_doubled=bool(row.is_doubled),
            people=row.people,
        )
        for row in await db.rows(statement)
    ]


def _counted(
    unit_ids: Collection[UnitId],
    channels: Collection[ChannelId],
    closed_before: Mapping[ChannelId, datetime],
    free_from: Mapping[ChannelId, datetime],
) -> Select[tuple[ChannelId, str, int, int]]:
    audience = audience_of(unit_ids, channels, closed_before)
    moment = tables.people.c.joined_at.type
    paid = [
        and_(audience.c.channel_id == channel_id, audience.c.wrote_at <= literal(at, moment))
        for channel_id, at in free_from.items()
    ]
    window = case(
        (audience.c.is_closed == 1, literal(Window.CLOSED.value)),
        (or_(false(), *paid), literal(Window.PAID.value)),
        else_=literal(Window.FREE.value),
    )
    cases = (audience.c.channel_id, window.label("window"), audience.c.is_doubled)
    counted = select(*cases).subquery("counted")
    columns = (counted.c.channel_id, counted.c.window, counted.c.is_doubled)
    return select(*columns, func.count().label("people")).group_by(*columns).order_by(*columns)
