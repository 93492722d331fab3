"""Who can open the tips, and giving a colleague the keys of older ones."""

from typing import Final

from aiohttp import web

from bot.core.ids import KeyHolderId
from bot.core.officers import Act
from bot.services.tips.reading.access import Reader
from console.routes import get, post
from console.visit import ROOT, Visit, see

# As many as are given well within the time a page may take; the rest is one more press away.
MOST_AT_ONCE: Final = 5_000


def _reader(visit: Visit) -> Reader | None:
    return visit.services.sign_ins.reader(visit.signed_in) if visit.signed_in else None


async def show(visit: Visit) -> web.StreamResponse:
    """List the keys of the moderator's units: what each opens and lacks."""
    units = {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}
    reader = _reader(visit)
    return visit.show(
        "tip_keys.html",
        lines=await visit.services.key_care.lines(visit.officer, reader),
        units=units,
        has_key=reader is not None,
        given=given_of(visit),
    )


async def give(visit: Visit) -> web.StreamResponse:
    """Give the holder what it lacks and the moderator can open."""
    reader = _reader(visit)
    if reader is None:
        return see(f"{ROOT}/khoa-mo-tin")
    given = await visit.services.key_care.give(
        KeyHolderId(visit.part("holder_id")), reader, most=MOST_AT_ONCE
    )
    return see(f"{ROOT}/khoa-mo-tin?da-trao={given}")


def given_of(visit: Visit) -> int | None:
    """Return how many keys were given just now, as the address of the page says."""
    said = visit.request.query.get("da-trao", "")
    return (
        int(said) if said.isascii() and said.isdecimal() and len(said) < len("1000000") else None
    )


ROUTES = (
    get("/khoa-mo-tin", show, needs=Act.MODERATE),
    post("/khoa-mo-tin/{holder_id}/trao", give, needs=Act.MODERATE),
)
