"""How the outcomes of attempts are written down: one statement for many of them.

On SQLite they are handed over in one piece and written in one step, because the driver lets go
of Python's lock at every step and then waits for whoever took it. PostgreSQL's driver sends the
statement once with many sets of values.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    or_,
    type_coerce,
    update,
)
from sqlalchemy.types import TypeEngine

from bot.core.deliveries import DeliveryState, Outcome
from bot.storage.claiming import AT_ONCE, SENDING, rows
from bot.storage.columns import Moment

OPEN: Final = frozenset({DeliveryState.WAITING, DeliveryState.SENDING})

_MOMENT: Final = Moment()
# What is told of one outcome, and how it stands in a column.
_TOLD: Final[dict[str, TypeEngine[Any]]] = {
    "of_id": BigInteger(),
    "of_attempt": Text(),
    "is_proof": Integer(),
    "to_state": rows.c.state.type,
    "why": rows.c.reason.type,
    "tries": Integer(),
    "their_id": Text(),
    "again_at": _MOMENT,
    "free_from": _MOMENT,
    "ended_at": _MOMENT,
    "ended_hour": _MOMENT,
    "is_open": Integer(),
}
_MOMENTS: Final = tuple(name for name, kind in _TOLD.items() if kind is _MOMENT)
_Told = Callable[[str], ColumnElement[Any]]


def _recording(told: _Told) -> Update:
    """Return the statement; `told` gives what is told of the outcome of a row.

    It writes an attempt's own outcome, also where the row was given up as unknown before it could
    be written down, or proof that an earlier one was delivered after all.
    """
    is_over, is_copy = told("is_open") == 0, rows.c.announcement_id.is_not(None)
    is_own = rows.c.attempt_id == told("of_attempt")
    was_given_up = rows.c.state == DeliveryState.UNKNOWN
    # Its try was counted then.
    counted = case((and_(is_own, was_given_up), 1), else_=0)

    def moment(again: str, column: Column[Any]) -> ColumnElement[Any]:
        """Return when a row may be claimed: the next try, or of a finished reply the hour."""
        return case(
            (and_(is_over, ~is_copy), told("ended_hour")),
            else_=func.coalesce(told(again), column),
        )

    return (
        update(rows)
        .where(
            rows.c.id == told("of_id"),
            or_(
                and_(is_own, or_(rows.c.state == SENDING, was_given_up)),
                and_(
                    told("is_proof") == 1,
                    rows.c.done_at.is_(None) | was_given_up,
                ),
            ),
        )
        .values(
            state=told("to_state"),
            reason=told("why"),
            attempts=rows.c.attempts - counted + told("tries"),
            # The platform's id of a reply would lead from it to the one who was answered.
            platform_id=case((is_copy, func.coalesce(told("their_id"), rows.c.platform_id))),
            owner=None,
            not_before=moment("again_at", rows.c.not_before),
            free_at=moment("free_from", rows.c.free_at),
            done_at=case((is_copy, told("ended_at")), else_=told("ended_hour")),
            sealed=case((~is_over, rows.c.sealed)),
            conversation=case((~is_over, rows.c.conversation)),
        )
    )


_each: Final = func.json_each(bindparam("outcomes", type_=Text())).table_valued("value")

RECORDING_EACH: Final = _recording(lambda name: bindparam(name, type_=_TOLD[name]))
RECORDING_TOGETHER: Final = _recording(
    lambda name: type_coerce(func.json_extract(_each.c.value, f"$.{name}"), _TOLD[name])
)


def together(outcomes: Sequence[Outcome], at: datetime) -> dict[str, str]:
    """Return what `RECORDING_TOGETHER` binds; no row may have two of `outcomes`."""
    told = [parameters_of(one, at) for one in outcomes]
    for one in told:
        for name in _MOMENTS:
            if one[name] is not None:
                one[name] = _MOMENT.put(one[name])
    return {"outcomes": json.dumps(told)}


def parameters_of(outcome: Outcome, at: datetime) -> dict[str, Any]:
    """Return what `RECORDING_EACH` binds for one outcome written down at `at`."""
    is_open = outcome.state in OPEN
    return {
        "of_id": outcome.delivery_id,
        "of_attempt": outcome.attempt_id,
        "is_proof": int(outcome.state is DeliveryState.SENT),
        "to_state": outcome.state,
        "why": None if outcome.state is DeliveryState.SENT else outcome.reason,
        "tries": int(outcome.counts),
        "their_id": " ".join(outcome.platform_ids) or None,
        "again_at": (outcome.not_before or at) if is_open else None,
        "free_from": (outcome.not_before or AT_ONCE) if is_open else None,
        "ended_at": None if is_open else at,
        "ended_hour": None if is_open else at.replace(minute=0, second=0, microsecond=0),
        "is_open": int(is_open),
    }
