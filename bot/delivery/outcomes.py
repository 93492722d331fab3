"""What the end of an attempt means for the delivery: again, never, or nobody knows.

One table of decisions; how a platform words its errors is in its adapter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.core.deliveries import MOST_BLIND_ATTEMPTS, Delivery, DeliveryState, Lane, Outcome
from bot.core.sending import NextStep, NoConnection, SendError, SlowedDown

# A 500 with an answer is tried again this often, then it counts as failed.
MOST_ATTEMPTS: Final = 5
_LONGEST_PAUSE_S: Final = 300.0
_BROKEN_PAUSE_S: Final = 60.0


def pause_s(attempts: int) -> float:
    """Return how long to wait before attempt number `attempts` + 1: 2, 4, 8 … seconds."""
    return min(2.0 ** min(attempts + 1, 10), _LONGEST_PAUSE_S)


def is_sent_again(lane: Lane) -> bool:
    """Tell whether "again" was chosen beforehand for what ends as unknown."""
    return lane in {Lane.URGENT, Lane.REPLY}


def outcome_of(delivery: Delivery, error: SendError, *, attempt_id: str, now: datetime) -> Outcome:
    """Return what to write down about an attempt that ended with `error`."""
    state, again = _decide(delivery, error)
    return Outcome(
        delivery_id=delivery.id,
        attempt_id=attempt_id,
        state=state,
        reason=error.reason,
        not_before=now + timedelta(seconds=again.after_s) if again else None,
        counts=again.counts if again else True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """Once more: after how long, and whether a try is used up."""

    after_s: float
    counts: bool


def _decide(delivery: Delivery, error: SendError) -> tuple[DeliveryState, _Again | None]:
    match error.next_step:
        case NextStep.RETRY:
            return _retried(delivery, error)
        case NextStep.LEAVE_UNKNOWN:
            if is_sent_again(delivery.lane) and delivery.attempts + 1 < MOST_BLIND_ATTEMPTS:
                return DeliveryState.WAITING, _Again(
                    after_s=pause_s(delivery.attempts), counts=True
                )
            return DeliveryState.UNKNOWN, None
        case NextStep.FORGET_PERSON | NextStep.FAIL:
            return DeliveryState.FAILED, None
        case NextStep.SKIP:
            return DeliveryState.SKIPPED, None
        case NextStep.CALL_OFFICER:
            return DeliveryState.WAITING, _Again(after_s=_BROKEN_PAUSE_S, counts=False)
        case _:
            assert_never(error.next_step)


def _retried(delivery: Delivery, error: SendError) -> tuple[DeliveryState, _Again | None]:
    if isinstance(error, SlowedDown | NoConnection):
        # Nothing was accepted, so nothing is used up.
        after_s = pause_s(0) if error.after_s is None else error.after_s
        return DeliveryState.WAITING, _Again(after_s=after_s, counts=False)
    if delivery.attempts + 1 >= MOST_ATTEMPTS:
        return DeliveryState.FAILED, None
    after_s = max(error.after_s or 0.0, pause_s(delivery.attempts))
    return DeliveryState.WAITING, _Again(after_s=after_s, counts=True)
