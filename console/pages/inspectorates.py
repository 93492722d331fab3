"""Naming the unit that reads tips about a unit's own officers."""

from aiohttp import web

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import UnitId
from bot.core.officers import Act
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see


async def ask(visit: Visit) -> web.StreamResponse:
    """Show which unit it is, and the units to choose from."""
    return await _page(visit)


async def _page(visit: Visit, problem: Problem | None = None) -> web.Response:
    unit_id = UnitId(visit.part("unit_id"))
    own = {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}
    if unit_id not in own:
        raise NotFound("no such unit")
    units = [unit for unit in await visit.services.units.all() if unit.id != unit_id]
    return visit.show(
        "unit_inspectorate.html",
        status=422 if problem else 200,
        unit=own[unit_id],
        units=units,
        problem=problem,
    )


async def name(visit: Visit) -> web.StreamResponse:
    """Keep the choice."""
    unit_id, chosen = UnitId(visit.part("unit_id")), visit.form.text("inspectorate")
    try:
        await visit.services.inspectorates.name(
            unit_id, UnitId(chosen) if chosen else None, by=visit.officer
        )
    except RuleBroken as broken:
        return await _page(visit, Problem(key=broken.key))
    return see(f"{ROOT}/don-vi/{unit_id}")


ROUTES = (
    get("/don-vi/{unit_id}/thanh-tra", ask, needs=Act.ADMINISTER),
    post("/don-vi/{unit_id}/thanh-tra", name, needs=Act.ADMINISTER),
)
