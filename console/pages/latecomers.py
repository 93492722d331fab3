"""Sending what was started also to those who joined since, after saying to how many."""

from typing import Final

from aiohttp import web

from bot.core.ids import AnnouncementId
from bot.core.officers import Act
from console.pages.announcements import done
from console.routes import get, post
from console.standings import text_of
from console.visit import ROOT, Visit


async def show(visit: Visit) -> web.StreamResponse:
    """Say who would get it; with nobody there is nothing to ask."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    late = await visit.services.reaches.late(shown.announcement)
    if not late.people and not late.groups:
        raise web.HTTPSeeOther(f"{ROOT}/thong-bao/{announcement_id}")
    return visit.show(
        "announcement_late.html", shown=shown, late=late, text=await text_of(visit, shown)
    )


async def take(visit: Visit) -> web.StreamResponse:
    """Send it to them too."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    return await done(
        visit, visit.services.announcements.take_late(announcement_id, by=visit.officer)
    )


_LATE: Final = "/thong-bao/{announcement_id}/gui-them"
ROUTES = (
    get(_LATE, show, needs=Act.ANNOUNCE),
    post(_LATE, take, needs=Act.ANNOUNCE),
)
