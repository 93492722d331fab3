"""Connecting a Zalo account: what to prepare, what to type, agreeing at Zalo, changing, removing.

Secrets that were typed are never shown again. Who may call back is decided in
`bot.services.channels.connecting`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from aiohttp import web
from yarl import URL

from bot.core.channels import ChannelAccount, ChannelKind
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ChannelId, UnitId
from bot.core.languages import Language
from bot.core.officers import Act
from bot.services.channels.grants import (
    APP_ID,
    BROWSER_COOKIE,
    CALLBACK_PATH,
    COOKIE_PATH,
    FIXED,
    GRANT_LIFE,
    IN_REDIRECT,
    OA_ID,
    PKCE,
    STATE_IN,
    Application,
    Progress,
)
from bot.services.channels.prices import unpriced
from console.forms import Form, Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see

CHANNELS: Final = f"{ROOT}/kenh"
_SECRETS: Final = ("app_secret", "oa_secret")
_PAIR: Final = ("access_token", "refresh_token")
_NUMBERS: Final = {"per_minute": (1, 60_000), "step_back_min": (0, 7 * 24 * 60)}
_SIGNED_WITH: Final = ("oa_secret", "app_secret")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_SECRET: Final = re.compile(r"[!-~]{1,4000}")
_NAME_LONGEST: Final = 100

Errors = dict[str, Problem]


# --- what was typed ------------------------------------------------------------------------------


def _settings(form: Form, errors: Errors) -> dict[str, str]:
    """Return the settings that can be changed later too; "" takes one away."""
    for name, (least, most) in _NUMBERS.items():
        typed = form.text(name)
        if typed and not (typed.isascii() and typed.isdecimal() and least <= int(typed) <= most):
            errors[name] = Problem(key="number_wrong", values={"least": least, "most": most})
    signed_with = form.text("signed_with")
    return {
        "signed_with": signed_with if signed_with in _SIGNED_WITH else _SIGNED_WITH[0],
        **{name: form.text(name) for name in _NUMBERS},
        PKCE: FIXED if form.is_ticked(PKCE) else "",
        STATE_IN: IN_REDIRECT if form.is_ticked(STATE_IN) else "",
    }


def _secrets(form: Form, errors: Errors, *, may_miss: bool) -> dict[str, str]:
    """Return the secrets that were typed, as they were typed."""
    secrets = {name: form.raw(name).strip() for name in (*_SECRETS, *_PAIR)}
    for name, secret in secrets.items():
        is_missing = not secret and name in _SECRETS and not may_miss
        if is_missing or (secret and not _SECRET.fullmatch(secret)):
            errors[name] = Problem(key="secret_wrong")
    if bool(secrets[_PAIR[0]]) != bool(secrets[_PAIR[1]]):
        errors[_PAIR[0]] = Problem(key="pair_half")
    return {name: secret for name, secret in secrets.items() if secret}


def _name(form: Form, errors: Errors) -> str:
    name = form.text("name")
    if len(name) > _NAME_LONGEST:
        errors["name"] = Problem(key="too_long", values={"longest": _NAME_LONGEST})
    return name


def _ids(form: Form, errors: Errors, *, has_pair: bool) -> dict[str, str]:
    ids = {name: form.text(name) for name in (APP_ID, OA_ID)}
    if not _ID.fullmatch(ids[APP_ID]):
        errors[APP_ID] = Problem(key="id_wrong")
    if (ids[OA_ID] or has_pair) and not _ID.fullmatch(ids[OA_ID]):
        errors[OA_ID] = Problem(key="id_wrong")
    return ids


# --- a new account -------------------------------------------------------------------------------


async def show_new(visit: Visit) -> web.StreamResponse:
    """Say what to prepare at Zalo, and ask for what Zalo gave."""
    return await _new(visit, errors={})


async def begin(visit: Visit) -> web.StreamResponse:
    """Keep a pasted pair at once, or begin a grant."""
    form, errors = visit.form, Errors()
    units = {unit.id for unit in await visit.services.units.seen_by(visit.officer)}
    unit_id = UnitId(form.text("unit"))
    if unit_id not in units:
        errors["unit"] = Problem(key="unit_missing")
    secrets = _secrets(form, errors, may_miss=False)
    ids = _ids(form, errors, has_pair=_PAIR[0] in secrets)
    settings = {**_settings(form, errors), **ids}
    application = Application(
        unit_id=unit_id,
        settings={key: value for key, value in settings.items() if value},
        secrets=secrets,
        name=_name(form, errors),
        oa_id=ids[OA_ID],
    )
    if errors:
        return await _new(visit, errors=errors)
    if _PAIR[0] not in secrets:
        return await _begun(visit, application)
    known = {one.settings.get(OA_ID) for one in await visit.services.channels.accounts()}
    if ids[OA_ID] in known:
        # Of this unit or of another one: who takes it over says so on its own page.
        return await _new(visit, errors={OA_ID: Problem(key="account_known")})
    account, _ = await visit.services.connecting.keep(application, by=visit.officer.id)
    return see(f"{CHANNELS}#{account.id}")


async def _begun(visit: Visit, application: Application) -> web.StreamResponse:
    if visit.signed_in is None:
        raise web.HTTPForbidden
    begun = await visit.services.connecting.begin(
        application, by=visit.officer.id, session=visit.signed_in.session.token_hash
    )
    # A page with a link, not a redirect: our pages may send forms nowhere but to us.
    response = see(f"{CHANNELS}/zalo/noi/{begun.id}")
    response.set_cookie(
        BROWSER_COOKIE,
        begun.browser_key,
        path=COOKIE_PATH,
        max_age=int(GRANT_LIFE.total_seconds()),
        httponly=True,
        # Not strict: it must come along when Zalo's page leads back here.
        samesite="Lax",
        secure=visit.services.is_secure,
    )
    return response


async def show_grant(visit: Visit) -> web.StreamResponse:
    """Show the link to agree at, or how it ended."""
    connecting = visit.services.connecting
    grant = await connecting.find(visit.part("grant_id"))
    session = visit.signed_in.session.token_hash if visit.signed_in else b""
    if grant.session != session.hex():
        raise NotFound("another's grant")
    link = challenge = ""
    if grant.progress is Progress.WAITING:
        link = connecting.link_of(grant, session=session)
        is_fixed = grant.application is not None and PKCE in grant.application.settings
        challenge = URL(link).query.get("code_challenge", "") if is_fixed else ""
    why = ""
    if grant.progress is Progress.FAILED and grant.fault is not None:
        why = connecting.words(grant.fault, grant.code, Language.VI)
    return visit.show("channel_grant.html", grant=grant, link=link, challenge=challenge, why=why)


async def _new(visit: Visit, *, errors: Mapping[str, Problem]) -> web.Response:
    url = visit.services.public_url
    app_id = visit.form.text(APP_ID)
    return visit.show(
        "channel_connect.html",
        status=422 if errors else 200,
        units=await visit.services.units.seen_by(visit.officer),
        form=visit.form,
        chosen_unit=visit.form.text("unit") or visit.officer.unit_id,
        callback_url=url + CALLBACK_PATH,
        webhook_url=f"{url}/webhooks/zalo/",
        app_id=app_id,
        is_https=url.startswith("https://"),
        proofs=await visit.services.domain.codes(),
        errors=errors,
    )


# --- a known account -----------------------------------------------------------------------------


async def _account(visit: Visit) -> ChannelAccount:
    """Return the account of the path, if the officer sees its unit. Raise `NotFound`."""
    units = {unit.id for unit in await visit.services.units.seen_by(visit.officer)}
    for account in await visit.services.channels.accounts():
        if account.id == visit.part("channel_id") and account.unit_id in units:
            return account
    raise NotFound("no such channel")


async def _zalo(visit: Visit) -> ChannelAccount:
    account = await _account(visit)
    if account.kind is not ChannelKind.ZALO:
        raise NotFound("no such channel")
    return account


async def again(visit: Visit) -> web.StreamResponse:
    """Begin a grant for an account that is known, with the app's secrets it has."""
    account = await _zalo(visit)
    held = await visit.services.channels.secrets(ChannelId(account.id))
    application = Application(
        unit_id=account.unit_id,
        # Whoever enters a price while somebody agrees at Zalo means the new one.
        settings=unpriced(account.settings),
        secrets={name: value for name, value in held.items() if name not in _PAIR},
        name=account.name,
        oa_id=account.settings.get(OA_ID, ""),
    )
    return await _begun(visit, application)


async def show_change(visit: Visit) -> web.StreamResponse:
    """Show what is set of an account; its secrets are not."""
    account = await _zalo(visit)
    return _changing(visit, account, errors={})


async def change(visit: Visit) -> web.StreamResponse:
    """Keep new settings, and those secrets that were typed."""
    account = await _zalo(visit)
    errors = Errors()
    settings = _settings(visit.form, errors)
    secrets = _secrets(visit.form, errors, may_miss=True)
    name = _name(visit.form, errors) or account.name
    if errors:
        return _changing(visit, replace(account, name=name), errors=errors)
    pair: dict[str, str] = {key: secrets.pop(key) for key in _PAIR if key in secrets}
    await visit.services.channels.change(
        ChannelId(account.id), name=name, settings=settings, secrets=secrets, by=visit.officer.id
    )
    if pair:
        await visit.services.connecting.give_pair(ChannelId(account.id), pair, by=visit.officer.id)
    return see(f"{CHANNELS}#{account.id}")


def _changing(
    visit: Visit, account: ChannelAccount, *, errors: Mapping[str, Problem]
) -> web.Response:
    kept = account.settings
    typed = visit.form if errors else Form(fields={key: (kept[key],) for key in kept})
    url = visit.services.public_url
    return visit.show(
        "channel_change.html",
        status=422 if errors else 200,
        account=account,
        form=typed,
        webhook_url=f"{url}/webhooks/zalo/{kept.get(APP_ID, '')}",
        callback_url=url + CALLBACK_PATH,
        errors=errors,
    )


async def show_remove(visit: Visit) -> web.StreamResponse:
    """Ask before an account is taken out of use."""
    account = await _account(visit)
    return visit.show("channel_remove.html", account=account)


async def remove(visit: Visit) -> web.StreamResponse:
    """Take an account out of use and forget its secrets."""
    account = await _account(visit)
    await visit.services.channels.remove(ChannelId(account.id), by=visit.officer.id)
    return see(CHANNELS)


# --- the domain ----------------------------------------------------------------------------------


async def _keeps_domain(visit: Visit) -> bool:
    """Tell whether the officer's unit is at the top: the codes are those of every unit."""
    units = await visit.services.units.seen_by(visit.officer)
    return any(one.id == visit.officer.unit_id and one.parent_id is None for one in units)


async def show_domain(visit: Visit) -> web.StreamResponse:
    """Show by which codes Zalo knows our domain."""
    codes = await visit.services.domain.codes()
    return await _domain(visit, typed="\n".join(codes), errors={})


async def prove(visit: Visit) -> web.StreamResponse:
    """Keep the codes that Zalo gave, if the officer's unit is at the top."""
    if not await _keeps_domain(visit):
        raise web.HTTPForbidden
    # Lines are kept apart, so not cleaned as one line of text.
    typed = visit.form.raw("codes")[:4000]
    try:
        await visit.services.domain.put(typed, by=visit.officer.id)
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        return await _domain(visit, typed=typed, errors={"codes": problem})
    return see(f"{CHANNELS}/ten-mien")


async def _domain(visit: Visit, *, typed: str, errors: Mapping[str, Problem]) -> web.Response:
    return visit.show(
        "channel_domain.html",
        status=422 if errors else 200,
        typed=typed,
        codes=await visit.services.domain.codes(),
        may_change=await _keeps_domain(visit),
        public_url=visit.services.public_url,
        errors=errors,
    )


ROUTES = (
    get("/kenh/zalo/moi", show_new, needs=Act.ADMINISTER),
    post("/kenh/zalo/moi", begin, needs=Act.ADMINISTER),
    get("/kenh/zalo/noi/{grant_id}", show_grant, needs=Act.ADMINISTER),
    get("/kenh/ten-mien", show_domain, needs=Act.ADMINISTER),
    post("/kenh/ten-mien", prove, needs=Act.ADMINISTER),
    get("/kenh/{channel_id}/sua", show_change, needs=Act.ADMINISTER),
    post("/kenh/{channel_id}/sua", change, needs=Act.ADMINISTER),
    post("/kenh/{channel_id}/noi-lai", again, needs=Act.ADMINISTER),
    get("/kenh/{channel_id}/bo", show_remove, needs=Act.ADMINISTER),
    post("/kenh/{channel_id}/bo", remove, needs=Act.ADMINISTER),
)
