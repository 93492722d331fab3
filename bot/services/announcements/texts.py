"""What an announcement says in each unit: places checked when it is written, filled when sent."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.ids import UnitId
from bot.core.units import Unit, path_up
from content.places import EmptyPlace, Place, PlaceSource, UnreadableText, filled, places_in

# With title, prefix and footer one message on every channel (Zalo takes 2,000), so that one
# delivery is one request.
TEXT_LONGEST: Final = 1_600
_OPEN: Final = "…"
# So many names of units are told in one refusal; more would be read by nobody.
_NAMED_AT_MOST: Final = 3


class Texts:
    """Knows the places that texts may hold."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places

    @property
    def places(self) -> Mapping[str, Place]:
        """Return the places by name, in the order of the file."""
        return self._places

    def differs(self, text: str) -> bool:
        """Tell whether a text reads differently from unit to unit."""
        return bool(places_in(text))

    def alike(
        self, text: str, meant: Sequence[Unit], units: Mapping[UnitId, Unit]
    ) -> list[list[Unit]]:
        """Return the units grouped by how the text reads in them, the first ones in front."""
        names = sorted(places_in(text))
        found: dict[tuple[str | None, ...], list[Unit]] = {}
        for unit in meant:
            values = self._values(unit, units) if names else {}
            found.setdefault(tuple(values.get(name) for name in names), []).append(unit)
        return list(found.values())

    def filled(self, text: str, unit: Unit, units: Mapping[UnitId, Unit]) -> str:
        """Return a text as it reads in `unit`."""
        return filled(text, self._values(unit, units))

    def shown(self, text: str, unit: Unit, units: Mapping[UnitId, Unit]) -> str:
        """Return a text as a page shows it in `unit`; what nothing fills is left open."""
        try:
            return self.filled(text, unit, units)
        except EmptyPlace:
            return filled(text, dict.fromkeys(self._places, _OPEN) | self._values(unit, units))

    def check(self, text: str, meant: Sequence[Unit], units: Mapping[UnitId, Unit]) -> None:
        """Raise `RuleBroken` unless the text can be filled, and is short enough, in every unit.

        `meant` are the units it goes to, `units` all by their ids.
        """
        try:
            names = places_in(text)
        except UnreadableText as error:
            raise RuleBroken("text_unreadable", line=error.line) from error
        if unknown := sorted(names - self._places.keys()):
            raise RuleBroken("text_place_unknown", place=unknown[0], known=", ".join(self._places))
        for unit in meant if names else meant[:1]:
            try:
                written = self.filled(text, unit, units)
            except EmptyPlace as empty:
                raise self._lacking(empty.place, meant, units) from empty
            if not 0 < len(written) <= TEXT_LONGEST:
                raise RuleBroken("text_wrong", longest=TEXT_LONGEST)

    def _lacking(
        self, place: str, meant: Sequence[Unit], units: Mapping[UnitId, Unit]
    ) -> RuleBroken:
        """Return the refusal that names the units in which nothing fills a place."""
        names = [unit.name for unit in meant if place not in self._values(unit, units)]
        more = len(names) - _NAMED_AT_MOST
        shown = ", ".join(names[:_NAMED_AT_MOST]) + (f" +{more}" if more > 0 else "")
        return RuleBroken("text_place_empty", place=place, units=shown)

    def _values(self, unit: Unit, units: Mapping[UnitId, Unit]) -> dict[str, str]:
        line = path_up(unit.id, units) or [unit]
        told = {name: _told(place.source, line) for name, place in self._places.items()}
        return {name: value for name, value in told.items() if value}


def _told(source: PlaceSource, line: Sequence[Unit]) -> str:
    """Return what fills a place; `line` is the unit and those above it, nearest first."""
    match source:
        case PlaceSource.UNIT_NAME:
            return line[0].name
        case PlaceSource.COMMUNE_NAME:
            return line[-1].name
        case _:
            found = (one.contacts.get(source.value, "").strip() for one in line)
            return next((value for value in found if value), "")
