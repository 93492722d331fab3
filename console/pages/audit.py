"""The newest entries of the audit chain. Checking the whole chain is for the command line."""

from typing import Final

from aiohttp import web

from bot.core.officers import Act
from console.routes import get
from console.visit import Visit

_NEWEST: Final = 200


async def show(visit: Visit) -> web.StreamResponse:
    """List who did what, newest first."""
    units = await visit.services.units.seen_by(visit.officer)
    officers = await visit.services.officers.all({unit.id for unit in units})
    names = {str(one.id): one.name for one in officers}
    entries = await visit.services.audit.newest(limit=_NEWEST)
    # Below the commune, only what the officers of the own units did.
    if all(unit.parent_id is not None for unit in units):
        entries = [one for one in entries if one.record.actor in names]
    return visit.show("audit.html", entries=entries, names=names)


ROUTES = (get("/nhat-ky", show, needs=Act.ADMINISTER),)
