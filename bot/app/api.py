"""What other software may do here, and what it is told; built when somebody asks for it."""

import hashlib

from aiohttp import web

from bot.app.announcing import made_reaches
from bot.app.program import Program
from bot.core.announcements import Announcement
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId
from bot.core.officers import Officer
from bot.services.announcements.announcements import Announcements
from bot.services.api.acting import ApiDrafts
from bot.services.api.tokens import ApiTokens
from bot.services.audit import Audit
from bot.services.hooks.hooks import Hooks
from bot.services.hooks.telling import Telling
from bot.web.api.door import api_app
from bot.web.api.services import ApiServices, ApprovalDesk
from bot.web.posting import HttpPoster


class NobodyApproves:
    """Lets drafts go at once: in this version no second officer is asked.

    Fits `bot.web.api.services.ApprovalDesk`.
    """

    def __init__(self, announcements: Announcements) -> None:
        """Let go by `announcements`."""
        self._announcements = announcements

    def mark(self, announcement: Announcement) -> str:
        """Return a short name of exactly this content."""
        content = (
            *(announcement.unit_id, announcement.title, announcement.text),
            *(announcement.is_urgent, announcement.is_public, sorted(announcement.channels)),
            *(announcement.due_at, announcement.grace, announcement.attachment_id),
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()

    async def propose(self, announcement_id: AnnouncementId, *, by: Officer) -> None:
        """Let a draft go."""
        await self._announcements.release(announcement_id, by=by)

    async def approve(self, announcement_id: AnnouncementId, mark: str, *, by: Officer) -> None:  # noqa: ARG002 - the port's shape
        """Raise `RuleBroken`: nothing is ever put up for approval."""
        raise RuleBroken("announcement_not_proposed")


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
        return NobodyApproves(program.announcements_noted_by(audit))

    return ApiServices(
        tokens=made_api_tokens(program),
        announcements=program.announcements,
        drafts=ApiDrafts(
            storage=program.storage,
            clock=program.clock,
            noted_by=program.announcements_noted_by,
        ),
        desk=desk,
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
