"""What leaves of a tip, whichever way: days and no hours, no route, no remark of officers."""

from dataclasses import dataclass, field
from datetime import date

from bot.core.tips import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOut:
    """One message as it leaves; by whom of the two, and no hour."""

    by_officers: bool
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What leaves of a tip. `is_redacted`: something in it was blacked out."""

    reference: str
    unit: str
    state: str
    passed_to: str
    received_on: date
    report: Report = field(repr=False)
    said: tuple[SaidOut, ...] = field(repr=False)
    is_redacted: bool
