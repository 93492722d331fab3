"""Residents who asked for a person: who waits, what they wrote, answering, giving back to the bot.

Both pages bring what is new by themselves; what is being typed stays untouched.
"""

from typing import Any, Final

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.handovers import LONGEST_ANSWER
from bot.core.ids import HandoverId, OfficerId
from bot.core.languages import Language
from bot.core.officers import Act
from bot.services.handovers.desk import Opened, Waiting
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see

LIST: Final = f"{ROOT}/hoi-can-bo"
# Ready sentences, by their keys in section `handover`.
READY: Final = ("ready_hello", "ready_more", "ready_call", "ready_come", "ready_later")
_CLOSED: Final = "xong"


async def show_all(visit: Visit) -> web.StreamResponse:
    """List who waits, longest first, or (`?loc=xong`) what ended lately."""
    is_closed = visit.request.query.get("loc") == _CLOSED
    shown = await visit.services.handovers.list(visit.officer, is_closed=is_closed)
    return visit.show("handovers.html", is_closed=is_closed, **await _list(visit, shown))


async def list_part(visit: Visit) -> web.StreamResponse:
    """Answer the list that asks again and again: what changed, or nothing new."""
    values = await _list(visit, await visit.services.handovers.list(visit.officer))
    if visit.request.query.get("thay") == values["mark"]:
        return web.Response(status=204)
    return visit.show("handovers_part.html", is_closed=False, **values)


async def _list(visit: Visit, shown: list[Waiting]) -> dict[str, Any]:
    marks = (
        f"{one.handover.id}.{one.handover.last_number}.{one.handover.seen_number}"
        f".{one.handover.taken_by or ''}"
        for one in shown
    )
    return {
        "shown": shown,
        "mark": "-".join(marks) or "0",
        "channels": {one.id: one for one in await visit.services.channels.accounts()},
        "now": visit.now,
    }


async def show(visit: Visit) -> web.StreamResponse:
    """Show what was said; what is new counts as looked at. Every look is audited."""
    return await _page(visit)


async def part(visit: Visit) -> web.StreamResponse:
    """Answer a page that asks again and again: what changed, or nothing new.

    It may lie open with nobody before it, so that nothing counts as looked at.
    """
    desk, handover_id = visit.services.handovers, HandoverId(visit.part("handover_id"))
    mark = await desk.mark(handover_id, visit.officer)
    if visit.request.query.get("thay") == mark:
        return web.Response(status=204)
    opened = await desk.look(handover_id, visit.officer, counts=False)
    return visit.show("handover_part.html", **await _values(visit, opened, mark))


async def take(visit: Visit) -> web.StreamResponse:
    """Take it in hand, or over from the officer named in the form."""
    handover_id = HandoverId(visit.part("handover_id"))
    instead_of, text = visit.form.text("instead_of"), visit.form.text("text")
    try:
        await visit.services.handovers.take(
            handover_id, visit.officer, instead_of=OfficerId(instead_of) if instead_of else None
        )
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        return await _page(visit, problem=problem, text=text)
    if text:
        # Typed before somebody took it: still there, still not sent.
        return await _page(visit, text=text, is_typing=True)
    return see(f"{LIST}/{handover_id}")


async def answer(visit: Visit) -> web.StreamResponse:
    """Answer; keep what was typed if it cannot be sent."""
    handover_id, text = HandoverId(visit.part("handover_id")), visit.form.text("text")
    try:
        await visit.services.handovers.answer(handover_id, visit.officer, text)
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        return await _page(visit, problem=problem, text=text)
    return see(f"{LIST}/{handover_id}#tra-loi")


async def begin_answer(visit: Visit) -> web.StreamResponse:
    """Put a ready sentence below what was typed; nothing is sent or kept."""
    text, chosen = visit.form.text("text"), visit.form.text("ready")
    if chosen in READY:
        text = f"{text}\n{visit.services.handover_voice(chosen, Language.VI).strip()}".strip()
    return await _page(visit, text=text, is_typing=True)


async def done(visit: Visit) -> web.StreamResponse:
    """Give the conversation back to the bot, which says so; not over words never sent."""
    handover_id, text = HandoverId(visit.part("handover_id")), visit.form.text("text")
    if text:
        return await _page(visit, problem=Problem(key="handover_unsent"), text=text)
    try:
        await visit.services.handovers.done(handover_id, visit.officer)
    except RuleBroken as broken:
        return await _page(visit, problem=Problem(key=broken.key, values=broken.values))
    return see(LIST)


async def _page(
    visit: Visit, *, problem: Problem | None = None, text: str = "", is_typing: bool = False
) -> web.Response:
    desk, handover_id = visit.services.handovers, HandoverId(visit.part("handover_id"))
    opened = await desk.look(handover_id, visit.officer)
    mark = await desk.mark(handover_id, visit.officer)
    return visit.show(
        "handover.html",
        status=422 if problem else 200,
        problem=problem,
        text=text,
        is_typing=is_typing,
        ready={key: visit.services.handover_voice(key, Language.VI).strip() for key in READY},
        longest=LONGEST_ANSWER,
        **await _values(visit, opened, mark),
    )


async def _values(visit: Visit, opened: Opened, mark: str) -> dict[str, Any]:
    accounts = {one.id: one for one in await visit.services.channels.accounts()}
    return {
        "opened": opened,
        "one": opened.waiting.handover,
        "mark": mark,
        "account": accounts.get(opened.waiting.handover.channel_id),
        "now": visit.now,
    }


_ONE: Final = "/hoi-can-bo/{handover_id}"
ROUTES = (
    get("/hoi-can-bo", show_all, needs=Act.ANSWER),
    get("/hoi-can-bo/phan", list_part, needs=Act.ANSWER),
    get(_ONE, show, needs=Act.ANSWER),
    get(f"{_ONE}/phan", part, needs=Act.ANSWER),
    post(f"{_ONE}/nhan", take, needs=Act.ANSWER),
    post(f"{_ONE}/tra-loi", answer, needs=Act.ANSWER),
    post(f"{_ONE}/mau", begin_answer, needs=Act.ANSWER),
    post(f"{_ONE}/xong", done, needs=Act.ANSWER),
)
