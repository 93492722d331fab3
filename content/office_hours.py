"""Office hours as units write them, read so that it can be said when somebody will look.

What is not understood to the last word is not guessed at: then the unit's own text is all there
is. Days off come from the calendar of outreach.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.core.text import fold
from content.items import Item
from content.outreach import OutreachCalendar

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LISTS: Final = ("every_day", "to", "hour", "minute", "fillers", "holidays", "always")
_DAYS: Final = frozenset(range(7))
_CLAUSES: Final = re.compile(r"[;\n]")
_LEFT_OVER: Final = re.compile(r"[\s,.:()]*")
# Longer than any run of days off.
_LOOKS_AHEAD: Final = 30
_MIDNIGHT: Final = time()
_DAY_H: Final = 24
_HOUR_MIN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """By weekday (Monday is 0) when somebody is there, as spans of local time, in order.

    A span that ends at midnight lasts to the end of the day; `is_always`: at any hour.
    """

    spans: Mapping[int, Sequence[tuple[time, time]]]
    is_always: bool = False

    def is_open(self, now: datetime, days_off: Collection[date]) -> bool:
        """Tell whether somebody is there at that local moment."""
        if self.is_always:
            return True
        clock = now.time()
        return now.date() not in days_off and any(
            begins <= clock and (clock < ends or ends == _MIDNIGHT)
            for begins, ends in self.spans.get(now.weekday(), ())
        )

    def next_opening(self, now: datetime, days_off: Collection[date]) -> datetime | None:
        """Return the next local moment somebody comes, None if there is none for weeks."""
        for ahead in range(_LOOKS_AHEAD):
            day = now.date() + timedelta(days=ahead)
            for begins, _ in self.spans.get(day.weekday(), ()) if day not in days_off else ():
                opening = datetime.combine(day, begins, tzinfo=now.tzinfo)
                if opening > now:
                    return opening
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """The words of the file, folded."""

    weekdays: Mapping[str, int]
    lists: Mapping[str, tuple[str, ...]]


class OfficeHourReading:
    """Reads what units wrote, and knows the days off."""

    def __init__(
        self, names: _Names, days_off: Mapping[str, tuple[int, int]], calendar: OutreachCalendar
    ) -> None:
        self._names = names
        self._days_off = days_off
        self._calendar = calendar
        to = _one_of(names.lists["to"])
        clock = rf"(\d{{1,2}})\s*(?:{_one_of(names.lists['hour'])})\s*(\d{{2}})?"
        clock += rf"(?:\s*(?:{_one_of(names.lists['minute'])}))?"
        self._span = re.compile(rf"{clock}\s*(?:{to})\s*{clock}")
        day = rf"\b(?:{_one_of(names.weekdays)})\b"
        every = rf"\b(?:{_one_of(names.lists['every_day'])})\b"
        self._day = re.compile(
            rf"(?P<every>{every})|(?P<first>{day})(?:\s*(?:{to})\s*(?P<last>{day}))?"
        )
        self._always = re.compile(rf"(?<!\S)(?:{_one_of(names.lists['always'])})(?!\S)")
        idle = _one_of((*names.lists["holidays"], *names.lists["fillers"]))
        self._idle = re.compile(rf"\b(?:{idle})\b")

    def read(self, text: str) -> OfficeHours | None:
        """Return the hours a text tells, or None if any of it is not understood."""
        clauses = [fold(one) for one in _CLAUSES.split(text) if one.strip()]
        spans: dict[int, list[tuple[time, time]]] = {}
        is_always = False
        for clause in clauses:
            if self._always.search(clause):
                is_always = True
                if not self._is_idle(self._day.sub(" ", self._always.sub(" ", clause))):
                    return None
                continue
            told = self._clause(clause)
            if told is None:
                return None
            days, times = told
            for day in days:
                spans.setdefault(day, []).extend(times)
        if not spans and not is_always:
            return None
        in_order = {day: tuple(sorted(times)) for day, times in spans.items()}
        return OfficeHours(spans=in_order, is_always=is_always)

    def days_off(self, year: int) -> frozenset[date]:
        """Return the days of a year, and of the weeks around it, on which offices are closed."""
        return frozenset(
            day
            for near in (year - 1, year, year + 1)
            for days in self._calendar.year(near)
            if days.occasion.key in self._days_off
            for day in _between(
                days.first_on - timedelta(days=self._days_off[days.occasion.key][0]),
                days.last_on + timedelta(days=self._days_off[days.occasion.key][1]),
            )
        )

    def _clause(self, clause: str) -> tuple[frozenset[int], list[tuple[time, time]]] | None:
        """Return the days and times of a clause: all days before all times, or after them."""
        times = list(self._span.finditer(clause))
        rest = self._span.sub(lambda found: "#" * len(found[0]), clause)
        days = list(self._day.finditer(rest))
        if not times or not days:
            return None
        first, last = times[0].start(), times[-1].end()
        if any(first < one.start() < last for one in days):
            return None
        if days[0].start() < first and days[-1].start() > last:
            return None
        if not self._is_idle(self._day.sub(" ", rest).replace("#", " ")):
            return None
        read = [_times(found) for found in times]
        if any(one is None for one in read):
            return None
        return self._of_days(days), [one for one in read if one is not None]

    def _of_days(self, found: Sequence[re.Match[str]]) -> frozenset[int]:
        days: set[int] = set()
        for one in found:
            if one["every"]:
                return _DAYS
            begins = self._names.weekdays[" ".join(one["first"].split())]
            ends = self._names.weekdays[" ".join((one["last"] or one["first"]).split())]
            days.update((begins + step) % 7 for step in range((ends - begins) % 7 + 1))
        return frozenset(days)

    def _is_idle(self, rest: str) -> bool:
        return _LEFT_OVER.fullmatch(self._idle.sub(" ", rest)) is not None


def _times(found: re.Match[str]) -> tuple[time, time] | None:
    numbers = [int(one or 0) for one in found.groups()]
    begins, ends = numbers[:2], numbers[2:]
    if not all(minute < _HOUR_MIN for minute in (begins[1], ends[1])):
        return None
    if not begins < ends <= [_DAY_H, 0]:
        return None
    return time(begins[0], begins[1]), time(ends[0] % _DAY_H, ends[1])


def _between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=step) for step in range((last - first).days + 1))


def _one_of(words: Collection[str]) -> str:
    # The longest first, so that a word is never read as the beginning of another.
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def read_office_hours(item: Item | None, calendar: OutreachCalendar) -> OfficeHourReading:
    """Return what reads office hours; `None` stands for an unreadable file."""
    fields = item.fields(("weekdays", *_LISTS, "days_off")) if item else {}
    weekdays = fields["weekdays"].fields(_WEEKDAYS) if "weekdays" in fields else {}
    names = {
        fold(word): _WEEKDAYS.index(day)
        for day, words in weekdays.items()
        for word in words.texts()
    }
    lists = {
        name: tuple(fold(word) for word in fields[name].texts()) if name in fields else ("",)
        for name in _LISTS
    }
    return OfficeHourReading(
        _Names(weekdays=names, lists=lists), _read_days_off(fields, calendar), calendar
    )


def _read_days_off(
    fields: Mapping[str, Item], calendar: OutreachCalendar
) -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    entries = fields["days_off"].mapping() if "days_off" in fields else {}
    for key, entry in entries.items():
        if key not in calendar.occasions:
            entry.fault(f"the calendar has no {key!r}")
        match [one.number(0, 7) for one in entry.items()]:
            case [before, after]:
                found[key] = (before, after)
            case _:
                entry.fault("two numbers of days are expected here")
    return found
