"""Units: how many people each reaches, how to join it, and what only the unit knows of itself."""

from collections.abc import Mapping

from aiohttp import web

from bot.core.errors import NotFound
from bot.core.officers import Act
from bot.services.people import Headcount
from console.forms import Problem
from console.moments import qr_svg
from console.pages.setting_up import CONTACTS, contact_errors
from console.routes import get, post
from console.visit import ROOT, Visit, see


async def show_all(visit: Visit) -> web.StreamResponse:
    """List the officer's units with their people."""
    headcounts = await visit.services.people.headcounts(visit.officer)
    return visit.show(
        "units.html",
        headcounts=sorted(headcounts, key=_order),
        people=sum(one.joined for one in headcounts),
    )


def _order(headcount: Headcount) -> tuple[bool, str]:
    return headcount.unit.parent_id is not None, headcount.unit.code


async def _found(visit: Visit) -> Headcount:
    for headcount in await visit.services.people.headcounts(visit.officer):
        if headcount.unit.id == visit.part("unit_id"):
            return headcount
    raise NotFound("no such unit")


async def show(visit: Visit) -> web.StreamResponse:
    """Show one unit: people, join code, link, QR code, contacts."""
    headcount = await _found(visit)
    unit = headcount.unit
    return await _page(visit, headcount, name=unit.name, contacts=unit.contacts, errors={})


async def change(visit: Visit) -> web.StreamResponse:
    """Keep a new name and contacts."""
    headcount = await _found(visit)
    unit = headcount.unit
    name = visit.form.text("name")
    typed = {key: visit.form.text(key) for key in CONTACTS}
    errors = contact_errors(name, typed)
    if errors:
        return await _page(visit, headcount, name=name, contacts=typed, errors=errors)
    await visit.services.units.set_contacts(
        unit.id, name, {**unit.contacts, **typed}, by=visit.officer.id
    )
    return see(f"{ROOT}/don-vi/{unit.id}")


async def _page(
    visit: Visit,
    headcount: Headcount,
    *,
    name: str,
    contacts: Mapping[str, str],
    errors: Mapping[str, Problem],
) -> web.Response:
    link = f"{visit.services.public_url}/tham-gia/{headcount.unit.join_code}"
    return visit.show(
        "unit.html",
        status=422 if errors else 200,
        headcount=headcount,
        unit=headcount.unit,
        link=link,
        qr=qr_svg(link),
        channels={one.id: one for one in await visit.services.channels.accounts()},
        name=name,
        contacts={key: contacts.get(key, "") for key in CONTACTS},
        errors=errors,
    )


ROUTES = (
    get("/don-vi", show_all, needs=Act.SEE),
    get("/don-vi/{unit_id}", show, needs=Act.SEE),
    post("/don-vi/{unit_id}", change, needs=Act.ADMINISTER),
)
