"""Writing down a tip that somebody tells an officer, and handing over its receipt."""

from typing import Final

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import UnitId
from bot.core.officers import Act
from bot.core.tips import Report, TipCategory
from bot.services.tips.assisted import LONGEST_REPORT
from console.forms import Problem
from console.routes import get, post
from console.visit import Visit

_FIELDS: Final = ("category", "unit", "what", "where", "when", "urgent", "about")


async def ask(visit: Visit) -> web.StreamResponse:
    """Show the empty form."""
    return await _page(visit)


async def _page(visit: Visit, problem: Problem | None = None) -> web.Response:
    return visit.show(
        "tip_assisted.html",
        status=422 if problem else 200,
        units=await visit.services.units.seen_by(visit.officer),
        typed={name: visit.form.text(name) for name in _FIELDS},
        longest=LONGEST_REPORT,
        problem=problem,
    )


async def enter(visit: Visit) -> web.StreamResponse:
    """Store the tip and show its receipt this once."""
    units = {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}
    unit = units.get(UnitId(visit.form.text("unit")))
    category = visit.form.text("category")
    if unit is None:
        return await _page(visit, Problem(key="unit_missing"))
    if category not in set(TipCategory):
        return await _page(visit, Problem(key="tip_category_missing"))
    report = Report(
        category=TipCategory(category),
        what=visit.form.text("what"),
        where=visit.form.text("where"),
        when=visit.form.text("when"),
        is_urgent=visit.form.is_ticked("urgent"),
    )
    try:
        receipt = await visit.services.assisted.enter(
            report, unit, by=visit.officer, about_officer=visit.form.is_ticked("about")
        )
    except RuleBroken as broken:
        return await _page(visit, Problem(key=broken.key, values=broken.values))
    return visit.show(
        "tip_handed.html",
        receipt=receipt.text,
        follow_url=f"{visit.services.public_url}/theo-doi",
        now=visit.now,
    )


ROUTES = (
    get("/tin-bao/ghi-giup", ask, needs=Act.MODERATE),
    post("/tin-bao/ghi-giup", enter, needs=Act.MODERATE),
)
