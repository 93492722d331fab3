"""Taking a tip out: on paper under a watermark, or as a file only one key opens."""

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.officers import Act
from console.forms import Problem
from console.pages.tip import address_of, opened
from console.pages.tip_parts import locked, reader_of
from console.routes import post
from console.visit import Visit


async def paper(visit: Visit) -> web.StreamResponse:
    """Show the page to be printed, or kept as PDF by the browser."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, address_of(visit))
    exported = await visit.services.reading.exporting.printed(TipId(visit.part("tip_id")), reader)
    return visit.show("tip_paper.html", one=exported, now=visit.now, back=address_of(visit))


async def sealed(visit: Visit) -> web.StreamResponse:
    """Send the file."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, address_of(visit))
    try:
        body = await visit.services.reading.exporting.sealed(
            TipId(visit.part("tip_id")), reader, visit.form.text("key")
        )
    except RuleBroken as broken:
        return await opened(visit, reader, problem=Problem(key=broken.key), at="export")
    return web.Response(
        body=body,
        content_type="application/octet-stream",
        headers={"Content-Disposition": 'attachment; filename="tin-bao.sealed"'},
    )


ROUTES = (
    post("/tin-bao/{tip_id}/in", paper, needs=Act.MODERATE),
    post("/tin-bao/{tip_id}/xuat", sealed, needs=Act.MODERATE),
)
