"""Taking a tip out: as a page to be printed, as PDF, or as a file only one key opens."""

from typing import Final

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.officers import Act
from bot.core.papers import Purpose
from console.forms import Problem
from console.pages.tip import address_of, opened
from console.pages.tip_parts import locked, reader_of
from console.routes import post
from console.visit import Visit

SEALED: Final = "application/octet-stream"


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
        content_type=SEALED,
        headers={"Content-Disposition": 'attachment; filename="tin-bao.sealed"'},
    )


async def pdf(visit: Visit) -> web.StreamResponse:
    """Send the PDF, sealed if a key was given."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, address_of(visit))
    purpose, key = visit.form.text("purpose"), visit.form.text("key")
    if purpose not in set(Purpose):
        return await opened(visit, reader, problem=Problem(key="tip_export_why"), at="export")
    try:
        body = await visit.services.reading.exporting.pdf(
            TipId(visit.part("tip_id")),
            reader,
            purpose=Purpose(purpose),
            say=visit.services.tip_voice,
            typed_key=key,
        )
    except RuleBroken as broken:
        return await opened(visit, reader, problem=Problem(key=broken.key), at="export")
    name, kind = ("tin-bao.pdf.sealed", SEALED) if key else ("tin-bao.pdf", "application/pdf")
    return web.Response(
        body=body,
        content_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


ROUTES = (
    post("/tin-bao/{tip_id}/in", paper, needs=Act.MODERATE),
    post("/tin-bao/{tip_id}/pdf", pdf, needs=Act.MODERATE),
    post("/tin-bao/{tip_id}/xuat", sealed, needs=Act.MODERATE),
)
