"""Channels: which accounts there are, their troubles, a check that calls the platform, prices."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from bot.core.channels import PRICE, ChannelAccount, ChannelKind, Finding
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ChannelId
from bot.core.officers import Act
from bot.services.channels.credentials import OLD_AFTER
from bot.services.channels.prices import PRICE_MOST
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see

# A platform that is silent for longer is as good as down. Under the ten seconds a request may
# take, so that the officer gets a word about the channel and not about the program.
_CHECK_LIMIT_S: Final = 8


async def _seen(visit: Visit) -> list[ChannelAccount]:
    units = {unit.id for unit in await visit.services.units.seen_by(visit.officer)}
    return [one for one in await visit.services.channels.accounts() if one.unit_id in units]


async def _page(
    visit: Visit,
    accounts: Sequence[ChannelAccount],
    *,
    checked: ChannelId | None = None,
    findings: Sequence[Finding] = (),
    silent_s: int = 0,
) -> web.Response:
    ages = await visit.services.channels.renewals.ages()
    quotas = await visit.services.account_events.quotas()
    return visit.show(
        "channels.html",
        accounts=accounts,
        quotas=quotas,
        ages={channel_id: visit.now - age for channel_id, age in ages.items()},
        old={channel_id: age.days for channel_id, age in ages.items() if age > OLD_AFTER},
        checked=checked,
        findings=findings,
        silent_s=silent_s,
    )


async def show(visit: Visit) -> web.StreamResponse:
    """List the accounts of the officer's units."""
    return await _page(visit, await _seen(visit))


async def check(visit: Visit) -> web.StreamResponse:
    """Call the platform and show what was found."""
    channel_id = ChannelId(visit.part("channel_id"))
    accounts = await _seen(visit)
    if channel_id not in {one.id for one in accounts}:
        raise NotFound("no such channel")
    findings: Sequence[Finding] = ()
    silent_s = 0
    try:
        async with asyncio.timeout(_CHECK_LIMIT_S):
            findings = await visit.services.channels.check(channel_id)
    except TimeoutError:
        silent_s = _CHECK_LIMIT_S
    # What the check itself noticed may already stand there as trouble.
    return await _page(
        visit, await _seen(visit), checked=channel_id, findings=findings, silent_s=silent_s
    )


async def _priced(visit: Visit) -> ChannelAccount:
    """Return an account of the officer's units whose platform may charge. Raise `NotFound`."""
    for account in await _seen(visit):
        if account.id == visit.part("channel_id") and account.kind is ChannelKind.ZALO:
            return account
    raise NotFound("no such channel")


async def show_price(visit: Visit) -> web.StreamResponse:
    """Show what a paid message costs."""
    account = await _priced(visit)
    return _price_page(visit, account, typed=account.settings.get(PRICE, ""))


async def enter_price(visit: Visit) -> web.StreamResponse:
    """Keep what a paid message costs; an empty field takes the price away."""
    account = await _priced(visit)
    typed = visit.form.text("price")
    bare = typed.replace(".", "")
    is_number = bare.isascii() and bare.isdecimal() and len(bare) <= len(str(PRICE_MOST))
    # What is no number is told like one that is too large.
    dong = int(bare) if is_number else PRICE_MOST + 1
    try:
        await visit.services.channels.prices.enter(
            account.id, dong if typed else None, by=visit.officer.id
        )
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        return _price_page(visit, account, typed=typed, problem=problem)
    return see(f"{ROOT}/kenh#{account.id}")


def _price_page(
    visit: Visit, account: ChannelAccount, *, typed: str, problem: Problem | None = None
) -> web.Response:
    return visit.show(
        "channel_price.html",
        status=422 if problem else 200,
        account=account,
        typed=typed,
        errors={"price": problem} if problem else {},
    )


ROUTES = (
    get("/kenh", show, needs=Act.SEE),
    post("/kenh/{channel_id}/kiem-tra", check, needs=Act.ADMINISTER),
    get("/kenh/{channel_id}/gia", show_price, needs=Act.ADMINISTER),
    post("/kenh/{channel_id}/gia", enter_price, needs=Act.ADMINISTER),
)
