"""Groups: which hear announcements, how one is linked, made, filled and let go."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.groups import GroupState
from bot.core.ids import ChannelId, GroupId, UnitId
from bot.core.officers import Act
from bot.services.groups.codes import GroupCode
from bot.services.groups.desks import NAME_LONGEST, NewGroup, Offer, Synced
from console.forms import Problem
from console.moments import qr_svg
from console.routes import get, post
from console.visit import ROOT, Visit, see

T = TypeVar("T")

# As for the check of a channel: under the ten seconds a request may take.
_PLATFORM_LIMIT_S: Final = 8
_FIELD_OF: Final = {
    "group_name_wrong": "name",
    "group_admin_missing": "admin",
    "group_asset_unknown": "asset",
    "group_unit_elsewhere": "unit",
}


async def show_all(visit: Visit) -> web.StreamResponse:
    """List the groups, with those first that somebody has to do something about."""
    return await _list(visit)


async def make_code(visit: Visit) -> web.StreamResponse:
    """Show a code to type in a group; it is shown this once."""
    unit_id = UnitId(visit.form.text("unit"))
    code = await visit.services.group_codes.make(unit_id, by=visit.officer)
    return await _list(visit, code=code)


async def sync(visit: Visit) -> web.StreamResponse:
    """Ask the platforms how the groups stand."""
    try:
        synced = await _in_time(visit.services.group_desks.sync(by=visit.officer))
    except RuleBroken as broken:
        return await _list(visit, problem=_problem(broken))
    return await _list(visit, synced=synced)


async def _list(
    visit: Visit,
    *,
    code: GroupCode | None = None,
    synced: Synced | None = None,
    problem: Problem | None = None,
) -> web.Response:
    services = visit.services
    listed = await services.groups.all(visit.officer)
    return visit.show(
        "groups.html",
        status=409 if problem else 200,
        listed=sorted(listed, key=lambda one: not one.is_lapsing(_today(visit))),
        linked=sum(one.group.state is GroupState.LINKED for one in listed),
        lapsing=[one for one in listed if one.is_lapsing(_today(visit))],
        units=await services.units.seen_by(visit.officer),
        code=code,
        synced=synced,
        accounts={one.id: one for one in await services.channels.accounts()},
        problem=problem,
    )


def _today(visit: Visit) -> date:
    return visit.now.astimezone(visit.services.zone).date()


async def _in_time(call: Awaitable[T]) -> T:
    """Return what a platform shows. Raise `RuleBroken` if it takes too long.

    Only for looking: an act that is cut off may be done there and stand nowhere here.
    """
    try:
        async with asyncio.timeout(_PLATFORM_LIMIT_S):
            return await call
    except TimeoutError as error:
        raise RuleBroken("group_platform_silent", seconds=_PLATFORM_LIMIT_S) from error


async def _to_the_end(visit: Visit, act: Coroutine[Any, Any, T]) -> T:
    """Return what an act ends with. Raise `RuleBroken` if the officer waited long enough."""
    return await visit.services.group_desks.acts.finish(act, wait_s=_PLATFORM_LIMIT_S)


def _problem(broken: RuleBroken) -> Problem:
    return Problem(key=broken.key, values=broken.values)


# --- one group ---------------------------------------------------------------------------------


async def show(visit: Visit) -> web.StreamResponse:
    """Show one group with what may be done about it."""
    return await _page(visit)


async def _page(
    visit: Visit, *, problem: Problem | None = None, invited: int | None = None
) -> web.Response:
    listed = await visit.services.groups.one(_id(visit), visit.officer)
    invite_url = listed.group.invite_url
    return visit.show(
        "group.html",
        status=409 if problem else 200,
        listed=listed,
        group=listed.group,
        is_lapsing=listed.is_lapsing(_today(visit)),
        qr=qr_svg(invite_url) if invite_url else "",
        units=await visit.services.units.seen_by(visit.officer),
        problem=problem,
        invited=invited,
    )


def _id(visit: Visit) -> GroupId:
    return GroupId(visit.part("group_id"))


async def assign(visit: Visit) -> web.StreamResponse:
    """Link the group to a unit, or move it there."""
    unit_id = UnitId(visit.form.text("unit"))
    return await _done(visit, visit.services.groups.assign(_id(visit), unit_id, by=visit.officer))


async def unlink(visit: Visit) -> web.StreamResponse:
    """Let the group hear nothing more."""
    return await _done(visit, visit.services.groups.unlink(_id(visit), by=visit.officer))


async def leave(visit: Visit) -> web.StreamResponse:
    """Leave the group."""
    act = visit.services.group_desks.leave(_id(visit), by=visit.officer)
    return await _done(visit, _to_the_end(visit, act))


async def forget(visit: Visit) -> web.StreamResponse:
    """Keep nothing more of a group that is gone."""
    act = visit.services.groups.forget(_id(visit), by=visit.officer)
    return await _done(visit, act, then=f"{ROOT}/nhom")


async def invite(visit: Visit) -> web.StreamResponse:
    """Invite those who joined the unit."""
    act = visit.services.group_desks.invite(_id(visit), by=visit.officer)
    try:
        invited = await _to_the_end(visit, act)
    except RuleBroken as broken:
        return await _page(visit, problem=_problem(broken))
    return await _page(visit, invited=invited)


async def _done(visit: Visit, act: Awaitable[object], *, then: str = "") -> web.StreamResponse:
    """Do it and show the group; if it may not be done, show why."""
    try:
        await act
    except RuleBroken as broken:
        return await _page(visit, problem=_problem(broken))
    return see(then or f"{ROOT}/nhom/{_id(visit)}")


# --- making one --------------------------------------------------------------------------------


async def show_make(visit: Visit) -> web.StreamResponse:
    """Show what groups can be made with."""
    return await _make_form(visit, {})


async def make(visit: Visit) -> web.StreamResponse:
    """Make a group and link it."""
    form = visit.form
    channel, _, asset = form.text("asset").partition(":")
    wanted = NewGroup(
        channel_id=ChannelId(channel),
        unit_id=UnitId(form.text("unit")),
        name=form.text("name"),
        asset=asset,
        admin=form.text("admin"),
    )
    act = visit.services.group_desks.make(wanted, by=visit.officer)
    try:
        group = await _to_the_end(visit, act)
    except RuleBroken as broken:
        if broken.key == "group_still_going":
            # Where it will appear; the form would only invite to do it twice.
            return await _list(visit, problem=_problem(broken))
        field = _FIELD_OF.get(broken.key, "asset")
        return await _make_form(visit, {field: _problem(broken)})
    return see(f"{ROOT}/nhom/{group.id}")


async def _make_form(visit: Visit, errors: Mapping[str, Problem]) -> web.Response:
    offers: Sequence[Offer] = ()
    problem: Problem | None = None
    try:
        offers = await _in_time(visit.services.group_desks.offers(visit.officer))
    except RuleBroken as broken:
        problem = _problem(broken)
    return visit.show(
        "group_make.html",
        status=422 if errors else 200,
        offers=offers,
        units=await visit.services.units.seen_by(visit.officer),
        typed={name: visit.form.text(name) for name in ("name", "unit", "asset", "admin")},
        name_longest=NAME_LONGEST,
        errors=errors,
        problem=problem,
    )


_ONE: Final = "/nhom/{group_id}"
ROUTES = (
    get("/nhom", show_all, needs=Act.SEE),
    post("/nhom/ma", make_code, needs=Act.ADMINISTER),
    post("/nhom/cap-nhat", sync, needs=Act.ADMINISTER),
    get("/nhom/lap", show_make, needs=Act.ADMINISTER),
    post("/nhom/lap", make, needs=Act.ADMINISTER),
    get(_ONE, show, needs=Act.SEE),
    post(f"{_ONE}/gan", assign, needs=Act.ADMINISTER),
    post(f"{_ONE}/go", unlink, needs=Act.ADMINISTER),
    post(f"{_ONE}/moi", invite, needs=Act.ADMINISTER),
    post(f"{_ONE}/roi", leave, needs=Act.ADMINISTER),
    post(f"{_ONE}/quen", forget, needs=Act.ADMINISTER),
)
