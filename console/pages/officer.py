"""One officer, as an administrator sees them: roles, key, a new way in, leaving."""

from collections.abc import Mapping

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import OfficerId
from bot.core.officers import Act, Officer, Role
from bot.services.officers.staff import LINK_LIFE
from console.fields import read_roles
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see


async def show(visit: Visit) -> web.StreamResponse:
    """Show the account and what its key opens."""
    return await _page(visit, await _officer(visit), errors={})


async def set_roles(visit: Visit) -> web.StreamResponse:
    """Change what the officer may do."""
    officer = await _officer(visit)
    try:
        await visit.services.staff.set_roles(officer.id, read_roles(visit.form), by=visit.officer)
    except RuleBroken as broken:
        errors = {"roles": Problem(key=broken.key, values=broken.values)}
        return await _page(visit, officer, errors=errors)
    return see(f"{ROOT}/can-bo/{officer.id}")


async def make_link(visit: Visit) -> web.StreamResponse:
    """Show a link by which the officer picks a new password; it is shown this once."""
    officer = await _officer(visit)
    try:
        secret = await visit.services.staff.link(officer.id, by=visit.officer)
    except RuleBroken as broken:
        errors = {"link": Problem(key=broken.key, values=broken.values)}
        return await _page(visit, officer, errors=errors)
    link = f"{visit.services.public_url}{ROOT}/mat-khau-moi/{secret}"
    return await _page(visit, officer, errors={}, link=link)


async def ask_leave(visit: Visit) -> web.StreamResponse:
    """Say what closing the account does."""
    officer = await _officer(visit)
    return visit.show("officer_leave.html", one=officer, problem=None)


async def leave(visit: Visit) -> web.StreamResponse:
    """Close the account."""
    officer = await _officer(visit)
    try:
        await visit.services.staff.leave(officer.id, by=visit.officer)
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        return visit.show("officer_leave.html", status=422, one=officer, problem=problem)
    return see(f"{ROOT}/can-bo")


async def _officer(visit: Visit) -> Officer:
    return await visit.services.staff.one(OfficerId(visit.part("officer_id")), by=visit.officer)


async def _page(
    visit: Visit, officer: Officer, *, errors: Mapping[str, Problem], link: str = ""
) -> web.Response:
    units = {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}
    lines = await visit.services.key_care.lines(visit.officer, only=officer.id)
    return visit.show(
        "officer.html",
        status=422 if errors else 200,
        one=officer,
        unit=units[officer.unit_id],
        roles=list(Role),
        picked=set(visit.form.texts("role")) if "roles" in errors else officer.roles,
        line=lines[0] if lines else None,
        link=link,
        link_hours=int(LINK_LIFE.total_seconds() // 3600),
        errors=errors,
    )


ROUTES = (
    get("/can-bo/{officer_id}", show, needs=Act.ADMINISTER),
    post("/can-bo/{officer_id}", set_roles, needs=Act.ADMINISTER),
    post("/can-bo/{officer_id}/duong-dan", make_link, needs=Act.ADMINISTER),
    get("/can-bo/{officer_id}/nghi", ask_leave, needs=Act.ADMINISTER),
    post("/can-bo/{officer_id}/nghi", leave, needs=Act.ADMINISTER),
)
