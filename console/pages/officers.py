"""Officers: who has an account with which roles, and adding one."""

from collections.abc import Mapping

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import UnitId
from bot.core.officers import Act, Role
from bot.services.officers.accounts import SHORTEST_PASSWORD, NewOfficer
from console.fields import account_error, read_roles
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see


async def show(visit: Visit) -> web.StreamResponse:
    """List the officers of the units the administrator sees."""
    return await _page(visit, errors={})


async def add(visit: Visit) -> web.StreamResponse:
    """Add an officer; what was typed stays if it may not be, except the password."""
    form = visit.form
    units = {unit.id for unit in await visit.services.units.seen_by(visit.officer)}
    roles = read_roles(form)
    unit_id = UnitId(form.text("unit"))
    errors: dict[str, Problem] = {}
    if unit_id not in units:
        errors["unit"] = Problem(key="unit_missing")
    if not roles:
        errors["roles"] = Problem(key="roles_missing")
    if errors:
        return await _page(visit, errors=errors)
    new = NewOfficer(
        login=form.text("login"),
        name=form.text("name"),
        password=form.raw("password"),
        unit_id=unit_id,
        roles=roles,
    )
    try:
        added = await visit.services.officers.add(new, by=visit.officer)
    except RuleBroken as broken:
        return await _page(visit, errors=account_error(broken))
    return see(f"{ROOT}/can-bo/{added.id}")


async def _page(visit: Visit, *, errors: Mapping[str, Problem]) -> web.Response:
    units = {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}
    officers = await visit.services.officers.all(units)
    return visit.show(
        "officers.html",
        status=422 if errors else 200,
        officers=sorted(officers, key=lambda one: not one.is_active),
        active=sum(one.is_active for one in officers),
        units=units,
        roles=list(Role),
        picked=visit.form.texts("role"),
        chosen_unit=visit.form.text("unit") or visit.officer.unit_id,
        login=visit.form.text("login"),
        name=visit.form.text("name"),
        shortest=SHORTEST_PASSWORD,
        errors=errors,
    )


ROUTES = (
    get("/can-bo", show, needs=Act.ADMINISTER),
    post("/can-bo", add, needs=Act.ADMINISTER),
)
