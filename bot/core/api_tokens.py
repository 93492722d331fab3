"""Tokens by which other software acts in an officer's name, and how far each reaches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from bot.core.ids import ApiTokenId, OfficerId
from bot.core.officers import Act


class Scope(StrEnum):
    """What a token is for. The officer's own roles and unit limit it further."""

    READ = "announcements:read"
    WRITE = "announcements:write"
    APPROVE = "announcements:approve"


NEEDS: Final[Mapping[Scope, Act]] = {
    Scope.READ: Act.SEE,
    Scope.WRITE: Act.ANNOUNCE,
    Scope.APPROVE: Act.APPROVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """One token. Only the hash of what is shown once is known; of its use, only the last day."""

    id: ApiTokenId
    officer_id: OfficerId
    name: str
    scopes: frozenset[Scope]
    token_hash: bytes = field(repr=False)
    added_at: datetime
    expires_on: date
    used_on: date | None = None
    revoked_at: datetime | None = None

    def is_alive(self, today: date) -> bool:
        """Tell whether it still opens anything; `expires_on` is its last day."""
        return self.revoked_at is None and today <= self.expires_on
