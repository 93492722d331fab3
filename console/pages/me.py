"""The officer's own account: in which chats and at which addresses the program tells things."""

from collections.abc import Mapping

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.officers import Act
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see


async def show(visit: Visit) -> web.StreamResponse:
    """Show the chats that were named."""
    return await _page(visit)


async def make_code(visit: Visit) -> web.StreamResponse:
    """Show a code to type to the bot; it is shown this once."""
    return await _page(visit, code=await visit.services.notices.make_code(visit.officer))


async def unlink(visit: Visit) -> web.StreamResponse:
    """Tell nothing any more in one of the chats."""
    await visit.services.notices.unlink(visit.part("chat_id"), by=visit.officer)
    return see(f"{ROOT}/toi")


async def add_mail(visit: Visit) -> web.StreamResponse:
    """Send a code to an address."""
    try:
        await visit.services.mail_addresses.add(visit.officer, visit.form.text("address"))
    except RuleBroken as broken:
        return await _page(visit, errors={"address": Problem(key=broken.key)})
    return see(f"{ROOT}/toi?da=gui-ma#thu")


async def confirm_mail(visit: Visit) -> web.StreamResponse:
    """Tell things at the address whose code was typed."""
    try:
        await visit.services.mail_addresses.confirm(visit.officer, visit.form.text("code"))
    except RuleBroken as broken:
        return await _page(visit, errors={"code": Problem(key=broken.key)})
    return see(f"{ROOT}/toi?da=thu#thu")


async def remove_mail(visit: Visit) -> web.StreamResponse:
    """Tell nothing any more at one of the addresses."""
    await visit.services.mail_addresses.remove(visit.part("address_id"), by=visit.officer)
    return see(f"{ROOT}/toi#thu")


async def _page(
    visit: Visit, *, code: str = "", errors: Mapping[str, Problem] | None = None
) -> web.Response:
    mail = visit.services.mail_addresses
    return visit.show(
        "me.html",
        status=422 if errors else 200,
        code=code,
        did=visit.request.query.get("da", ""),
        chats=await visit.services.notices.chats_of(visit.officer),
        channels={one.id: one for one in await visit.services.channels.accounts()},
        fingerprint=visit.services.sign_ins.fingerprint(visit.signed_in)
        if visit.signed_in
        else "",
        has_mail=mail.is_offered,
        mails=await mail.addresses_of(visit.officer),
        mail_trouble=await visit.services.mailing.trouble(),
        typed=visit.form.text("address") if errors else "",
        errors=errors or {},
    )


ROUTES = (
    get("/toi", show, needs=Act.SEE),
    post("/toi/ma", make_code, needs=Act.SEE),
    post("/toi/noi-nhan/{chat_id}/bo", unlink, needs=Act.SEE),
    post("/toi/thu", add_mail, needs=Act.SEE),
    post("/toi/thu/ma", confirm_mail, needs=Act.SEE),
    post("/toi/thu/{address_id}/bo", remove_mail, needs=Act.SEE),
)
