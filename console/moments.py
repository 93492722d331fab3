"""Moments, numbers and pictures as the templates show them; words stay in the templates."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Final

from bot.services.qr_codes import drawn

_TYPED: Final = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y")


class Day(StrEnum):
    """Which day it was, seen from today."""

    YESTERDAY = "yesterday"
    TODAY = "today"
    TOMORROW = "tomorrow"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment in local time, cut into what a sentence needs."""

    day: Day
    date: str  # dd/mm/yyyy
    time: str  # HH:MM
    iso: str  # for <time datetime="">
    input: str  # for <input type="datetime-local">


def moment(at: datetime, *, now: datetime, zone: tzinfo) -> Moment:
    """Return `at` as read in `zone`, with the day's name counted from `now`."""
    local = at.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    named = {-1: Day.YESTERDAY, 0: Day.TODAY, 1: Day.TOMORROW}
    return Moment(
        day=named.get(days, Day.OTHER),
        date=local.strftime("%d/%m/%Y"),
        time=local.strftime("%H:%M"),
        iso=local.isoformat(timespec="minutes"),
        input=local.strftime("%Y-%m-%dT%H:%M"),
    )


def read_moment(typed: str, *, zone: tzinfo) -> datetime:
    """Return the moment an officer typed or picked, in UTC. Raise `ValueError`."""
    for pattern in _TYPED:
        try:
            naive = datetime.strptime(typed, pattern)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        try:
            return naive.replace(tzinfo=zone).astimezone(UTC)
        except OverflowError:  # the first hours of year 1 do not exist in UTC
            break
    raise ValueError("not a date and time")


def number(value: int) -> str:
    """Return a whole number with a dot between thousands: 1.234."""
    return f"{value:,}".replace(",", ".")


def qr_svg(text: str) -> str:
    """Return a QR code as SVG with most of its quiet zone, without size or style of its own."""
    return drawn(text, border=3)
