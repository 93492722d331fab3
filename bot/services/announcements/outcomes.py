"""What became of the copies of an announcement, as other software is told it."""

from typing import Annotated

from msgspec import Meta, Struct

from bot.core.deliveries import DeliveryState, Tally

Count = Annotated[int, Meta(ge=0)]


class Outcomes(Struct, frozen=True, kw_only=True):
    """How many copies stand where; they add up to the recipients."""

    waiting: Count
    sending: Count
    sent: Count
    failed: Count
    skipped: Count
    unknown: Count


def outcomes_of(tally: Tally) -> Outcomes:
    """Return every outcome, those that are nobody's too."""
    return Outcomes(**{state.value: tally.outcomes.get(state, 0) for state in DeliveryState})
