"""Which people and groups an announcement is for, as statements.

Of a household one person gets a copy: of those who can be written to the one to whom it is free,
then the one whom the quota still pays for, then who joined first. Each person is judged beside
the few of their own household, so that the next thousand people cost what the first did.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from bot.core.audience import Selection
from bot.core.deliveries import DeliveryState
from bot.core.groups import GroupState
from bot.core.ids import AnnouncementId
from bot.core.people import PersonState
from bot.storage import tables

_people = tables.people
_groups = tables.groups
_rows = tables.deliveries
_interests = tables.interests
_MOMENT: Final = _people.c.joined_at.type

# What writing to somebody costs, in the order in which one of a household is chosen.
FREE, PAID, SPENT, CLOSED = range(4)


def apart(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a column of text so that the planner finds no rows by it.

    Without statistics SQLite thinks an index on state or unit tells more than a key does, and
    reads a whole announcement, or everybody, for each person.
    """
    return func.coalesce(cast(column, Text), "")


def people_of(selection: Selection) -> Select[Any]:
    """Return everybody who joined: id, channel, cost, and whether they are doubled."""
    return select(
        _people.c.id,
        _people.c.channel_id,
        cost_of(_people, selection).label("cost"),
        case((_is_doubled(selection), 1), else_=0).label("is_doubled"),
    ).where(*is_meant(_people, selection))


def groups_of(selection: Selection) -> Select[Any]:
    """Return the linked groups: id and channel."""
    found = select(_groups.c.id, _groups.c.channel_id).where(
        _groups.c.unit_id.in_(selection.unit_ids), _groups.c.state == GroupState.LINKED
    )
    if selection.channels:
        found = found.where(_groups.c.channel_id.in_(selection.channels))
    if selection.topics:
        found = found.where(false())
    if selection.missed is not None:
        has_it = exists().where(
            _rows.c.group_id == _groups.c.id,
            _rows.c.announcement_id == selection.missed,
            _rows.c.state == DeliveryState.SENT,
        )
        found = found.where(~has_it)
    return found


def is_meant(people: FromClause, selection: Selection) -> list[ColumnElement[bool]]:
    """Return what holds of those the announcement is for; windows are not asked."""
    return [
        apart(people.c.state) == PersonState.JOINED.value,
        *would_be_meant(people, selection),
    ]


def would_be_meant(people: FromClause, selection: Selection) -> list[ColumnElement[bool]]:
    """Return what holds of those the announcement is for, be they still there or not."""
    conditions: list[ColumnElement[bool]] = [apart(people.c.unit_id).in_(selection.unit_ids)]
    if selection.channels:
        conditions.append(people.c.channel_id.in_(selection.channels))
    if selection.joined_until is not None:
        conditions.append(people.c.joined_at <= literal(selection.joined_until, _MOMENT))
    if selection.topics:
        conditions.append(
            exists().where(
                _interests.c.person_id == people.c.id, _interests.c.topic.in_(selection.topics)
            )
        )
    if selection.missed is not None:
        conditions.append(~_is_reached(people, selection.missed))
    return conditions


def cost_of(people: FromClause, selection: Selection) -> ColumnElement[int]:
    """Return what writing to somebody costs: one of the four numbers."""
    wrote_at = func.coalesce(people.c.wrote_at, people.c.joined_at)
    closed = [
        and_(people.c.channel_id == channel_id, wrote_at < literal(at, _MOMENT))
        for channel_id, at in selection.closed_before.items()
    ]
    paid = [
        and_(people.c.channel_id == channel_id, wrote_at <= literal(at, _MOMENT))
        for channel_id, at in selection.free_from.items()
    ]
    is_paid = or_(false(), *paid)
    return case(
        (or_(false(), *closed), CLOSED),
        (and_(is_paid, people.c.channel_id.in_(selection.spent)), SPENT),
        (is_paid, PAID),
        else_=FREE,
    )


def _is_doubled(selection: Selection) -> ColumnElement[bool]:
    """Tell whether somebody else of the household gets the copy.

    Where nobody of it can be written to nobody is doubled: whoever writes first gets it.
    """
    other = _people.alias("other")
    turn = (cost_of(other, selection), other.c.joined_at, other.c.id)
    own_turn = (cost_of(_people, selection), _people.c.joined_at, _people.c.id)
    goes_before = exists().where(
        other.c.household_id == _people.c.household_id,
        other.c.id != _people.c.id,
        *is_meant(other, selection),
        cost_of(other, selection) != CLOSED,
        tuple_(*turn) < tuple_(*own_turn),
    )
    return and_(_people.c.household_id.is_not(None), goes_before)


def _is_reached(people: FromClause, announcement_id: AnnouncementId) -> ColumnElement[bool]:
    """Tell whether somebody, or anybody of their household, got that announcement."""
    sent = (DeliveryState.SENT,)
    itself = _has_copy(people.c.id, announcement_id, sent)
    house = _has_member_with(people.c.household_id, announcement_id, sent)
    return or_(itself, and_(people.c.household_id.is_not(None), house))


# A copy that failed or was skipped serves nobody: another one of the household may have it.
_SERVING: Final = (
    DeliveryState.WAITING,
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.UNKNOWN,
)


def is_served(household_id: ColumnElement[Any], announcement_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column or a value
    """Tell whether a household has a copy of the announcement that may still reach it, or did."""
    return _has_member_with(household_id, announcement_id, _SERVING)


def _has_member_with(
    household_id: ColumnElement[Any],
    announcement_id: Any,  # noqa: ANN401 - a column or a value
    states: Collection[DeliveryState],
) -> ColumnElement[bool]:
    member = _people.alias("member")
    has_copy = _has_copy(member.c.id, announcement_id, states)
    found = select(member.c.id).where(member.c.household_id == household_id, has_copy)
    return found.correlate_except(member).exists()


def _has_copy(
    person_id: ColumnElement[Any],
    announcement_id: Any,  # noqa: ANN401 - a column or a value
    states: Collection[DeliveryState],
) -> ColumnElement[bool]:
    copy = _rows.alias("copy")
    found = select(copy.c.id).where(
        copy.c.person_id == person_id,
        copy.c.announcement_id == announcement_id,
        apart(copy.c.state).in_([state.value for state in states]),
    )
    # Whatever it is asked about stands further out, however far.
    return found.correlate_except(copy).exists()
