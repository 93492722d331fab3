"""Counts whom an announcement would reach, in one statement, as `bot.storage.freezing` would."""

from sqlalchemy import func, select

from bot.core.audience import Selection
from bot.core.reach import ReachCount
from bot.core.windows import Window
from bot.storage.audiences import CLOSED, FREE, PAID, SPENT, people_of
from bot.storage.statements import Statements

_WINDOWS = {FREE: Window.FREE, PAID: Window.PAID, SPENT: Window.PAID, CLOSED: Window.CLOSED}


async def count_reach(db: Statements, selection: Selection) -> list[ReachCount]:
    """Return how many people there are in each case, by channel."""
    people = people_of(selection).subquery("counted")
    columns = (people.c.channel_id, people.c.cost, people.c.is_doubled)
    statement = select(*columns, func.count().label("many")).group_by(*columns).order_by(*columns)
    return [
        ReachCount(
            channel_id=row.channel_id,
            window=_WINDOWS[row.cost],
            is_doubled=bool(row.is_doubled),
            people=row.many,
        )
        for row in await db.rows(statement)
    ]
