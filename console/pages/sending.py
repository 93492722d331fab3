"""Letting a draft go: the page that says what will happen, who stands behind it, a trial copy."""

from typing import Final

from aiohttp import web

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId, ChannelId, PersonId, UnitId
from bot.core.officers import Act
from bot.core.reach import ReachCase
from bot.services.announcements.announcing import Shown
from console.forms import Problem
from console.plans import plan_of
from console.routes import get, post
from console.visit import ROOT, Visit, see

# Lists of people are cut into pages of so many lines.
PAGE_LINES: Final = 100
_PLANNED: Final = frozenset({AnnouncementState.DRAFT, AnnouncementState.PROPOSED})
# The unit whose text is wanted, and in how many chats a trial copy was put.
UNIT: Final = "don-vi"
_TRIED: Final = "gui-thu"


async def _draft(visit: Visit) -> Shown:
    """Return the draft; what is no draft any more is shown on its own page."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    if shown.announcement.state is not AnnouncementState.DRAFT:
        raise web.HTTPSeeOther(f"{ROOT}/thong-bao/{announcement_id}")
    return shown


async def show_send(visit: Visit) -> web.StreamResponse:
    """Say what will happen to whom before it does."""
    return await _page(visit, unit_id=visit.request.query.get(UNIT, ""))


async def _page(
    visit: Visit, *, unit_id: str = "", problem: Problem | None = None, trial: bool = False
) -> web.Response:
    shown = await _draft(visit)
    tried = visit.request.query.get(_TRIED, "")
    return visit.show(
        "announcement_send.html",
        status=409 if problem else 200,
        shown=shown,
        one=shown.announcement,
        plan=await plan_of(visit, shown.announcement, unit_id=unit_id),
        problem=None if trial else problem,
        trial_problem=problem if trial else None,
        tried=int(tried) if tried.isascii() and tried.isdecimal() and len(tried) < 3 else 0,  # noqa: PLR2004 - nobody has a hundred chats
    )


async def send(visit: Visit) -> web.StreamResponse:
    """Let the draft go, or put it before a second officer, if it is still what was seen."""
    draft = (await _draft(visit)).announcement
    seen = visit.form.text("mark") or None
    try:
        await visit.services.approvals.release(draft.id, by=visit.officer, seen=seen)
    except RuleBroken as broken:
        return await _page(visit, problem=Problem(key=broken.key, values=broken.values))
    return see(f"{ROOT}/thong-bao/{draft.id}")


async def send_trial(visit: Visit) -> web.StreamResponse:
    """Send a copy to the officer's own chats."""
    draft = (await _draft(visit)).announcement
    unit_id = visit.form.text(UNIT)
    try:
        tried = await visit.services.trials.send(
            draft.id, UnitId(unit_id) or None, by=visit.officer
        )
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        return await _page(visit, unit_id=unit_id, problem=problem, trial=True)
    return see(f"{ROOT}/thong-bao/{draft.id}/gui?{UNIT}={unit_id}&{_TRIED}={tried}#gui-thu")


async def show_behind(visit: Visit) -> web.StreamResponse:
    """List the people behind one number of a plan."""
    announcement = await _planned(visit)
    channel_id, name = ChannelId(visit.part("channel")), visit.part("case")
    channels = {one.id: one for one in await visit.services.channels.accounts()}
    if name not in set(ReachCase):
        raise NotFound("no such number")
    case = ReachCase(name)
    reach = await visit.services.reaches.of(announcement)
    after = visit.request.query.get("sau", "")
    found = await visit.services.reaches.behind(
        announcement,
        channel_id,
        case,
        after=PersonId(after) if after else None,
        limit=PAGE_LINES + 1,
    )
    units = await visit.services.units.seen_by(visit.officer)
    return visit.show(
        "announcement_behind.html",
        one=announcement,
        channel=channels.get(channel_id),
        case=case,
        people=sum(one.number(case) for one in reach.channels if one.channel_id == channel_id),
        found=found[:PAGE_LINES],
        more=found[PAGE_LINES - 1].person_id if len(found) > PAGE_LINES else "",
        is_first=not after,
        units={unit.id: unit.name for unit in units},
    )


async def _planned(visit: Visit) -> Announcement:
    """Return what is not sent yet; of what was, the outcomes tell."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    if shown.announcement.state not in _PLANNED:
        raise web.HTTPSeeOther(f"{ROOT}/thong-bao/{announcement_id}")
    return shown.announcement


_ONE: Final = "/thong-bao/{announcement_id}"
ROUTES = (
    get(f"{_ONE}/gui", show_send, needs=Act.ANNOUNCE),
    post(f"{_ONE}/gui", send, needs=Act.ANNOUNCE),
    post(f"{_ONE}/gui-thu", send_trial, needs=Act.ANNOUNCE),
    get(f"{_ONE}/ke-hoach/{{channel}}/{{case}}", show_behind, needs=Act.SEE),
)
