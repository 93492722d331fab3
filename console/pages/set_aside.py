"""Messages nobody could handle: which fault, on which channel, and trying again."""

from aiohttp import web

from bot.core.errors import NotFound
from bot.core.ids import InboxId
from bot.core.officers import Act
from console.routes import get, post
from console.visit import ROOT, Visit, see


async def show(visit: Visit) -> web.StreamResponse:
    """List them. What was said stays sealed."""
    return visit.show(
        "set_aside.html",
        messages=await visit.services.set_aside.all(visit.officer),
        channels={one.id: one for one in await visit.services.channels.accounts()},
    )


async def again(visit: Visit) -> web.StreamResponse:
    """Let one be handled once more."""
    number = visit.part("row_id")
    if not number.isascii() or not number.isdigit():
        raise NotFound("no such message")
    await visit.services.set_aside.again(InboxId(int(number)), by=visit.officer)
    return see(f"{ROOT}/tin-gac-lai")


ROUTES = (
    get("/tin-gac-lai", show, needs=Act.ADMINISTER),
    post("/tin-gac-lai/{row_id}/thu-lai", again, needs=Act.ADMINISTER),
)
