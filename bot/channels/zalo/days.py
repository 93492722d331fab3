"""Days and numbers as Zalo tells them: in one form here and in another there."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

# No page says it, but all of Zalo's days and nights are those of Vietnam.
ZALO_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")

_LONGEST_MILLISECONDS: Final = 14
_LONGEST_NUMBER: Final = 9

Told = str | int | None


def day_of(told: Told) -> date | None:
    """Return the day Zalo names as DD/MM/YYYY, or by milliseconds; None for anything else."""
    text = str(told or "").strip()
    try:
        if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_MILLISECONDS:
            at = datetime.fromtimestamp(int(text) / 1000, UTC)
            return at.astimezone(ZALO_ZONE).date() if int(text) else None
        day, month, year = text.split(" ")[0].split("/")
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None


def number_of(told: Told) -> int:
    """Return a count, whether it came as a number or as text; 0 for anything else."""
    text = str(told or 0).strip()
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else 0
