"""Turns an audience into rows, some thousands in one statement, so that nobody waits long.

Freezing again adds only who is missing, and takes a copy somebody of the household already has
for the household's. Who last wrote too long ago for the platform is on record as such at once. A
linked group gets a copy of its own. Who belongs to an audience is in `bot.storage.audiences`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Select, and_, case, false, func, literal, or_, select, true

from bot.core.deliveries import NEXT_CHANCE, DeliveryState, Lane
from bot.core.ids import AnnouncementId
from bot.core.sending import Reason
from bot.storage import tables
from bot.storage.audiences import CLOSED, is_served
from bot.storage.claiming import AT_ONCE
from bot.storage.statements import Insert

_people = tables.people
_rows = tables.deliveries


def freezing(
    fresh: Insert,
    announcement_id: AnnouncementId,
    *,
    people: Select[Any],
    lane: Lane,
    at: datetime,
    stopped: Reason | None = None,
) -> Insert:
    """Return `fresh` filled with `people`; who has a row already keeps it.

    With `stopped` nobody waits: the announcement was stopped before everybody had a row.
    """
    audience = _judged(people, announcement_id)
    doubled, closed = audience.c.is_doubled == 1, audience.c.cost == CLOSED
    skipped = true() if stopped else or_(doubled, closed)
    moment = literal(at, _rows.c.free_at.type)
    why: list[tuple[Any, Any]] = [
        (doubled, _reason(Reason.DOUBLED)),
        (closed, _reason(Reason.NO_WINDOW)),
    ]
    values = {
        **_waiting(announcement_id, lane, at),
        "channel_id": audience.c.channel_id,
        "state": case((skipped, _state(DeliveryState.SKIPPED)), else_=_state()),
        "reason": _reason(stopped) if stopped else case(*why),
        "done_at": case((skipped, moment)),
        "person_id": audience.c.id,
    }
    # SQLite takes the ON of "ON CONFLICT" for a join's unless a WHERE stands in between.
    chosen = select(*values.values()).where(true()).order_by(audience.c.id)
    return fresh.from_select(list(values), chosen).on_conflict_do_nothing(
        index_elements=["person_id", "announcement_id"]
    )


def _judged(people: Select[Any], announcement_id: AnnouncementId) -> CTE:
    """Return `people` with their case; who stands in a household that is served is doubled too.

    Each is judged once: what is read from it several times would else be thought through anew.
    """
    chosen = people.subquery("chosen")
    house = _people.alias("house")
    served = and_(
        house.c.household_id.is_not(None), is_served(house.c.household_id, announcement_id)
    )
    is_doubled = case((or_(chosen.c.is_doubled == 1, served), 1), else_=0)
    judged = select(
        chosen.c.id, chosen.c.channel_id, chosen.c.cost, is_doubled.label("is_doubled")
    ).join_from(chosen, house, house.c.id == chosen.c.id)
    return judged.cte("audience").prefix_with("MATERIALIZED")


def _reason(reason: Reason) -> Any:  # noqa: ANN401 - SQLAlchemy's own types are of no help here
    return literal(reason, _rows.c.reason.type)


def _state(state: DeliveryState = DeliveryState.WAITING) -> Any:  # noqa: ANN401 - same
    return literal(state, _rows.c.state.type)


def _waiting(announcement_id: AnnouncementId, lane: Lane, at: datetime) -> dict[str, Any]:
    """Return what every copy begins with."""
    moment = literal(at, _rows.c.free_at.type)
    return {
        "lane": literal(int(lane)),
        "state": _state(),
        "attempts": literal(0),
        "not_before": moment,
        "free_at": literal(AT_ONCE, _rows.c.free_at.type),
        "announcement_id": literal(announcement_id),
    }


def _stopped(reason: Reason | None, at: datetime) -> Mapping[str, Any]:
    if reason is None:
        return {}
    done_at = literal(at, _rows.c.done_at.type)
    return {
        "state": _state(DeliveryState.SKIPPED),
        "reason": _reason(reason),
        "done_at": done_at,
    }


def freezing_groups(
    fresh: Insert,
    announcement_id: AnnouncementId,
    *,
    groups: Select[Any],
    lane: Lane,
    at: datetime,
    stopped: Reason | None = None,
) -> Insert:
    """Return `fresh` filled with a copy for each of `groups` that has none yet."""
    found = groups.subquery("audience_groups")
    values = {
        **_waiting(announcement_id, lane, at),
        **_stopped(stopped, at),
        "channel_id": found.c.channel_id,
        "group_id": found.c.id,
    }
    chosen = select(*values.values()).where(true()).order_by(found.c.id)
    return fresh.from_select(list(values), chosen).on_conflict_do_nothing(
        index_elements=["group_id", "announcement_id"],
        index_where=_rows.c.group_id.is_not(None),
    )


def amended(amends: AnnouncementId, *, is_for_owed: bool) -> Select[Any]:
    """Return the ids of the rows of `amends` whose people and groups an amendment goes to.

    Those who have it or may have it; with `is_for_owed` also those to whom it is still owed.
    """
    is_skipped = _rows.c.state == DeliveryState.SKIPPED
    owed = (*NEXT_CHANCE, Reason.CANCELLED)
    is_owed = and_(is_skipped, _rows.c.reason.in_(owed)) if is_for_owed else false()
    return select(_rows.c.id).where(
        _rows.c.announcement_id == amends,
        or_(_rows.c.state.in_((DeliveryState.SENT, DeliveryState.UNKNOWN)), is_owed),
        or_(_rows.c.person_id.is_not(None), _rows.c.group_id.is_not(None)),
    )


def freezing_amendment(
    fresh: Insert,
    announcement_id: AnnouncementId,
    *,
    of: Select[Any],
    lane: Lane,
    at: datetime,
    stopped: Reason | None = None,
) -> Insert:
    """Return `fresh` filled with a copy for everybody in the rows `of` (see `amended`).

    What was cancelled waits; what stays for the next chance stays.
    """
    earlier = _rows.alias("earlier")
    is_skipped = earlier.c.state == DeliveryState.SKIPPED
    is_held_back = and_(is_skipped, earlier.c.reason.in_(NEXT_CHANCE))
    values = {
        **_waiting(announcement_id, lane, at),
        "state": case((is_held_back, _state(DeliveryState.SKIPPED)), else_=_state()),
        "reason": case((is_held_back, earlier.c.reason)),
        "done_at": case((is_held_back, literal(at, _rows.c.done_at.type))),
        **_stopped(stopped, at),
        "channel_id": earlier.c.channel_id,
        "person_id": earlier.c.person_id,
        "group_id": earlier.c.group_id,
        # Of a copy nobody knows about, what it was to take the place of is known at least.
        "replaces": func.coalesce(earlier.c.platform_id, earlier.c.replaces),
    }
    chosen = select(*values.values()).where(earlier.c.id.in_(of)).order_by(earlier.c.id)
    return fresh.from_select(list(values), chosen).on_conflict_do_nothing()
