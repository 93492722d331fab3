"""The tree of units: a commune or ward and its neighbourhoods."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.ids import HouseholdId, UnitId


class UnitKind(StrEnum):
    """Both kinds of unit (Luật 30/2023/QH15 for the neighbourhood: thôn, tổ dân phố)."""

    COMMUNE = "commune"
    NEIGHBOURHOOD = "neighbourhood"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A commune or one of its neighbourhoods.

    `contacts` holds what only the unit knows, by the placeholder names of the content files
    without their `unit_`: duty_phone, area_officer, area_phone, address, office_hours.
    """

    id: UnitId
    code: str
    name: str
    kind: UnitKind
    parent_id: UnitId | None = None
    households: int = 0
    join_code: str
    contacts: Mapping[str, str] = field(default_factory=dict)
    # The unit that alone reads tips about this unit's own officers.
    inspectorate_id: UnitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """One household of a neighbourhood, as the unit's own list has it."""

    id: HouseholdId
    unit_id: UnitId
    code: str
    address: str = field(default="", repr=False)
    head_name: str = field(default="", repr=False)
    join_code: str


def below(unit_id: UnitId, units: list[Unit]) -> frozenset[UnitId]:
    """Return the ids of `unit_id` and everything under it."""
    found = {unit_id}
    grew = True
    while grew:
        more = {unit.id for unit in units if unit.parent_id in found} - found
        found |= more
        grew = bool(more)
    return frozenset(found)


def path_up(unit_id: UnitId, units: Mapping[UnitId, Unit]) -> list[Unit]:
    """Return the unit and those above it, nearest first."""
    line: list[Unit] = []
    at: UnitId | None = unit_id
    while at is not None and at in units and units[at] not in line:
        line.append(units[at])
        at = units[at].parent_id
    return line
