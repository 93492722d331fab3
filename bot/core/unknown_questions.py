"""Questions that were not understood, as far as they may be kept: no names, no numbers, a day."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownQuestion:
    """A stripped text, the day, and how many asked just so on it."""

    text: str = field(repr=False)
    day: date
    many: int
