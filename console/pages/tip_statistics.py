"""Numbers about tips for the half-year report, on a page and as a file."""

from datetime import date
from typing import Final

from aiohttp import web

from bot.core.officers import Act
from bot.core.tips import TipCategory
from bot.services.sheets import csv_text
from bot.services.tips.reading.statistics import OUTCOMES, Half, Table
from console.routes import get
from console.visit import Visit

PATH: Final = "/tin-bao/so-lieu"
_MONTHS_OF_HALF: Final = 6
# The report reaches back so many half-years; older numbers are in older reports.
_HALVES: Final = 6
_MARK: Final = "\ufeff"


async def show(visit: Visit) -> web.StreamResponse:
    """Show the table of one half-year."""
    halves = _halves(visit.now.astimezone(visit.services.zone).date())
    table = await visit.services.reading.statistics.table(visit.officer, _chosen(visit, halves))
    return visit.show(
        "tip_statistics.html",
        halves=[(_name(half), half, half == table.half) for half in halves],
        table=table,
        name=_name(table.half),
        outcomes=OUTCOMES,
        kinds=[kind for kind in TipCategory if table.by_category[kind.value] != 0],
    )


async def export(visit: Visit) -> web.StreamResponse:
    """Hand the same table out as CSV; what is not told is an empty cell."""
    halves = _halves(visit.now.astimezone(visit.services.zone).date())
    table = await visit.services.reading.statistics.table(visit.officer, _chosen(visit, halves))
    response = web.Response(
        body=(_MARK + csv_text(_rows(table))).encode(), content_type="text/csv", charset="utf-8"
    )
    name = f"tin-bao-{table.half.year}-{table.half.number}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(table: Table) -> list[list[str]]:
    def cell(many: int | None) -> str:
        return "" if many is None else str(many)

    rows = [["", *OUTCOMES, "total"]]
    for category in TipCategory:
        numbers = [table.cells[category.value, outcome] for outcome in OUTCOMES]
        numbers.append(table.by_category[category.value])
        rows.append([category.value, *map(cell, numbers)])
    sums = [*(table.by_outcome[outcome] for outcome in OUTCOMES), table.total]
    rows.append(["total", *map(cell, sums)])
    return rows


def _halves(today: date) -> list[Half]:
    """Return this half-year and those before it, newest first."""
    newest = today.year * 2 + (today.month > _MONTHS_OF_HALF)
    return [Half(year=one // 2, number=one % 2 + 1) for one in range(newest, newest - _HALVES, -1)]


def _chosen(visit: Visit, halves: list[Half]) -> Half:
    asked = visit.request.query.get("ky", "")
    return next((half for half in halves if _name(half) == asked), halves[0])


def _name(half: Half) -> str:
    return f"{half.year}-{half.number}"


ROUTES = (
    get(PATH, show, needs=Act.MODERATE),
    get(f"{PATH}/csv", export, needs=Act.MODERATE),
)
