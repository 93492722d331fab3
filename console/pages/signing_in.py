"""Signing in and out. An unknown login and a wrong password are answered alike."""

import re
from typing import Final

from aiohttp import web

from bot.core.officers import Act
from bot.services.officers.sign_ins import SignInsBusy
from bot.services.officers.tries import TooManySignIns
from console.forms import Problem
from console.routes import Open, get, post
from console.visit import FORM_COOKIE, ROOT, SESSION_COOKIE, SIGN_IN, Visit, see

_OWN_PATH: Final = re.compile(r"/console(/[A-Za-z0-9_-]+)*/?")


def safe_next(path: str) -> str:
    """Return where to go after signing in: a page of the console, else the overview."""
    return path if _OWN_PATH.fullmatch(path) and path != SIGN_IN else ROOT


async def show(visit: Visit) -> web.StreamResponse:
    """Show the form."""
    return _form(visit, then=visit.request.query.get("tiep", ""))


async def sign_in(visit: Visit) -> web.StreamResponse:
    """Open a session and go on to where the officer wanted to be."""
    then = safe_next(visit.form.raw("tiep"))
    try:
        opened = await visit.services.sign_ins.sign_in(
            visit.form.text("login"), visit.form.raw("password"), place=visit.place
        )
    except (TooManySignIns, SignInsBusy) as wait:
        return _form(visit, then=then, problem=Problem(key=wait.key), status=429)
    if opened is None:
        return _form(visit, then=then, problem=Problem(key="sign_in_wrong"), status=401)
    await _end_session(visit)
    response = see(then)
    visit.set_cookie(response, SESSION_COOKIE, opened.token)
    if opened.sign:
        visit.keep_sign(response, opened.sign)
    response.del_cookie(FORM_COOKIE, path=ROOT)
    return response


def _form(
    visit: Visit, *, then: str, problem: Problem | None = None, status: int = 200
) -> web.Response:
    return visit.show(
        "signing_in.html",
        status=status,
        login=visit.form.text("login"),
        then=safe_next(then),
        problem=problem,
        is_fresh="moi" in visit.request.query,
        is_changed="doi" in visit.request.query,
    )


async def sign_out(visit: Visit) -> web.StreamResponse:
    """End the session and forget its key."""
    await _end_session(visit)
    response = see(SIGN_IN)
    response.del_cookie(SESSION_COOKIE, path=ROOT)
    return response


async def _end_session(visit: Visit) -> None:
    if visit.signed_in is not None:
        await visit.services.sign_ins.sign_out(visit.signed_in.token)


ROUTES = (
    get("/dang-nhap", show, needs=Open.TO_ALL),
    post("/dang-nhap", sign_in, needs=Open.TO_ALL),
    # Whoever has a session may see something, so this is everybody with a session.
    post("/dang-xuat", sign_out, needs=Act.SEE),
)
