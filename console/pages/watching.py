"""An announcement being sent, watched: the part of the page that changes comes by itself.

As server-sent events where the browser runs scripts. Where too many pages are open it asks every
two seconds instead, and without scripts the page loads itself anew.
"""

from typing import Final

from aiohttp import web

from bot.core.errors import StorageTrouble
from bot.core.ids import AnnouncementId
from bot.core.officers import Act
from bot.services.announcements.watching import Progress, TooManyWatchers, Watch
from bot.services.officers.sign_ins import SignedIn
from console.routes import get
from console.streams import EVENTS, begin, event, last_event
from console.visit import Visit

_HEARTBEAT_S: Final = 20.0


def part(visit: Visit, progress: Progress, *, is_asking: bool = False) -> str:
    """Return the part of the page that changes; `is_asking`: it asks again by itself."""
    return visit.render(
        "announcement_progress.html",
        shown=progress.shown,
        progress=progress,
        is_asking=is_asking and progress.is_live,
    )


async def _progress(visit: Visit) -> Progress:
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    return await visit.services.watching.progress(announcement_id, to=visit.officer)


async def ask(visit: Visit) -> web.StreamResponse:
    """Answer a page that asks again and again: the part that changed, or nothing new."""
    progress = await _progress(visit)
    if visit.request.query.get("thay") == progress.mark:
        return web.Response(status=204)
    return _asking(visit, progress)


def _asking(visit: Visit, progress: Progress) -> web.Response:
    return web.Response(text=part(visit, progress, is_asking=True), content_type="text/html")


async def watch(visit: Visit) -> web.StreamResponse:
    """Send the part whenever it changes, until the sending is over or the officer is gone."""
    progress = await _progress(visit)
    watching = visit.services.watching
    try:
        with watching.watching(progress.shown.announcement.id, who=visit.officer.id) as watched:
            return await _Stream(visit, watched).run()
    except TooManyWatchers:
        return _asking(visit, progress)


class _Stream:
    """One open page."""

    def __init__(self, visit: Visit, watched: Watch) -> None:
        self._visit = visit
        self._watched = watched
        self._mark = visit.request.headers.get("Last-Event-ID", "")
        self._silent_since = visit.services.clock.monotonic()

    async def run(self) -> web.StreamResponse:
        response = await begin(self._visit.request, EVENTS)
        try:
            while await self._look(response) and await self._watched.wait():
                pass
        except (ConnectionResetError, StorageTrouble):
            # The page was closed; or the database is away, and the page comes back by itself.
            pass
        return response

    async def _look(self, response: web.StreamResponse) -> bool:
        """Send what is new; tell whether there may be more."""
        visit = self._visit
        if not await _is_still(visit, visit.signed_in):
            await response.write(event(visit.render("signed_out.html")) + last_event())
            return False
        progress = await self._watched.look()
        now = visit.services.clock.monotonic()
        if progress.mark != self._mark:
            self._mark, self._silent_since = progress.mark, now
            await response.write(event(part(visit, progress), mark=progress.mark))
        elif now - self._silent_since >= _HEARTBEAT_S:
            self._silent_since = now
            await response.write(b": still here\n\n")
        if not progress.is_live:
            await response.write(last_event())
        transport = visit.request.transport
        return progress.is_live and transport is not None and not transport.is_closing()


async def _is_still(visit: Visit, signed_in: SignedIn | None) -> bool:
    return signed_in is not None and await visit.services.sign_ins.is_still(signed_in)


_ONE: Final = "/thong-bao/{announcement_id}"
ROUTES = (
    get(f"{_ONE}/tien-do", ask, needs=Act.SEE),
    get(f"{_ONE}/dong", watch, needs=Act.SEE, is_long=True),
)
