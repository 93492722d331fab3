"""Hooks: addresses of other software that are told what happened, and how that goes."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from bot.core.errors import NotFound, RuleBroken
from bot.core.hooks import OFFERED, CallState, HookEvent
from bot.core.ids import HookId, UnitId
from bot.core.officers import Act
from bot.services.hooks.hooks import AddedHook, NewHook
from bot.services.hooks.posting import Ended
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see

_FIELD_OF: Final[Mapping[str, str]] = {
    "hook_url_wrong": "url",
    "hooks_many": "url",
    "hook_events_missing": "events",
}


async def show(visit: Visit) -> web.StreamResponse:
    """List the addresses of the officer's units."""
    return await _page(visit)


async def add(visit: Visit) -> web.StreamResponse:
    """Add an address; its secret is shown this once."""
    form = visit.form
    new = NewHook(
        unit_id=UnitId(form.text("unit")),
        url=form.text("url"),
        events=frozenset(HookEvent(one) for one in form.texts("event") if one in set(OFFERED)),
    )
    try:
        added = await visit.services.hooks.add(new, by=visit.officer)
    except NotFound:
        return await _page(visit, errors={"unit": Problem(key="unit_missing")})
    except RuleBroken as broken:
        field = _FIELD_OF[broken.key]
        return await _page(visit, errors={field: Problem(key=broken.key, values=broken.values)})
    return await _page(visit, added=added)


async def test(visit: Visit) -> web.StreamResponse:
    """Post a test and show how it ended."""
    ended = await visit.services.hooks.test(_id(visit), by=visit.officer)
    return await _page(visit, tried=_id(visit), ended=ended)


async def show_remove(visit: Visit) -> web.StreamResponse:
    """Say what removing means before it is done."""
    listed = await visit.services.hooks.one(_id(visit), visit.officer)
    return visit.show("hook_remove.html", listed=listed)


async def remove(visit: Visit) -> web.StreamResponse:
    """Tell the address nothing any more."""
    await visit.services.hooks.remove(_id(visit), by=visit.officer)
    return see(f"{ROOT}/he-thong-khac")


def _id(visit: Visit) -> HookId:
    return HookId(visit.part("hook_id"))


async def _page(
    visit: Visit,
    *,
    added: AddedHook | None = None,
    tried: HookId | None = None,
    ended: Ended | None = None,
    errors: Mapping[str, Problem] | None = None,
) -> web.Response:
    is_kept = added is not None
    return visit.show(
        "hooks.html",
        status=422 if errors else 200,
        listed=await visit.services.hooks.seen_by(visit.officer),
        waiting=CallState.WAITING,
        given_up=CallState.GIVEN_UP,
        added=added,
        tried=tried,
        ended=ended,
        offered=OFFERED,
        units=await visit.services.units.seen_by(visit.officer),
        chosen_unit=visit.form.text("unit") or visit.officer.unit_id,
        url="" if is_kept else visit.form.text("url"),
        picked=() if is_kept else visit.form.texts("event"),
        errors=errors or {},
    )


ROUTES = (
    get("/he-thong-khac", show, needs=Act.ADMINISTER),
    post("/he-thong-khac", add, needs=Act.ADMINISTER),
    post("/he-thong-khac/{hook_id}/thu", test, needs=Act.ADMINISTER),
    get("/he-thong-khac/{hook_id}/bo", show_remove, needs=Act.ADMINISTER),
    post("/he-thong-khac/{hook_id}/bo", remove, needs=Act.ADMINISTER),
)
