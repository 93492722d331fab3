"""Passwords and the own pair of keys: changed by who is signed in, picked anew by a link."""

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.officers import Act
from bot.services.officers.accounts import SHORTEST_PASSWORD
from bot.services.officers.sign_ins import SignedIn
from console.forms import Problem
from console.routes import Open, get, post
from console.visit import ROOT, SIGN_IN, Visit, see

_FIELD_OF = {"password_wrong": "old", "sign_in_wait": "old"}


async def show_change(visit: Visit) -> web.StreamResponse:
    """Ask for the old and the new password."""
    return _change_form(visit, errors={})


async def change(visit: Visit) -> web.StreamResponse:
    """Change the own password."""
    new = visit.form.raw("password")
    if new != visit.form.raw("again"):
        return _change_form(visit, errors={"again": Problem(key="password_differs")})
    try:
        await visit.services.own_account.change_password(
            _signed_in(visit), visit.form.raw("old"), new, place=visit.place
        )
    except RuleBroken as broken:
        return _change_form(visit, errors=_errors(broken))
    return see(f"{ROOT}/toi?da=mat-khau")


def _change_form(visit: Visit, *, errors: dict[str, Problem]) -> web.Response:
    return visit.show(
        "password_change.html",
        status=422 if errors else 200,
        shortest=SHORTEST_PASSWORD,
        errors=errors,
    )


async def show_rotate(visit: Visit) -> web.StreamResponse:
    """Say what another pair of keys does."""
    return visit.show("key_rotate.html", errors={})


async def rotate(visit: Visit) -> web.StreamResponse:
    """Take another pair of keys."""
    try:
        await visit.services.own_account.rotate(
            _signed_in(visit), visit.form.raw("old"), place=visit.place
        )
    except RuleBroken as broken:
        return visit.show("key_rotate.html", status=422, errors=_errors(broken))
    return see(f"{ROOT}/toi?da=khoa")


async def show_link(visit: Visit) -> web.StreamResponse:
    """Ask for the password of the account the link opens."""
    return await _link_form(visit, errors={})


async def use_link(visit: Visit) -> web.StreamResponse:
    """Give the account its new password; then sign in with it."""
    new = visit.form.raw("password")
    if new != visit.form.raw("again"):
        return await _link_form(visit, errors={"again": Problem(key="password_differs")})
    try:
        await visit.services.staff.use_link(visit.part("token"), new)
    except RuleBroken as broken:
        return await _link_form(visit, errors=_errors(broken))
    return see(f"{SIGN_IN}?doi=1")


async def _link_form(visit: Visit, *, errors: dict[str, Problem]) -> web.Response:
    return visit.show(
        "password_link.html",
        status=422 if errors else 200,
        one=await visit.services.staff.linked(visit.part("token")),
        shortest=SHORTEST_PASSWORD,
        errors=errors,
    )


def _errors(broken: RuleBroken) -> dict[str, Problem]:
    field = _FIELD_OF.get(broken.key, "password")
    return {field: Problem(key=broken.key, values=broken.values)}


def _signed_in(visit: Visit) -> SignedIn:
    if visit.signed_in is None:
        raise web.HTTPForbidden
    return visit.signed_in


ROUTES = (
    get("/toi/mat-khau", show_change, needs=Act.SEE),
    post("/toi/mat-khau", change, needs=Act.SEE),
    get("/toi/khoa", show_rotate, needs=Act.MODERATE),
    post("/toi/khoa", rotate, needs=Act.MODERATE),
    get("/mat-khau-moi/{token}", show_link, needs=Open.TO_ALL),
    post("/mat-khau-moi/{token}", use_link, needs=Open.TO_ALL),
)
