"""Announcements after they were written: the list, one of them with its progress, its stops.

How the numbers change while somebody looks is in `watching` beside this file.
"""

from collections.abc import Awaitable
from typing import Final

from aiohttp import web

from bot.core.announcements import Amendment, AnnouncementState
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId
from bot.core.officers import Act
from bot.services.announcements.announcing import Shown
from console.fields import read_due
from console.forms import Problem
from console.routes import get, post
from console.standings import shows_of
from console.visit import ROOT, Visit, see


async def show_all(visit: Visit) -> web.StreamResponse:
    """List the officer's announcements, newest first; what waits for the officer before all."""
    waiting = await visit.services.approvals.waiting_for(visit.officer)
    mine = {one.announcement.id for one in waiting}
    newest = await visit.services.announcements.newest(visit.officer)
    others = [one for one in newest if one.announcement.id not in mine]
    return visit.show("announcements.html", waiting=waiting, shown=others)


def _id(visit: Visit) -> AnnouncementId:
    return AnnouncementId(visit.part("announcement_id"))


async def show(visit: Visit) -> web.StreamResponse:
    """Show one with its progress."""
    return await _page(visit)


async def _page(visit: Visit, *, problem: Problem | None = None) -> web.Response:
    progress = await visit.services.watching.progress(_id(visit), to=visit.officer)
    shown = progress.shown
    return visit.show(
        "announcement.html",
        status=409 if problem else 200,
        shown=shown,
        progress=progress,
        is_asking=False,
        due=visit.form.text("due"),
        problem=problem,
        may_amend=_may_amend(visit, shown),
        letter=await _letter(visit, shown),
        shows=await shows_of(visit, shown),
        **await _reach(visit, shown),
    )


def _may_amend(visit: Visit, shown: Shown) -> bool:
    one = shown.announcement
    return (
        visit.officer.may(Act.ANNOUNCE)
        and one.started_at is not None
        and one.amendment is not Amendment.RECALL
        and shown.amended_by is None
    )


async def _letter(visit: Visit, shown: Shown) -> str:
    """Return what stands in a recall, which has no text of its own."""
    if shown.announcement.amendment is not Amendment.RECALL:
        return ""
    return (await visit.services.announcements.letter(shown.announcement.id)).text


async def _reach(visit: Visit, shown: Shown) -> dict[str, object]:
    """Return whom a draft would reach; of what is past, the outcomes tell."""
    if shown.announcement.state is not AnnouncementState.DRAFT:
        return {"reach": None, "channels": {}}
    return {
        "reach": await visit.services.reaches.of(shown.announcement),
        "channels": {one.id: one for one in await visit.services.channels.accounts()},
    }


async def done(visit: Visit, act: Awaitable[object]) -> web.StreamResponse:
    """Do it and show the announcement; if it may not be, show why and where it stands."""
    try:
        await act
    except RuleBroken as broken:
        return await _page(visit, problem=Problem(key=broken.key, values=broken.values))
    return see(f"{ROOT}/thong-bao/{_id(visit)}")


async def pause(visit: Visit) -> web.StreamResponse:
    """Hold what has not begun."""
    return await done(visit, visit.services.announcements.pause(_id(visit), by=visit.officer))


async def resume(visit: Visit) -> web.StreamResponse:
    """Go on."""
    return await done(visit, visit.services.announcements.resume(_id(visit), by=visit.officer))


async def cancel(visit: Visit) -> web.StreamResponse:
    """Stop for good."""
    return await done(visit, visit.services.announcements.cancel(_id(visit), by=visit.officer))


async def resend(visit: Visit) -> web.StreamResponse:
    """Send again to those of whom nothing is known."""
    again = visit.services.announcements.resend_unknown(_id(visit), by=visit.officer)
    return await done(visit, again)


async def reschedule(visit: Visit) -> web.StreamResponse:
    """Answer the question about one whose hour passed: now, or a new hour."""
    try:
        is_later = visit.form.text("when") == "later"
        due_at = read_due(visit.form.text("due"), zone=visit.services.zone) if is_later else None
    except RuleBroken as broken:
        return await _page(visit, problem=Problem(key=broken.key))
    again = visit.services.announcements.reschedule(_id(visit), due_at, by=visit.officer)
    return await done(visit, again)


async def show_cancel(visit: Visit) -> web.StreamResponse:
    """Say what stopping means before it is done."""
    return await _ask(visit, "announcement_cancel.html")


async def show_resend(visit: Visit) -> web.StreamResponse:
    """Say that some may get it twice before it is done."""
    return await _ask(visit, "announcement_resend.html")


async def _ask(visit: Visit, template: str) -> web.Response:
    progress = await visit.services.watching.progress(_id(visit), to=visit.officer)
    return visit.show(template, shown=progress.shown, progress=progress)


_ONE: Final = "/thong-bao/{announcement_id}"
ROUTES = (
    get("/thong-bao", show_all, needs=Act.SEE),
    get(_ONE, show, needs=Act.SEE),
    post(f"{_ONE}/tam-dung", pause, needs=Act.ANNOUNCE),
    post(f"{_ONE}/tiep-tuc", resume, needs=Act.ANNOUNCE),
    get(f"{_ONE}/huy", show_cancel, needs=Act.ANNOUNCE),
    post(f"{_ONE}/huy", cancel, needs=Act.ANNOUNCE),
    get(f"{_ONE}/gui-lai", show_resend, needs=Act.ANNOUNCE),
    post(f"{_ONE}/gui-lai", resend, needs=Act.ANNOUNCE),
    post(f"{_ONE}/doi-gio", reschedule, needs=Act.ANNOUNCE),
)
