"""Counts and lists whom an announcement would reach, as `bot.storage.freezing` would."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from bot.core.audience import Selection
from bot.core.ids import AnnouncementId, ChannelId, PersonId
from bot.core.people import PersonState
from bot.core.reach import Latecomers, ReachCase, ReachCount, Reached
from bot.core.windows import Window
from bot.storage import tables
from bot.storage.audiences import (
    CLOSED,
    FREE,
    PAID,
    SPENT,
    groups_of,
    is_served,
    people_of,
    would_be_meant,
)
from bot.storage.statements import Statements

_people = tables.people
_households = tables.households
_rows = tables.deliveries
_WINDOWS: Final = {
    FREE: Window.FREE,
    PAID: Window.PAID,
    SPENT: Window.PAID,
    CLOSED: Window.CLOSED,
}
_GONE: Final = {
    ReachCase.BLOCKED: PersonState.UNREACHABLE,
    ReachCase.OPTED_OUT: PersonState.LEFT,
}


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


async def count_gone(
    db: Statements, selection: Selection
) -> Mapping[tuple[ChannelId, ReachCase], int]:
    """Return how many would get a copy had they not left, by channel and why."""
    cases = {state: case for case, state in _GONE.items()}
    columns = (_people.c.channel_id, _people.c.state)
    statement = (
        select(*columns, func.count().label("many"))
        .where(*would_be_meant(_people, selection), _people.c.state.in_(cases))
        .group_by(*columns)
    )
    return {(row.channel_id, cases[row.state]): row.many for row in await db.rows(statement)}


async def count_late(
    db: Statements, announcement_id: AnnouncementId, selection: Selection
) -> Latecomers:
    """Return how many would get a copy if what was started were frozen once more."""
    person = _people.alias("late_person")
    found = people_of(selection).subquery("late")
    has_row = exists().where(
        _rows.c.person_id == found.c.id, _rows.c.announcement_id == announcement_id
    )
    house = person.c.household_id
    people = (
        select(func.count().label("many"))
        .join_from(found, person, person.c.id == found.c.id)
        .where(~has_row, found.c.is_doubled == 0, found.c.cost != CLOSED)
        .where(or_(house.is_(None), ~is_served(house, announcement_id)))
    )
    linked = groups_of(selection).subquery("late_groups")
    has_copy = exists().where(
        _rows.c.group_id == linked.c.id, _rows.c.announcement_id == announcement_id
    )
    groups = select(func.count().label("many")).select_from(linked).where(~has_copy)
    counted = [(await db.rows(statement))[0].many for statement in (people, groups)]
    return Latecomers(people=counted[0], groups=counted[1])


async def list_reach(
    db: Statements,
    selection: Selection,
    channel_id: ChannelId,
    case: ReachCase,
    *,
    after: PersonId | None,
    limit: int,
) -> list[Reached]:
    """Return the people behind a number, by their ids, those after `after`."""
    chosen = _behind(selection, case).where(_people.c.channel_id == channel_id)
    if after is not None:
        chosen = chosen.where(_people.c.id > after)
    ids = chosen.with_only_columns(_people.c.id).order_by(_people.c.id).limit(limit)
    statement = (
        select(
            _people.c.id.label("person_id"),
            _people.c.channel_id,
            _people.c.unit_id,
            _households.c.code.label("household_code"),
            _households.c.address.label("household_address"),
            _people.c.joined_at,
        )
        .join(_households, _households.c.id == _people.c.household_id, isouter=True)
        .where(_people.c.id.in_(ids))
        .order_by(_people.c.id)
    )
    return [Reached(**row._asdict()) for row in await db.rows(statement)]


def _behind(selection: Selection, case: ReachCase) -> Select[Any]:
    if case in _GONE:
        meant = would_be_meant(_people, selection)
        return select(_people.c.id).where(*meant, _people.c.state == _GONE[case])
    found = people_of(selection).subquery("listed")
    return select(_people.c.id).join(found, found.c.id == _people.c.id).where(_is(case, found))


def _is(case: ReachCase, found: Any) -> ColumnElement[bool]:  # noqa: ANN401 - the columns of a subquery
    if case is ReachCase.DOUBLED:
        return found.c.is_doubled == 1  # type: ignore[no-any-return]  # same
    costs = {ReachCase.FREE: (FREE,), ReachCase.PAID: (PAID, SPENT), ReachCase.CLOSED: (CLOSED,)}
    return (found.c.is_doubled == 0) & found.c.cost.in_(costs[case])  # type: ignore[no-any-return]  # same
