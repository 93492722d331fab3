"""What the API is given by `bot.app`: the use cases it opens to other software, as values."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.announcements import Announcement
from bot.core.ids import AnnouncementId
from bot.core.officers import Officer
from bot.core.time import Chance, Clock
from bot.services.announcements.amendments import Amendments
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.reach import Reaches
from bot.services.api.acting import ApiDrafts
from bot.services.api.tokens import ApiTokens
from bot.services.audit import Audit
from bot.services.channels.channels import Channels
from bot.services.units.units import Units
from content.book import Book


class ApprovalDesk(Protocol):
    """Where drafts are let go, and what another officer wrote is approved."""

    def mark(self, announcement: Announcement) -> str:
        """Return a short name of exactly this content; any change gives another."""
        ...

    async def propose(self, announcement_id: AnnouncementId, *, by: Officer) -> None:
        """Let a draft go, or put it up for approval where one is needed."""
        ...

    async def approve(self, announcement_id: AnnouncementId, mark: str, *, by: Officer) -> None:
        """Let go what bears this mark. Raise `RuleBroken`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiServices:
    """All that is behind the API. `desk` and `amendments` give those whose acts an audit notes."""

    tokens: ApiTokens
    announcements: Announcements
    drafts: ApiDrafts
    desk: Callable[[Audit], ApprovalDesk]
    amendments: Callable[[Audit], Amendments]
    reaches: Reaches
    units: Units
    channels: Channels
    book: Book
    clock: Clock
    chance: Chance
    trusted_proxies: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network] = ()
