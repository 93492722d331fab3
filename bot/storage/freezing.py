"""Turns an audience into rows, in one statement, however large it is.

Of a household only the person who joined first gets a copy; the others are on record as doubled,
unless nobody of it can be reached.
Freezing again adds only who joined since, and takes a copy somebody of the household already has
for the household's. Who last wrote too long ago for the platform is on record as such at once. A
linked group gets a copy of its own.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from bot.core.deliveries import NEXT_CHANCE, DeliveryState, Lane
from bot.core.groups import GroupState
from bot.core.ids import AnnouncementId, ChannelId, UnitId
from bot.core.people import PersonState
from bot.core.sending import Reason
from bot.storage import tables
from bot.storage.statements import Insert

_people = tables.people
_groups = tables.groups
_rows = tables.deliveries


def freezing(
    fresh: Insert,
    announcement_id: AnnouncementId,
    *,
    audience: Subquery,
    lane: Lane,
    at: datetime,
) -> Insert:
    """Return `fresh` filled from `audience`; who has a row already keeps it."""
    doubled = or_(audience.c.is_doubled == 1, _is_served(audience, announcement_id))
    skipped = or_(doubled, audience.c.is_closed == 1)
    moment = literal(at, _rows.c.free_at.type)
    values = {
        **_waiting(announcement_id, lane, at),
        "channel_id": audience.c.channel_id,
        "state": case(
            (skipped, literal(DeliveryState.SKIPPED, _rows.c.state.type)),
            else_=literal(DeliveryState.WAITING, _rows.c.state.type),
        ),
        "reason": case(
            (doubled, literal(Reason.DOUBLED, _rows.c.reason.type)),
            (audience.c.is_closed == 1, literal(Reason.NO_WINDOW, _rows.c.reason.type)),
        ),
        "done_at": case((skipped, moment)),
        "person_id": audience.c.id,
    }
    # SQLite takes the ON of "ON CONFLICT" for a join's unless a WHERE stands in between.
    chosen = select(*values.values()).where(true()).order_by(audience.c.id)
    return fresh.from_select(list(values), chosen).on_conflict_do_nothing(
        index_elements=["person_id", "announcement_id"]
    )


def _waiting(announcement_id: AnnouncementId, lane: Lane, at: datetime) -> dict[str, Any]:
    """Return what every copy begins with."""
    moment = literal(at, _rows.c.free_at.type)
    return {
        "lane": literal(int(lane)),
        "state": literal(DeliveryState.WAITING, _rows.c.state.type),
        "attempts": literal(0),
        "not_before": moment,
        "free_at": moment,
        "announcement_id": literal(announcement_id),
    }


def freezing_groups(
    fresh: Insert, announcement_id: AnnouncementId, *, groups: Subquery, lane: Lane, at: datetime
) -> Insert:
    """Return `fresh` filled with a copy for each of `groups` that has none yet."""
    values = {
        **_waiting(announcement_id, lane, at),
        "channel_id": groups.c.channel_id,
        "group_id": groups.c.id,
    }
    chosen = select(*values.values()).where(true()).order_by(groups.c.id)
    return fresh.from_select(list(values), chosen).on_conflict_do_nothing(
        index_elements=["group_id", "announcement_id"],
        index_where=_rows.c.group_id.is_not(None),
    )


def freezing_amendment(
    fresh: Insert,
    announcement_id: AnnouncementId,
    *,
    amends: AnnouncementId,
    lane: Lane,
    at: datetime,
    is_for_owed: bool,
) -> Insert:
    """Return `fresh` filled with a copy for everybody who has, or may have, one of `amends`.

    With `is_for_owed` also for those to whom it is still owed: what was cancelled waits, what
    stays for the next chance stays.
    """
    earlier = _rows.alias("earlier")
    is_skipped = earlier.c.state == DeliveryState.SKIPPED
    is_held_back = and_(is_skipped, earlier.c.reason.in_(NEXT_CHANCE))
    is_cut_off = and_(is_skipped, earlier.c.reason == Reason.CANCELLED)
    is_owed = or_(is_held_back, is_cut_off) if is_for_owed else false()
    values = {
        **_waiting(announcement_id, lane, at),
        "state": case(
            (is_held_back, literal(DeliveryState.SKIPPED, _rows.c.state.type)),
            else_=literal(DeliveryState.WAITING, _rows.c.state.type),
        ),
        "reason": case((is_held_back, earlier.c.reason)),
        "done_at": case((is_held_back, literal(at, _rows.c.done_at.type))),
        "channel_id": earlier.c.channel_id,
        "person_id": earlier.c.person_id,
        "group_id": earlier.c.group_id,
        # Of a copy nobody knows about, what it was to take the place of is known at least.
        "replaces": func.coalesce(earlier.c.platform_id, earlier.c.replaces),
    }
    chosen = (
        select(*values.values())
        .where(
            earlier.c.announcement_id == amends,
            or_(earlier.c.state.in_((DeliveryState.SENT, DeliveryState.UNKNOWN)), is_owed),
            or_(earlier.c.person_id.is_not(None), earlier.c.group_id.is_not(None)),
        )
        .order_by(earlier.c.id)
    )
    return fresh.from_select(list(values), chosen).on_conflict_do_nothing()


def groups_of(unit_ids: Collection[UnitId], channels: Collection[ChannelId]) -> Subquery:
    """Return the linked groups of the units."""
    statement = select(_groups.c.id, _groups.c.channel_id).where(
        _groups.c.unit_id.in_(unit_ids), _groups.c.state == GroupState.LINKED
    )
    if channels:
        statement = statement.where(_groups.c.channel_id.in_(channels))
    return statement.subquery("audience_groups")


def audience_of(
    unit_ids: Collection[UnitId],
    channels: Collection[ChannelId],
    closed_before: Mapping[ChannelId, datetime],
) -> Subquery:
    """Return everybody who joined.

    `is_closed` is 1 for those who last wrote before the moment in `closed_before` of their
    channel, `is_doubled` for those of whose household somebody else gets the copy: of those who
    can be reached the one who joined first. Where nobody can, whoever writes first gets it.
    """
    wrote_at = func.coalesce(_people.c.wrote_at, _people.c.joined_at)
    closed = [
        and_(_people.c.channel_id == channel_id, wrote_at < literal(at, _people.c.joined_at.type))
        for channel_id, at in closed_before.items()
    ]
    is_closed = case((or_(false(), *closed), 1), else_=0)
    alone = case((_people.c.household_id.is_(None), _people.c.id))
    house = (_people.c.household_id, alone)
    turn = (is_closed, _people.c.joined_at, _people.c.id)
    place = func.row_number().over(partition_by=house, order_by=turn)
    # Those who can be reached come first, so the first tells whether there are any.
    first = func.first_value(is_closed).over(partition_by=house, order_by=turn)
    none_reached = first if closed else literal(0)
    statement = select(
        _people.c.id,
        _people.c.channel_id,
        _people.c.household_id,
        wrote_at.label("wrote_at"),
        case((and_(place > 1, none_reached == 0), 1), else_=0).label("is_doubled"),
        is_closed.label("is_closed"),
    ).where(_people.c.unit_id.in_(unit_ids), _people.c.state == PersonState.JOINED)
    if channels:
        statement = statement.where(_people.c.channel_id.in_(channels))
    return statement.subquery("audience")


def is_served_meanwhile() -> ColumnElement[bool]:
    """Tell of a row of the outbox whether somebody else of its household has a copy by now."""
    own, of_house = _people.alias("own"), _people.alias("of_house")
    served = _rows.alias("served")
    return (
        select(served.c.id)
        .join(of_house, of_house.c.id == served.c.person_id)
        .join(own, own.c.household_id == of_house.c.household_id)
        .where(
            own.c.id == _rows.c.person_id,
            of_house.c.id != own.c.id,
            served.c.announcement_id == _rows.c.announcement_id,
            served.c.state != DeliveryState.SKIPPED,
        )
        .exists()
    )


def _is_served(audience: Subquery, announcement_id: AnnouncementId) -> ColumnElement[bool]:
    of_house = _people.alias("of_house")
    served = _rows.alias("served")
    return and_(
        audience.c.household_id.is_not(None),
        select(of_house.c.id)
        .join(served, served.c.person_id == of_house.c.id)
        .where(
            of_house.c.household_id == audience.c.household_id,
            of_house.c.id != audience.c.id,
            served.c.announcement_id == announcement_id,
            served.c.state != DeliveryState.SKIPPED,
        )
        .exists(),
    )
