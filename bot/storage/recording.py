"""How the outcomes of attempts are written down: one statement, run once for each of many."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Text, and_, bindparam, case, func, or_, update

from bot.core.deliveries import DeliveryState, Outcome
from bot.storage.claiming import AT_ONCE, SENDING, rows

OPEN: Final = frozenset({DeliveryState.WAITING, DeliveryState.SENDING})

_MOMENT: Final = rows.c.done_at.type


def _moment(again: str, column: Column[Any]) -> ColumnElement[Any]:
    """Return when a row may be claimed: the next try, or of a finished reply only the hour."""
    done_reply = and_(bindparam("is_open") == 0, rows.c.announcement_id.is_(None))
    return case(
        (done_reply, bindparam("ended_hour", type_=_MOMENT)),
        else_=func.coalesce(bindparam(again, type_=_MOMENT), column),
    )


# An attempt's own outcome, or proof that an earlier one was delivered after all.
RECORDING: Final = (
    update(rows)
    .where(
        rows.c.id == bindparam("of_id"),
        or_(
            and_(rows.c.state == SENDING, rows.c.attempt_id == bindparam("of_attempt")),
            and_(
                bindparam("is_proof") == 1,
                rows.c.done_at.is_(None) | (rows.c.state == DeliveryState.UNKNOWN),
            ),
        ),
    )
    .values(
        state=bindparam("to_state", type_=rows.c.state.type),
        reason=bindparam("why", type_=rows.c.reason.type),
        attempts=rows.c.attempts + bindparam("tries"),
        # The platform's id of a reply would lead from it to the one who was answered.
        platform_id=case(
            (
                rows.c.announcement_id.is_not(None),
                func.coalesce(bindparam("their_id", type_=Text()), rows.c.platform_id),
            )
        ),
        owner=None,
        not_before=_moment("again_at", rows.c.not_before),
        free_at=_moment("free_from", rows.c.free_at),
        done_at=case(
            (rows.c.announcement_id.is_not(None), bindparam("ended_at", type_=_MOMENT)),
            else_=bindparam("ended_hour", type_=_MOMENT),
        ),
        sealed=case((bindparam("is_open") == 1, rows.c.sealed)),
        conversation=case((bindparam("is_open") == 1, rows.c.conversation)),
    )
)


def parameters_of(outcome: Outcome, at: datetime) -> dict[str, Any]:
    """Return what `RECORDING` binds for one outcome written down at `at`."""
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
