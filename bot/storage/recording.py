"""How the outcomes of attempts are written down: one statement, run once for each of many."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, and_, bindparam, case, func, or_, update

from bot.core.deliveries import DeliveryState, Outcome
from bot.storage.claiming import SENDING, rows

OPEN: Final = frozenset({DeliveryState.WAITING, DeliveryState.SENDING})

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
        platform_id=func.coalesce(bindparam("their_id", type_=Text()), rows.c.platform_id),
        owner=None,
        not_before=func.coalesce(
            bindparam("again_at", type_=rows.c.not_before.type), rows.c.not_before
        ),
        free_at=func.coalesce(bindparam("again_at", type_=rows.c.free_at.type), rows.c.free_at),
        done_at=bindparam("ended_at", type_=rows.c.done_at.type),
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
        "their_id": outcome.platform_id,
        "again_at": (outcome.not_before or at) if is_open else None,
        "ended_at": None if is_open else at,
        "is_open": int(is_open),
    }
