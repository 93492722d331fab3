"""Whether the rows of a list of units or households can be taken in, every fault with its place.

How a file is cut into cells is left to the doors; what a fault is called in words, to the
section `refusals` of the sentences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from bot.core.ids import UnitId
from bot.core.text import clean
from bot.core.units import Unit, UnitKind
from bot.services.units.units import HouseholdRow, UnitRow

UNIT_COLUMNS: Final = ("code", "name", "kind", "parent", "households")
HOUSEHOLD_COLUMNS: Final = ("unit", "code", "address", "head_name")
NEEDED_UNIT_COLUMNS: Final = frozenset({"code", "name", "kind"})
NEEDED_HOUSEHOLD_COLUMNS: Final = frozenset({"unit", "code"})

_CODE_LONGEST: Final = 40
_NAME_LONGEST: Final = 120
_ADDRESS_LONGEST: Final = 200
_HOUSEHOLDS_MOST: Final = 1_000_000
_Row = TypeVar("_Row", UnitRow, HouseholdRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One row as it stands in a file: its number there from 1, and its texts by column."""

    row: int
    texts: Mapping[str, str] = field(repr=False)

    def text(self, column: str) -> str:
        """Return a cell without invisible characters and spaces around; missing is empty."""
        return " ".join(clean(self.texts.get(column, "")).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """What is wrong where. `key` names the sentence in the section `refusals`."""

    row: int
    column: str
    key: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Generic[_Row]):
    """The rows that are right, in an order in which they can be taken in, and every fault."""

    rows: Sequence[_Row]
    faults: Sequence[RowFault]


class _Reading:
    """Reads the cells of one file and remembers what was wrong."""

    def __init__(self) -> None:
        self.faults: list[RowFault] = []
        self._seen: dict[tuple[str, ...], int] = {}

    def fault(self, row: int, column: str, key: str, **values: str | int) -> None:
        self.faults.append(RowFault(row=row, column=column, key=key, values=values))

    def text(self, cells: Cells, column: str, longest: int, *, is_needed: bool = False) -> str:
        value = cells.text(column)
        if is_needed and not value:
            self.fault(cells.row, column, "row_missing")
        if len(value) > longest:
            self.fault(cells.row, column, "row_too_long", longest=longest)
        return value

    def code(self, cells: Cells, column: str, *, is_needed: bool = True) -> str:
        value = self.text(cells, column, _CODE_LONGEST, is_needed=is_needed)
        if " " in value:
            self.fault(cells.row, column, "row_code_wrong", value=value[:_CODE_LONGEST])
        return value

    def households(self, cells: Cells) -> int:
        value = cells.text("households") or "0"
        is_number = (
            value.isascii() and value.isdigit() and len(value) <= len(f"{_HOUSEHOLDS_MOST}")
        )
        if not is_number or int(value) > _HOUSEHOLDS_MOST:
            self.fault(
                cells.row,
                "households",
                "row_number_wrong",
                value=value[:_CODE_LONGEST],
                most=_HOUSEHOLDS_MOST,
            )
            return 0
        return int(value)

    def kind(self, cells: Cells) -> UnitKind:
        value = self.text(cells, "kind", _CODE_LONGEST, is_needed=True).casefold()
        if value in set(UnitKind):
            return UnitKind(value)
        if value:
            known = ", ".join(UnitKind)
            self.fault(
                cells.row, "kind", "row_kind_wrong", value=value[:_CODE_LONGEST], known=known
            )
        return UnitKind.NEIGHBOURHOOD

    def once(self, cells: Cells, column: str, *name: str) -> None:
        first = self._seen.setdefault(name, cells.row)
        if first != cells.row and all(name):
            self.fault(cells.row, column, "row_doubled", value=name[-1], first=first)

    def right(self, rows: Mapping[int, _Row]) -> list[_Row]:
        wrong = {fault.row for fault in self.faults}
        return [row for number, row in rows.items() if number not in wrong]


def check_units(
    cells: Sequence[Cells], *, units: Sequence[Unit], placeholder: UnitId | None = None
) -> Checked[UnitRow]:
    """Return the units of a file, parents before children.

    `units` are those already known; `placeholder` is the commune that nobody has named yet.
    """
    reading = _Reading()
    rows: dict[int, UnitRow] = {}
    known = {unit.code: unit for unit in units}
    for one in cells:
        row = UnitRow(
            code=reading.code(one, "code"),
            name=reading.text(one, "name", _NAME_LONGEST, is_needed=True),
            kind=reading.kind(one),
            parent=reading.code(one, "parent", is_needed=False),
            households=reading.households(one),
        )
        reading.once(one, "code", row.code)
        was = known.get(row.code)
        if was is not None and was.kind is not row.kind:
            reading.fault(one.row, "kind", "row_kind_changed", was=was.kind.value)
        rows[one.row] = row
    _check_parents(reading, rows, known, placeholder)
    return Checked(rows=_parents_first(reading.right(rows)), faults=reading.faults)


def _check_parents(
    reading: _Reading,
    rows: Mapping[int, UnitRow],
    known: Mapping[str, Unit],
    placeholder: UnitId | None,
) -> None:
    in_file = {row.code: row for row in rows.values()}
    new = {row.code for row in rows.values() if row.kind is UnitKind.COMMUNE} - known.keys()
    old = {unit.code for unit in known.values() if unit.kind is UnitKind.COMMUNE}
    if new:
        # The first commune of the file takes the place of the unnamed one.
        old -= {unit.code for unit in known.values() if unit.id == placeholder}
    is_parent_clear = len(new | old) == 1
    for number, row in rows.items():
        if not row.parent:
            is_top = row.kind is UnitKind.COMMUNE or row.code in known
            if not is_top and not is_parent_clear:
                reading.fault(number, "parent", "row_parent_missing")
        elif row.parent not in known and row.parent not in in_file:
            reading.fault(number, "parent", "row_unit_unknown", value=row.parent)
        elif _is_looped(row, in_file):
            reading.fault(number, "parent", "row_parent_loop")


def _is_looped(row: UnitRow, in_file: Mapping[str, UnitRow]) -> bool:
    seen: set[str] = set()
    at: UnitRow | None = row
    while at is not None and at.code not in seen:
        seen.add(at.code)
        at = in_file.get(at.parent)
    return at is not None


def _parents_first(rows: Sequence[UnitRow]) -> list[UnitRow]:
    """Return `rows` with communes before what names no parent, and parents before children."""
    waiting = sorted(rows, key=lambda row: (bool(row.parent), row.kind is not UnitKind.COMMUNE))
    placed: list[UnitRow] = []
    while waiting:
        left = {row.code for row in waiting}
        ready = [row for row in waiting if row.parent not in left]
        placed += ready
        waiting = [row for row in waiting if row.parent in left]
        if not ready:
            return [*placed, *waiting]
    return placed


def check_households(cells: Sequence[Cells], *, units: Sequence[Unit]) -> Checked[HouseholdRow]:
    """Return the households of a file; `units` are those known."""
    reading = _Reading()
    rows: dict[int, HouseholdRow] = {}
    known = {unit.code for unit in units}
    for one in cells:
        row = HouseholdRow(
            unit=reading.code(one, "unit"),
            code=reading.code(one, "code"),
            address=reading.text(one, "address", _ADDRESS_LONGEST),
            head_name=reading.text(one, "head_name", _NAME_LONGEST),
        )
        if row.unit and row.unit not in known:
            reading.fault(one.row, "unit", "row_unit_unknown", value=row.unit)
        reading.once(one, "code", row.unit, row.code)
        rows[one.row] = row
    return Checked(rows=reading.right(rows), faults=reading.faults)
