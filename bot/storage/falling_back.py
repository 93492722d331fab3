"""A household whose chosen person cannot be reached after all: the next of it gets the copy."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import DeliveryState
from bot.core.ids import DeliveryId
from bot.core.people import PersonState
from bot.core.sending import Reason
from bot.storage import tables
from bot.storage.audiences import apart, is_served
from bot.storage.claiming import AT_ONCE
from bot.storage.statements import Statements

_people = tables.people
_rows = tables.deliveries
_announcements = tables.announcements

# Copies that were to be sent; of one that was stopped nothing more goes out.
_GOING = (AnnouncementState.SENDING, AnnouncementState.PAUSED)


def anew(at: datetime) -> dict[str, Any]:
    """Return what makes a copy that was done wait as if it had never been tried."""
    return {
        "state": DeliveryState.WAITING,
        "reason": None,
        "attempts": 0,
        "done_at": None,
        "not_before": at,
        "free_at": AT_ONCE,
    }


async def fall_back(db: Statements, lost: Collection[DeliveryId], *, at: datetime) -> int:
    """Let the next of each household wait whose copy is among `lost`; return how many do.

    A household somebody of which has, or may have, the copy gets no second one.
    """
    if not lost:
        return 0
    found = await db.rows(next_of_households(lost))
    ids = [row.id for row in found]
    if not ids:
        return 0
    return await db.count(update(_rows).where(_rows.c.id.in_(ids)).values(**anew(at)))


def next_of_households(lost: Collection[DeliveryId]) -> Select[Any]:
    """Return the ids of the doubled copies that come next, one for each household."""
    gone, owner = _rows.alias("gone"), _people.alias("owner")
    houses = (
        select(gone.c.announcement_id, owner.c.household_id)
        .distinct()
        .join(owner, owner.c.id == gone.c.person_id)
        .join(_announcements, _announcements.c.id == gone.c.announcement_id)
        .where(
            gone.c.id.in_(lost),
            owner.c.household_id.is_not(None),
            _announcements.c.state.in_(_GOING),
        )
        .subquery("houses")
    )
    place = func.row_number().over(
        partition_by=(houses.c.announcement_id, houses.c.household_id),
        order_by=(_people.c.joined_at, _people.c.id),
    )
    ranked = (
        select(_rows.c.id, place.label("place"))
        .join_from(houses, _people, _people.c.household_id == houses.c.household_id)
        .join(
            _rows,
            (_rows.c.person_id == _people.c.id)
            & (_rows.c.announcement_id == houses.c.announcement_id),
        )
        .where(
            apart(_people.c.state) == PersonState.JOINED.value,
            apart(_rows.c.state) == DeliveryState.SKIPPED.value,
            apart(_rows.c.reason) == Reason.DOUBLED.value,
            ~is_served(houses.c.household_id, houses.c.announcement_id),
        )
        .subquery("ranked")
    )
    return select(ranked.c.id).where(ranked.c.place == 1)
