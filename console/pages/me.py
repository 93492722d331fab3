"""The officer's own account: in which chats the program tells what will not wait."""

from aiohttp import web

from bot.core.officers import Act
from console.routes import get, post
from console.visit import ROOT, Visit, see


async def show(visit: Visit) -> web.StreamResponse:
    """Show the chats that were named."""
    return await _page(visit, code="")


async def make_code(visit: Visit) -> web.StreamResponse:
    """Show a code to type to the bot; it is shown this once."""
    return await _page(visit, code=await visit.services.notices.make_code(visit.officer))


async def unlink(visit: Visit) -> web.StreamResponse:
    """Tell nothing any more in one of the chats."""
    await visit.services.notices.unlink(visit.part("chat_id"), by=visit.officer)
    return see(f"{ROOT}/toi")


async def _page(visit: Visit, *, code: str) -> web.Response:
    return visit.show(
        "me.html",
        code=code,
        did=visit.request.query.get("da", ""),
        chats=await visit.services.notices.chats_of(visit.officer),
        channels={one.id: one for one in await visit.services.channels.accounts()},
    )


ROUTES = (
    get("/toi", show, needs=Act.SEE),
    post("/toi/ma", make_code, needs=Act.SEE),
    post("/toi/noi-nhan/{chat_id}/bo", unlink, needs=Act.SEE),
)
