"""What other software may do here, and what it is told; built when somebody asks for it."""

from aiohttp import web

from bot.app.announcing import (
    made_amendments,
    made_announcements,
    made_approvals,
    made_reaches,
)
from bot.app.program import Program
from bot.core.announcements import Announcement
from bot.core.ids import AnnouncementId
from bot.core.officers import Officer
from bot.services.announcements.approvals import Approvals
from bot.services.api.acting import ApiDrafts
from bot.services.api.tokens import ApiTokens
from bot.services.audit import Audit
from bot.services.hooks.hooks import Hooks
from bot.services.hooks.telling import Telling
from bot.web.api.door import api_app
from bot.web.api.services import ApiServices, ApprovalDesk
from bot.web.posting import HttpPoster


class Desk:
    """Lets drafts go as `Approvals` does. Fits `bot.web.api.services.ApprovalDesk`."""

    def __init__(self, approvals: Approvals) -> None:
        """Let go by `approvals`."""
        self._approvals = approvals

    def mark(self, announcement: Announcement) -> str:
        """Return a short name of exactly this content."""
        return announcement.mark

    async def propose(self, announcement_id: AnnouncementId, *, by: Officer) -> None:
        """Let a draft go, or put it before a second officer."""
        await self._approvals.release(announcement_id, by=by)

    async def approve(self, announcement_id: AnnouncementId, mark: str, *, by: Officer) -> None:
        """Approve exactly what had this mark."""
        await self._approvals.approve(announcement_id, mark, by=by)


def made_api_tokens(program: Program) -> ApiTokens:
    """Return the tokens of other software."""
    return ApiTokens(
        storage=program.storage,
        audit=program.audit,
        clock=program.clock,
        chance=program.chance,
        zone=program.config.timezone,
    )


def made_hooks(program: Program) -> Hooks:
    """Return the addresses that are told what happened."""
    return Hooks(
        storage=program.storage,
        envelopes=program.envelopes,
        audit=program.audit,
        poster=HttpPoster(program.session),
        clock=program.clock,
        chance=program.chance,
    )


def made_telling(program: Program) -> Telling:
    """Return what tells hooks what happened."""
    return Telling(
        storage=program.storage,
        envelopes=program.envelopes,
        poster=HttpPoster(program.session),
        clock=program.clock,
    )


def made_api_services(program: Program) -> ApiServices:
    """Return what is behind the API."""

    def desk(audit: Audit) -> ApprovalDesk:
        return Desk(made_approvals(program, audit))

    return ApiServices(
        tokens=made_api_tokens(program),
        announcements=program.announcements,
        drafts=ApiDrafts(
            storage=program.storage,
            clock=program.clock,
            noted_by=lambda audit: made_announcements(program, audit),
        ),
        desk=desk,
        amendments=lambda audit: made_amendments(program, audit),
        reaches=made_reaches(program),
        units=program.units,
        channels=program.channels,
        book=program.book,
        clock=program.clock,
        chance=program.chance,
        trusted_proxies=program.config.trusted_proxies,
    )


def made_api(program: Program) -> web.Application:
    """Return the API, ready to be mounted."""
    return api_app(made_api_services(program))
