"""People to be called back: name, number and place, until somebody called."""

from aiohttp import web

from bot.core.officers import Act
from console.routes import get, post
from console.visit import ROOT, Visit, see


async def show(visit: Visit) -> web.StreamResponse:
    """List them, longest waiting first. Every look is audited."""
    return visit.show(
        "call_backs.html",
        waiting=await visit.services.call_backs.show(visit.officer),
        units={one.id: one for one in await visit.services.units.seen_by(visit.officer)},
    )


async def done(visit: Visit) -> web.StreamResponse:
    """Forget somebody who was called."""
    await visit.services.call_backs.done(visit.part("key"), by=visit.officer)
    return see(f"{ROOT}/goi-lai")


ROUTES = (
    get("/goi-lai", show, needs=Act.ANNOUNCE),
    post("/goi-lai/{key}/da-goi", done, needs=Act.ANNOUNCE),
)
