"""How soon a tip must be looked at and decided, and how late it is.

Twenty days and two months are those of Điều 147 BLTTHS (`domain.md` 2.3), counted from receipt;
the first look is this program's own rule. A tip that was passed on is somebody else's to decide.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.tips import Tip, TipState

FIRST_LOOK: Final = timedelta(hours=24)
FIRST_LOOK_URGENT: Final = timedelta(hours=1)
DECISION: Final = timedelta(days=20)
_LONGEST_MONTHS: Final = 2
# So long before the twentieth day whoever has the tip is reminded.
REMIND_BEFORE: Final = timedelta(days=3)
# States in which the decision is still this unit's.
UNDECIDED: Final = frozenset({TipState.NEW, TipState.IN_VERIFICATION, TipState.NEEDS_MORE})


class Deadline(StrEnum):
    """What has to be done by then, mildest first."""

    FIRST_LOOK = "first_look"
    TWENTY_DAYS = "twenty_days"
    TWO_MONTHS = "two_months"


def deadlines(tip: Tip) -> Iterator[tuple[Deadline, datetime]]:
    """Return the deadlines a tip has before it, or has missed, earliest first."""
    if tip.state not in UNDECIDED:
        return
    if tip.first_seen_at is None:
        within = FIRST_LOOK_URGENT if tip.is_urgent else FIRST_LOOK
        yield Deadline.FIRST_LOOK, tip.received_at + within
    yield Deadline.TWENTY_DAYS, tip.received_at + DECISION
    yield Deadline.TWO_MONTHS, _months_after(tip.received_at, _LONGEST_MONTHS)


def missed(tip: Tip, now: datetime) -> Deadline | None:
    """Return the gravest deadline that has passed."""
    past = [deadline for deadline, at in deadlines(tip) if at <= now]
    return past[-1] if past else None


def upcoming(tip: Tip, now: datetime) -> tuple[Deadline, datetime] | None:
    """Return the next deadline that has not passed."""
    return next(((deadline, at) for deadline, at in deadlines(tip) if at > now), None)


def _months_after(at: datetime, months: int) -> datetime:
    year, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + year, month + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
