"""Four eyes: a second officer approves or sends back, the writer goes on alone in an emergency."""

from typing import Final

from aiohttp import web

from bot.core.announcements import AnnouncementState
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId
from bot.core.officers import Act
from bot.services.announcements.approvals import REASON_LONGEST
from console.forms import Problem
from console.pages.announcements import done
from console.routes import get, post
from console.visit import ROOT, Visit, see


def _id(visit: Visit) -> AnnouncementId:
    return AnnouncementId(visit.part("announcement_id"))


async def approve(visit: Visit) -> web.StreamResponse:
    """Let go exactly what was shown."""
    mark = visit.form.text("mark")
    return await done(visit, visit.services.approvals.approve(_id(visit), mark, by=visit.officer))


async def send_back(visit: Visit) -> web.StreamResponse:
    """Give it back to its writer, with what is to be mended."""
    reason = visit.form.text("reason")
    return await done(
        visit, visit.services.approvals.send_back(_id(visit), reason, by=visit.officer)
    )


async def show_override(visit: Visit) -> web.StreamResponse:
    """Say what going on alone means, and ask why."""
    return await _override(visit, problem=None)


async def override(visit: Visit) -> web.StreamResponse:
    """Go on without a second officer."""
    reason = visit.form.text("reason")
    try:
        await visit.services.approvals.override(_id(visit), reason, by=visit.officer)
    except RuleBroken as broken:
        return await _override(visit, problem=Problem(key=broken.key, values=broken.values))
    return see(f"{ROOT}/thong-bao/{_id(visit)}")


async def _override(visit: Visit, *, problem: Problem | None) -> web.Response:
    shown = await visit.services.announcements.show(_id(visit), to=visit.officer)
    if shown.announcement.state is not AnnouncementState.PROPOSED:
        raise web.HTTPSeeOther(f"{ROOT}/thong-bao/{_id(visit)}")
    return visit.show(
        "announcement_override.html",
        status=422 if problem else 200,
        one=shown.announcement,
        reach=await visit.services.reaches.of(shown.announcement),
        reason=visit.form.text("reason"),
        longest=REASON_LONGEST,
        errors={"reason": problem} if problem else {},
    )


_ONE: Final = "/thong-bao/{announcement_id}"
ROUTES = (
    post(f"{_ONE}/duyet", approve, needs=Act.APPROVE),
    post(f"{_ONE}/tra-lai", send_back, needs=Act.APPROVE),
    get(f"{_ONE}/gui-gap", show_override, needs=Act.ANNOUNCE),
    post(f"{_ONE}/gui-gap", override, needs=Act.ANNOUNCE),
)
