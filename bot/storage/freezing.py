"""Turns an audience into rows, in one statement, however large it is.

Of a household only the person who joined first gets a copy; the others are on record as doubled.
Freezing again adds only who joined since, and takes a copy somebody of the household already has
for the household's.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, or_, select, true

from bot.core.deliveries import DeliveryState, Lane
from bot.core.ids import AnnouncementId, ChannelId, UnitId
from bot.core.people import PersonState
from bot.core.sending import Reason
from bot.storage import tables
from bot.storage.statements import Insert

_people = tables.people
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
    doubled = or_(audience.c.place > 1, _is_served(audience, announcement_id))
    moment = literal(at, _rows.c.free_at.type)
    values = {
        "channel_id": audience.c.channel_id,
        "lane": literal(int(lane)),
        "state": case(
            (doubled, literal(DeliveryState.SKIPPED, _rows.c.state.type)),
            else_=literal(DeliveryState.WAITING, _rows.c.state.type),
        ),
        "reason": case((doubled, literal(Reason.DOUBLED, _rows.c.reason.type))),
        "attempts": literal(0),
        "not_before": moment,
        "free_at": moment,
        "done_at": case((doubled, moment)),
        "announcement_id": literal(announcement_id),
        "person_id": audience.c.id,
    }
    # SQLite takes the ON of "ON CONFLICT" for a join's unless a WHERE stands in between.
    chosen = select(*values.values()).where(true()).order_by(audience.c.id)
    return fresh.from_select(list(values), chosen).on_conflict_do_nothing(
        index_elements=["person_id", "announcement_id"]
    )


def audience_of(unit_ids: Collection[UnitId], channels: Collection[ChannelId]) -> Subquery:
    """Return everybody who joined, each with a `place` within the household, from 1."""
    alone = case((_people.c.household_id.is_(None), _people.c.id))
    place = func.row_number().over(
        partition_by=(_people.c.household_id, alone),
        order_by=(_people.c.joined_at, _people.c.id),
    )
    statement = select(
        _people.c.id, _people.c.channel_id, _people.c.household_id, place.label("place")
    ).where(_people.c.unit_id.in_(unit_ids), _people.c.state == PersonState.JOINED)
    if channels:
        statement = statement.where(_people.c.channel_id.in_(channels))
    return statement.subquery("audience")


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
