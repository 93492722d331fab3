"""Which households nobody reached: the statements. One reached member is enough for a household.

An unknown copy counts as reached, as everywhere: it may well have arrived.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from bot.core.deliveries import DeliveryState
from bot.core.ids import AnnouncementId, HouseholdId, UnitId
from bot.storage import tables

# The one copy that a person has of an announcement; see `of_copy`.
of_one: Final = tables.deliveries.alias("of_one")
_people: Final = tables.people
_households: Final = tables.households
_REACHED: Final = (DeliveryState.SENT, DeliveryState.UNKNOWN)


def of_copy(
    column: ColumnElement[Any], announcement_id: AnnouncementId, person_id: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return a column of the one copy that a person has of an announcement, or NULL.

    Asked for person by person, it is found by the key of both. In a join, and without statistics,
    either database would look through all copies of the announcement for every household.
    """
    return (
        select(column)
        .where(of_one.c.person_id == person_id, of_one.c.announcement_id == announcement_id)
        .correlate_except(of_one)
        .scalar_subquery()
    )


def _members(
    announcement_id: AnnouncementId, has: Callable[[ColumnElement[Any]], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Tell whether a household has a member of whose copy the state is as asked for."""
    state = of_copy(of_one.c.state, announcement_id, _people.c.id)
    return (
        select(_people.c.id)
        .where(_people.c.household_id == _households.c.id, has(state))
        .correlate(_households)
        .exists()
    )


def _has_copies(announcement_id: AnnouncementId) -> ColumnElement[bool]:
    return _members(announcement_id, lambda state: state.is_not(None))


def _is_missed(
    announcement_id: AnnouncementId, unit_ids: Collection[UnitId]
) -> ColumnElement[bool]:
    reached = _members(announcement_id, lambda state: state.in_(_REACHED))
    return and_(_households.c.unit_id.in_(unit_ids), ~reached)


def missed(
    announcement_id: AnnouncementId, unit_ids: Collection[UnitId], *, has_copies: bool | None
) -> Select[Any]:
    """Return the households of the units that nobody reached; with or without copies, or both."""
    statement = select(_households.c.id, _households.c.code, _households.c.address).where(
        _is_missed(announcement_id, unit_ids)
    )
    if has_copies is None:
        return statement
    any_copy = _has_copies(announcement_id)
    return statement.where(any_copy if has_copies else ~any_copy)


def count_missed(
    announcement_id: AnnouncementId, unit_ids: Collection[UnitId]
) -> Select[int, Any]:
    """Return how many there are, and how many of them have copies."""
    any_copy = _has_copies(announcement_id)
    return (
        select(
            func.count().label("many"),
            func.sum(case((any_copy, 1), else_=0)).label("with_copies"),
        )
        .select_from(_households)
        .where(_is_missed(announcement_id, unit_ids))
    )


def copies_of_houses(announcement_id: AnnouncementId, ids: Sequence[HouseholdId]) -> Select[Any]:
    """Return what became of the copies for members of some households, who joined first first.

    Of a member who has none everything is NULL.
    """

    def told(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
        return of_copy(column, announcement_id, _people.c.id).label(name)

    return (
        select(
            _people.c.household_id,
            told(of_one.c.state, "state"),
            told(of_one.c.reason, "reason"),
            told(of_one.c.channel_id, "channel_id"),
        )
        .where(_people.c.household_id.in_(ids))
        .order_by(_people.c.joined_at, _people.c.id)
    )
