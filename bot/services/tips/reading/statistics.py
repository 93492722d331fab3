"""Numbers about tips for reports, with no number so small that it points at somebody.

A table of categories by outcomes for half a year. A number from 1 to 4 is not told, be it a sum.
Nor is one told from which it could be worked out: where of numbers that add up exactly one is
hidden, a second is. Periods are half-years and the units are an officer's own and all
below, so that two tables cannot be subtracted from each other.

This is the cell suppression that statistical offices use; see L. Willenborg and T. de Waal,
"Elements of Statistical Disclosure Control" (2001), chapter 6.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.core.errors import NotFound
from bot.core.officers import Act, Officer
from bot.core.storage import Storage
from bot.core.tips import CLOSED_STATES, TipCategory, TipState
from bot.core.units import below
from bot.services.audit import Audit

SMALLEST: Final = 5
_FIRST_OF_SECOND_HALF: Final = 7
# Outcomes as the report has them; what is open is one.
OPEN: Final = "open"
OUTCOMES: Final = (OPEN, *sorted(state.value for state in CLOSED_STATES))

Cell = tuple[str, str]
_SUM: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """Half a year: 1 is January to June, 2 July to December."""

    year: int
    number: int

    @property
    def since(self) -> date:
        """Return its first day."""
        return date(self.year, 1 if self.number == 1 else _FIRST_OF_SECOND_HALF, 1)

    @property
    def until(self) -> date:
        """Return the day after its last."""
        is_first = self.number == 1
        return date(self.year, _FIRST_OF_SECOND_HALF, 1) if is_first else date(self.year + 1, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Numbers by (category, outcome), and sums; None is a number that is not told."""

    half: Half
    cells: Mapping[Cell, int | None]
    by_category: Mapping[str, int | None]
    by_outcome: Mapping[str, int | None]
    total: int | None


class TipStatistics:
    """Use cases about numbers of tips."""

    def __init__(self, *, storage: Storage, audit: Audit) -> None:
        self._storage = storage
        self._audit = audit

    async def table(self, officer: Officer, half: Half) -> Table:
        """Return the table of the officer's unit and all below. Audited.

        Raise `NotFound` if the officer may not see tips.
        """
        if not officer.may(Act.MODERATE):
            raise NotFound("no such table")
        async with self._storage.begin() as work:
            units = below(officer.unit_id, await work.units.all())
            found = await work.tip_ends.counts(units, since=half.since, until=half.until)
            await self._audit.note(
                work,
                "tip.statistics",
                by=officer.id,
                subject=officer.unit_id,
                facts={"since": half.since.isoformat(), "until": half.until.isoformat()},
            )
            await work.commit()
        numbers = Counter[Cell]()
        for one in found:
            numbers[one.category.value, _outcome(one.state)] += one.many
        return made_table(half, numbers)


def made_table(half: Half, numbers: Mapping[Cell, int]) -> Table:
    """Return the table of `numbers`, with nothing in it that could point at somebody."""
    categories = [category.value for category in TipCategory]
    told: dict[Cell, int] = {
        (category, outcome): numbers.get((category, outcome), 0)
        for category in categories
        for outcome in OUTCOMES
    }
    # Sums stand in the margin, under an empty name.
    for category in categories:
        told[category, _SUM] = sum(told[category, outcome] for outcome in OUTCOMES)
    for outcome in (*OUTCOMES, _SUM):
        told[_SUM, outcome] = sum(told[category, outcome] for category in categories)
    hidden = _hidden(told, _lines(categories))
    shown = {cell: None if cell in hidden else many for cell, many in told.items()}
    return Table(
        half=half,
        cells={cell: many for cell, many in shown.items() if _SUM not in cell},
        by_category={category: shown[category, _SUM] for category in categories},
        by_outcome={outcome: shown[_SUM, outcome] for outcome in OUTCOMES},
        total=shown[_SUM, _SUM],
    )


def _lines(categories: Sequence[str]) -> list[list[Cell]]:
    """Return what adds up: every row and every column with its sum, and the sums themselves."""
    rows, columns = (*categories, _SUM), (*OUTCOMES, _SUM)
    across = [[(row, column) for column in columns] for row in rows]
    return across + [[(row, column) for row in rows] for column in columns]


def _hidden(told: Mapping[Cell, int], lines: Sequence[Sequence[Cell]]) -> set[Cell]:
    """Return what is not to be told: small numbers, and enough others to keep those unknown."""
    hidden = {cell for cell, many in told.items() if 0 < many < SMALLEST}
    while True:
        more = set[Cell]()
        for line in lines:
            if sum(cell in hidden for cell in line) != 1:
                continue
            # The least is lost by hiding the smallest. Hiding a zero would hide nothing: that
            # there is none is often known.
            others = [cell for cell in line if cell not in hidden and told[cell]]
            more.add(min(others, key=lambda cell: (told[cell], cell)))
        if not more:
            return hidden
        hidden |= more


def _outcome(state: TipState) -> str:
    return state.value if state in CLOSED_STATES else OPEN
