"""What every ending of an attempt means, for every lane and every try."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.core.deliveries import Delivery, DeliveryState, Lane
from bot.core.ids import ChannelId, DeliveryId
from bot.core.sending import (
    ChannelBroken,
    MessageRefused,
    NoAnswer,
    NoConnection,
    NotNow,
    PersonUnreachable,
    PlatformTrouble,
    Reason,
    SendError,
    SlowedDown,
)
from bot.delivery.outcomes import outcome_of, pause_s
from tests.fakes import NOON

WAITING, FAILED = DeliveryState.WAITING, DeliveryState.FAILED
SKIPPED, UNKNOWN = DeliveryState.SKIPPED, DeliveryState.UNKNOWN
EVERY = tuple(Lane)


@dataclass(frozen=True, kw_only=True)
class Row:
    """An error, on which lanes and tries, and what is written down."""

    id: str
    error: SendError
    lanes: tuple[Lane, ...] = EVERY
    attempts: int = 0
    state: DeliveryState
    after_s: float | None = None
    counts: bool = True


ROWS = [
    Row(
        id="slowed down", error=SlowedDown(17.5), attempts=9, state=WAITING, after_s=17.5,
        counts=False,
    ),
    Row(
        id="slowed down, no pause", error=SlowedDown(0.0), state=WAITING, after_s=0, counts=False
    ),
    Row(
        id="no connection", error=NoConnection(), attempts=99, state=WAITING, after_s=2,
        counts=False,
    ),
    Row(id="trouble over there", error=PlatformTrouble(), state=WAITING, after_s=2),
    Row(id="trouble, third", error=PlatformTrouble(), attempts=2, state=WAITING, after_s=8),
    Row(
        id="trouble, they say when", error=PlatformTrouble(after_s=60), state=WAITING, after_s=60
    ),
    Row(id="trouble, fifth", error=PlatformTrouble(), attempts=4, state=FAILED),
    Row(id="no answer, ordinary", error=NoAnswer(), lanes=(Lane.ORDINARY,), state=UNKNOWN),
    Row(
        id="no answer", error=NoAnswer(), lanes=(Lane.URGENT, Lane.REPLY), state=WAITING, after_s=2
    ),
    Row(
        id="no answer, third", error=NoAnswer(), lanes=(Lane.URGENT, Lane.REPLY), attempts=2,
        state=UNKNOWN,
    ),
    *(
        Row(id=f"unreachable: {reason}", error=PersonUnreachable(reason), state=FAILED)
        for reason in (Reason.BLOCKED, Reason.DEACTIVATED, Reason.NOT_FOUND)
    ),
    *(
        Row(id=f"not now: {reason}", error=NotNow(reason), state=SKIPPED)
        for reason in (Reason.NO_WINDOW, Reason.NO_QUOTA, Reason.TOO_MANY, Reason.OPTED_OUT)
    ),
    Row(id="refused", error=MessageRefused(), state=FAILED),
    Row(
        id="account broken", error=ChannelBroken("x"), attempts=50, state=WAITING, after_s=60,
        counts=False,
    ),
]  # fmt: skip
CASES = [
    pytest.param(row, lane, id=f"{row.id} ({lane.name.lower()})")
    for row in ROWS
    for lane in row.lanes
]


@pytest.mark.parametrize(("row", "lane"), CASES)
def test_what_is_written_down(row: Row, lane: Lane) -> None:
    delivery = Delivery(
        id=DeliveryId(7), channel_id=ChannelId("fake"), lane=lane, attempts=row.attempts
    )
    outcome = outcome_of(delivery, row.error, attempt_id="a", now=NOON)
    assert (outcome.delivery_id, outcome.attempt_id) == (7, "a")
    assert (outcome.state, outcome.reason) == (row.state, row.error.reason)
    assert outcome.counts is row.counts
    not_before = None if row.after_s is None else NOON + timedelta(seconds=row.after_s)
    assert outcome.not_before == not_before


def test_pauses_grow_up_to_five_minutes() -> None:
    assert [pause_s(attempts) for attempts in range(5)] == [2, 4, 8, 16, 32]
    assert pause_s(1_000) == 300
