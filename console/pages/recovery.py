"""The recovery key: whether the paper fits, what it gives back, another paper in its place.

What is typed from paper lives as long as the request; pages are kept by no cache.
"""

from typing import Any

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import OfficerId, UnitId
from bot.core.officers import Act, Officer, mark_of
from bot.services.officers.papers import PrintedKey
from console.forms import Problem
from console.pages.tip_keys import MOST_AT_ONCE, given_of
from console.papers import SHEETS, sheet_error, sheets_of
from console.routes import get, post
from console.visit import ROOT, Visit, see

_HOME = f"{ROOT}/khoa-khoi-phuc"


async def show(visit: Visit) -> web.StreamResponse:
    """Say whether there is a paper, when it was proved, who opens tips without it."""
    holders = await visit.services.recovery.holders(by=visit.officer)
    units = {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}
    lines = await visit.services.key_care.lines(visit.officer)
    return visit.show(
        "recovery.html",
        marks={one.id: mark_of(one.public_key) for one in holders},
        checked_at=await visit.services.recovery.checked_at(),
        lines=lines,
        units=units,
        given=given_of(visit),
        did=visit.request.query.get("da", ""),
    )


async def show_check(visit: Visit) -> web.StreamResponse:
    """Ask for the paper, to see whether it fits."""
    await visit.services.recovery.holders(by=visit.officer)
    return _form(visit, "recovery_check.html", errors={})


async def check(visit: Visit) -> web.StreamResponse:
    """See whether the paper fits."""
    try:
        await visit.services.recovery.check(sheets_of(visit, "sheet"), by=visit.officer)
    except RuleBroken as broken:
        return _form(visit, "recovery_check.html", errors=sheet_error(broken, "sheet"))
    return see(f"{_HOME}?da=kiem-tra")


async def show_give(visit: Visit) -> web.StreamResponse:
    """Ask for the paper and for whom tips are to be opened."""
    return await _give_form(visit, errors={})


async def give(visit: Visit) -> web.StreamResponse:
    """Seal to a moderator what the paper opens."""
    officer_id = OfficerId(visit.form.text("officer"))
    if officer_id not in {one.id for one in await _moderators(visit)}:
        return await _give_form(visit, errors={"officer": Problem(key="officer_missing")})
    try:
        given = await visit.services.recovery.give(
            sheets_of(visit, "sheet"), officer_id, by=visit.officer, most=MOST_AT_ONCE
        )
    except RuleBroken as broken:
        if broken.key == "key_none_yet":
            return await _give_form(visit, errors={"officer": Problem(key=broken.key)})
        return await _give_form(visit, errors=sheet_error(broken, "sheet"))
    return see(f"{_HOME}?da-trao={given}")


async def _give_form(visit: Visit, *, errors: dict[str, Problem]) -> web.Response:
    await visit.services.recovery.holders(by=visit.officer)
    return _form(
        visit,
        "recovery_give.html",
        errors=errors,
        officers=await _moderators(visit),
        chosen=visit.form.text("officer"),
    )


async def _moderators(visit: Visit) -> list[Officer]:
    units: set[UnitId] = {unit.id for unit in await visit.services.units.seen_by(visit.officer)}
    officers = await visit.services.officers.all(units)
    return [one for one in officers if one.is_active and one.may(Act.MODERATE)]


async def show_split(visit: Visit) -> web.StreamResponse:
    """Ask for the paper that is to be split in three."""
    await visit.services.recovery.holders(by=visit.officer)
    return _form(visit, "recovery_split.html", errors={})


async def split(visit: Visit) -> web.StreamResponse:
    """Show the three sheets, to print all at once."""
    try:
        key = await visit.services.recovery.split(sheets_of(visit, "sheet"), by=visit.officer)
    except RuleBroken as broken:
        return _form(visit, "recovery_split.html", errors=sheet_error(broken, "sheet"))
    return await _print(visit, key, is_split=True, is_new=False)


async def new_paper(visit: Visit) -> web.StreamResponse:
    """Show a fresh key, to print; it is no recovery key before it was typed in again."""
    await visit.services.recovery.holders(by=visit.officer)
    is_split = visit.form.is_ticked("split")
    key = visit.services.recovery.new_paper()
    return await _print(visit, key, is_split=is_split, is_new=True)


async def _print(visit: Visit, key: PrintedKey, *, is_split: bool, is_new: bool) -> web.Response:
    units = {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}
    return visit.show(
        "recovery_print.html",
        key=key,
        is_split=is_split,
        is_new=is_new,
        commune=units[visit.officer.unit_id],
        now=visit.now,
    )


async def show_exchange(visit: Visit) -> web.StreamResponse:
    """Ask for the new paper in full, and for the old one or the own key."""
    return await _exchange_form(visit, errors={})


async def exchange(visit: Visit) -> web.StreamResponse:
    """Make the new paper the recovery key."""
    signed_in = visit.signed_in
    try:
        exchanged = await visit.services.recovery.exchange(
            sheets_of(visit, "new"),
            by=visit.officer,
            old_sheets=sheets_of(visit, "old"),
            reader=visit.services.sign_ins.reader(signed_in) if signed_in else None,
            most=MOST_AT_ONCE,
        )
    except RuleBroken as broken:
        name = "old" if _is_about_old(visit, broken) else "new"
        return await _exchange_form(visit, errors=sheet_error(broken, name))
    return visit.show("recovery_exchanged.html", exchanged=exchanged)


def _is_about_old(visit: Visit, broken: RuleBroken) -> bool:
    if broken.key in {"paper_hand_missing", "paper_other_key"}:
        return True
    if broken.key == "paper_not_new":
        return False
    # The new paper is read first: if it can be read, the mistake is in the old one.
    return visit.services.recovery.can_read(sheets_of(visit, "new"))


async def _exchange_form(visit: Visit, *, errors: dict[str, Problem]) -> web.Response:
    await visit.services.recovery.holders(by=visit.officer)
    signed_in = visit.signed_in
    has_key = signed_in is not None and visit.services.sign_ins.reader(signed_in) is not None
    return _form(visit, "recovery_exchange.html", errors=errors, has_key=has_key)


def _form(visit: Visit, template: str, *, errors: dict[str, Problem], **more: Any) -> web.Response:  # noqa: ANN401 - what templates take
    typed = {
        f"{name}_{number}": visit.form.text(f"{name}_{number}")
        for name in ("sheet", "old", "new")
        for number in SHEETS
    }
    return visit.show(template, status=422 if errors else 200, typed=typed, errors=errors, **more)


ROUTES = (
    get("/khoa-khoi-phuc", show, needs=Act.ADMINISTER),
    get("/khoa-khoi-phuc/kiem-tra", show_check, needs=Act.ADMINISTER),
    post("/khoa-khoi-phuc/kiem-tra", check, needs=Act.ADMINISTER),
    get("/khoa-khoi-phuc/mo-lai", show_give, needs=Act.ADMINISTER),
    post("/khoa-khoi-phuc/mo-lai", give, needs=Act.ADMINISTER),
    get("/khoa-khoi-phuc/chia", show_split, needs=Act.ADMINISTER),
    post("/khoa-khoi-phuc/chia", split, needs=Act.ADMINISTER),
    post("/khoa-khoi-phuc/to-moi", new_paper, needs=Act.ADMINISTER),
    get("/khoa-khoi-phuc/doi", show_exchange, needs=Act.ADMINISTER),
    post("/khoa-khoi-phuc/doi", exchange, needs=Act.ADMINISTER),
)
