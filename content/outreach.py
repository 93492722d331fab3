"""The calendar of outreach: which days of a year call for which theme.

Knows dates only; what is planned or sent because of them is left to `scheduler` and the console.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bot.core.languages import Language
from content.facts import Mark
from content.items import Item
from content.topics import TOPIC_KEYS

# A leap year, so that a day of February is judged mildly.
_ANY_YEAR: Final = 2028
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COMMON: Final = ("rule", "mark", "basis", "title")
_EXTRAS: Final = ("theme", "template")


class DayRule(StrEnum):
    """How the days of an entry are found in a year."""

    SOLAR = "solar"
    RANGE = "range"
    LUNAR = "lunar"
    NTH = "nth"


_RULE_FIELDS: Final[Mapping[DayRule, tuple[str, ...]]] = {
    DayRule.SOLAR: ("day",),
    DayRule.RANGE: ("from", "to"),
    DayRule.LUNAR: ("day",),
    DayRule.NTH: ("nth", "weekday", "month"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One entry of the calendar. `first` and `last` are (month, day), equal for a single day.

    For a lunar entry they are the lunar month and day; for the nth weekday of a month they are
    (month, which one) and `weekday` counts from Monday as 0.
    """

    key: str
    rule: DayRule
    title: Mapping[Language, str]
    mark: Mark
    basis: str
    first: tuple[int, int]
    last: tuple[int, int]
    weekday: int = 0
    theme: str | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionDays:
    """The days of an occasion in one year, both included. A range may end in the next year."""

    occasion: Occasion
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OutreachCalendar:
    """All occasions, and the solar days of lunar ones as far as they were computed."""

    occasions: Mapping[str, Occasion]
    lunar_days: Mapping[tuple[int, int], tuple[date, ...]]

    def year(self, year: int) -> list[OccasionDays]:
        """Return the occasions that begin in `year` by their first day.

        A lunar occasion is left out in years that the table does not reach.
        """
        found = [self._days(occasion, year) for occasion in self.occasions.values()]
        known = [days for days in found if days is not None]
        return sorted(known, key=lambda days: (days.first_on, days.occasion.key))

    def on(self, day: date) -> list[OccasionDays]:
        """Return the occasions that `day` belongs to."""
        near = [*self.year(day.year - 1), *self.year(day.year)]
        return [days for days in near if days.first_on <= day <= days.last_on]

    def _days(self, occasion: Occasion, year: int) -> OccasionDays | None:
        match occasion.rule:
            case DayRule.SOLAR | DayRule.RANGE:
                ends_next_year = occasion.last < occasion.first
                return OccasionDays(
                    occasion=occasion,
                    first_on=date(year, *occasion.first),
                    last_on=date(year + ends_next_year, *occasion.last),
                )
            case DayRule.LUNAR:
                found = [day for day in self.lunar_days[occasion.first] if day.year == year]
                return _single(occasion, found[0]) if found else None
            case DayRule.NTH:
                return _single(occasion, _nth_weekday(year, occasion))


def _single(occasion: Occasion, day: date) -> OccasionDays:
    return OccasionDays(occasion=occasion, first_on=day, last_on=day)


def _nth_weekday(year: int, occasion: Occasion) -> date:
    month, nth = occasion.first
    opening = date(year, month, 1)
    return opening + timedelta(
        days=(occasion.weekday - opening.weekday()) % len(_WEEKDAYS) + 7 * (nth - 1)
    )


def read_calendar(item: Item | None, templates: Collection[str]) -> OutreachCalendar:
    """Return the calendar of `calendar.yaml`; `templates` are the announcement keys that exist."""
    fields = item.fields(("entries", "lunar_days")) if item else {}
    entries = fields["entries"].mapping() if "entries" in fields else {}
    tables = fields["lunar_days"].mapping() if "lunar_days" in fields else {}
    lunar = {
        _month_day_of(name, table): tuple(day.day() for day in table.items())
        for name, table in tables.items()
    }
    occasions = {key: _occasion(key, entry, templates) for key, entry in entries.items()}
    for key, occasion in occasions.items():
        if occasion.rule is DayRule.LUNAR and occasion.first not in lunar:
            entries[key].fault(f"lunar_days has no days for {key!r}")
    return OutreachCalendar(occasions=occasions, lunar_days=lunar)


def _occasion(key: str, item: Item, templates: Collection[str]) -> Occasion:
    entries = item.mapping()
    rule = DayRule(entries["rule"].choice(tuple(DayRule)) if "rule" in entries else DayRule.SOLAR)
    entries = item.fields((*_COMMON, *_RULE_FIELDS[rule]), _EXTRAS)
    first, last = _bounds(rule, entries)
    spoken = entries["title"].fields(tuple(Language)) if "title" in entries else {}
    return Occasion(
        key=key,
        rule=rule,
        title={Language(language): text.text() for language, text in spoken.items()},
        mark=Mark(entries["mark"].choice(tuple(Mark)) if "mark" in entries else Mark.LIKELY),
        basis=entries["basis"].text() if "basis" in entries else "",
        first=first,
        last=last,
        weekday=_WEEKDAYS.index(entries["weekday"].choice(_WEEKDAYS))
        if "weekday" in entries
        else 0,
        theme=_one_of(entries.get("theme"), TOPIC_KEYS),
        template=_one_of(entries.get("template"), templates),
    )


def _bounds(rule: DayRule, entries: Mapping[str, Item]) -> tuple[tuple[int, int], tuple[int, int]]:
    if any(name not in entries for name in _RULE_FIELDS[rule]):
        return (1, 1), (1, 1)
    match rule:
        case DayRule.SOLAR | DayRule.LUNAR:
            day = _month_day(entries["day"])
            return day, day
        case DayRule.RANGE:
            return _month_day(entries["from"]), _month_day(entries["to"])
        case DayRule.NTH:
            which = entries["month"].number(1, 12), entries["nth"].number(1, 4)
            return which, which


def _month_day(item: Item) -> tuple[int, int]:
    return _month_day_of(item.text(), item)


def _month_day_of(text: str, item: Item) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"{_ANY_YEAR}-{text}")
    except ValueError:
        item.fault(f"{text!r} is not a month and day written like 08-19")
        return 1, 1
    return day.month, day.day


def _one_of(item: Item | None, allowed: Collection[str]) -> str | None:
    return item.choice(sorted(allowed)) if item and allowed else None
