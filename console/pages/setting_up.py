"""The one-time set-up: the commune, the recovery key on paper, the first account.

The link is the permission. Nothing is kept between the steps but what they have stored; the key
is shown again until the account is made, because a slip of the browser must not cost the tips.
Whoever wants it on three sheets instead of one proves two of them in full.
"""

import hashlib
import hmac
from typing import Final

from aiohttp import web

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import read_code
from bot.core.officers import Role
from bot.core.units import Unit
from bot.services.audit import MACHINE
from bot.services.officers.accounts import SHORTEST_PASSWORD, NewOfficer
from bot.services.officers.papers import PrintedKey
from console.fields import CONTACTS, account_error, contact_errors
from console.forms import Problem
from console.papers import SHEETS, sheet_error, sheets_of
from console.routes import Open, get, post
from console.visit import ROOT, SIGN_IN, Visit, see

# In a small commune one person does everything; others are added with fewer roles.
_FIRST_ROLES: Final = frozenset({Role.ADMIN, Role.ANNOUNCER, Role.APPROVER, Role.MODERATOR})


def _key(visit: Visit) -> PrintedKey:
    """Return the recovery key; the page is not there for a wrong link."""
    return visit.services.setting_up.recovery_key(visit.part("token"))


def _asked(groups: list[str]) -> tuple[int, int]:
    """Return which two groups (from 0) are asked back: the same two each time for one key."""
    digest = hashlib.sha256("-".join(groups).encode()).digest()
    first = digest[0] % len(groups)
    second = (first + 1 + digest[1] % (len(groups) - 1)) % len(groups)
    return min(first, second), max(first, second)


async def _commune(visit: Visit) -> Unit:
    for unit in await visit.services.units.all():
        if unit.parent_id is None:
            return unit
    raise NotFound("there is no commune")


async def show_commune(visit: Visit) -> web.StreamResponse:
    """Ask for the name and telephone numbers of the commune."""
    _key(visit)
    commune = await _commune(visit)
    return _commune_form(visit, name=commune.name, contacts=dict(commune.contacts), errors={})


async def name_commune(visit: Visit) -> web.StreamResponse:
    """Keep the name and numbers, go on to the key."""
    _key(visit)
    commune = await _commune(visit)
    name = visit.form.text("name")
    typed = {key: visit.form.text(key) for key in CONTACTS}
    errors = contact_errors(name, typed)
    if errors:
        return _commune_form(visit, name=name, contacts=typed, errors=errors)
    await visit.services.units.set_contacts(
        commune.id, name, {**commune.contacts, **typed}, by=MACHINE
    )
    return see(f"{ROOT}/khoi-tao/{visit.part('token')}/khoa")


def _commune_form(
    visit: Visit, *, name: str, contacts: dict[str, str], errors: dict[str, Problem]
) -> web.Response:
    return visit.show(
        "setup_commune.html",
        status=422 if errors else 200,
        name=name,
        contacts={key: contacts.get(key, "") for key in CONTACTS},
        errors=errors,
    )


async def show_key(visit: Visit) -> web.StreamResponse:
    """Show the recovery key on one sheet, to print."""
    return await _key_page(visit, is_split=False)


async def show_shares(visit: Visit) -> web.StreamResponse:
    """Show the recovery key on three sheets, to print all at once."""
    return await _key_page(visit, is_split=True)


async def _key_page(visit: Visit, *, is_split: bool) -> web.Response:
    key = _key(visit)
    return visit.show(
        "setup_key.html",
        key=key,
        is_split=is_split,
        token=visit.part("token"),
        commune=await _commune(visit),
        now=visit.now,
    )


async def show_account(visit: Visit) -> web.StreamResponse:
    """Ask for two groups of the key and the first account."""
    return _account_form(visit, is_split=False, errors={})


async def show_account_of_shares(visit: Visit) -> web.StreamResponse:
    """Ask for two of the three sheets and the first account."""
    return _account_form(visit, is_split=True, errors={})


async def make_account(visit: Visit) -> web.StreamResponse:
    """Make the first account once the key was proved to be on paper."""
    groups = _key(visit).whole.split("-")
    errors: dict[str, Problem] = {}
    for place in _asked(groups):
        typed = read_code(visit.form.text(f"group_{place}"))
        if not hmac.compare_digest(typed.encode(), read_code(groups[place]).encode()):
            errors[f"group_{place}"] = Problem(key="group_wrong")
    return await _make(visit, is_split=False, errors=errors)


async def make_account_of_shares(visit: Visit) -> web.StreamResponse:
    """Make the first account once two of the three sheets were proved."""
    errors: dict[str, Problem] = {}
    try:
        visit.services.setting_up.check_paper(visit.part("token"), sheets_of(visit, "sheet"))
    except RuleBroken as broken:
        errors = sheet_error(broken, "sheet")
    return await _make(visit, is_split=True, errors=errors)


async def _make(visit: Visit, *, is_split: bool, errors: dict[str, Problem]) -> web.StreamResponse:
    if errors:
        return _account_form(visit, is_split=is_split, errors=errors)
    try:
        await visit.services.setting_up.finish(
            visit.part("token"),
            NewOfficer(
                login=visit.form.text("login"),
                name=visit.form.text("name"),
                password=visit.form.raw("password"),
                unit_id=(await _commune(visit)).id,
                roles=_FIRST_ROLES,
            ),
        )
    except RuleBroken as broken:
        return _account_form(visit, is_split=is_split, errors=account_error(broken))
    return see(f"{SIGN_IN}?moi=1")


def _account_form(visit: Visit, *, is_split: bool, errors: dict[str, Problem]) -> web.Response:
    places = _asked(_key(visit).whole.split("-"))
    return visit.show(
        "setup_account.html",
        status=422 if errors else 200,
        token=visit.part("token"),
        is_split=is_split,
        places=places,
        typed={place: visit.form.text(f"group_{place}") for place in places},
        sheets=[visit.form.text(f"sheet_{number}") for number in SHEETS],
        login=visit.form.text("login"),
        name=visit.form.text("name"),
        shortest=SHORTEST_PASSWORD,
        errors=errors,
    )


ROUTES = (
    get("/khoi-tao/{token}", show_commune, needs=Open.TO_ALL),
    post("/khoi-tao/{token}", name_commune, needs=Open.TO_ALL),
    get("/khoi-tao/{token}/khoa", show_key, needs=Open.TO_ALL),
    get("/khoi-tao/{token}/ba-to", show_shares, needs=Open.TO_ALL),
    get("/khoi-tao/{token}/tai-khoan", show_account, needs=Open.TO_ALL),
    post("/khoi-tao/{token}/tai-khoan", make_account, needs=Open.TO_ALL),
    get("/khoi-tao/{token}/tai-khoan-ba-to", show_account_of_shares, needs=Open.TO_ALL),
    post("/khoi-tao/{token}/tai-khoan-ba-to", make_account_of_shares, needs=Open.TO_ALL),
)
