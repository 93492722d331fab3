"""Searching what tips say. The words come in a form, never in an address, and are kept nowhere."""

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.officers import Act
from bot.core.tip_queue import TipFilter
from bot.core.tips import CLOSED_STATES, TipState
from console.forms import Problem
from console.pages.tip_parts import QUEUE, locked, reader_of, units_of
from console.routes import get, post
from console.visit import Visit


async def ask(visit: Visit) -> web.StreamResponse:
    """Ask what to look for."""
    if reader_of(visit) is None:
        return locked(visit, f"{QUEUE}/tim")
    return visit.show("tip_search.html", found=None, words="", closed=False, problem=None)


async def search(visit: Visit) -> web.StreamResponse:
    """Show which tips hold the words."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, f"{QUEUE}/tim")
    words, closed = visit.form.text("words"), visit.form.is_ticked("closed")
    states = frozenset(TipState) if closed else frozenset(TipState) - CLOSED_STATES
    try:
        found = await visit.services.reading.searching.search(
            words, reader, TipFilter(states=states)
        )
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        return visit.show(
            "tip_search.html",
            status=422,
            found=None,
            words=words,
            closed=closed,
            problem=problem,
        )
    return visit.show(
        "tip_search.html",
        found=found,
        units=await units_of(visit),
        words=words,
        closed=closed,
        problem=None,
    )


ROUTES = (
    get("/tin-bao/tim", ask, needs=Act.MODERATE),
    post("/tin-bao/tim", search, needs=Act.MODERATE),
)
