"""What an endpoint is: its path, the scope it needs, what it takes and gives.

Every endpoint says its scope; there is no default. Tests walk the table with every scope, and
compare it with `openapi.yaml`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
from aiohttp import web

from bot.core.api_tokens import Scope
from bot.core.ids import AnnouncementId
from bot.core.officers import Officer
from bot.services.api.tokens import Caller
from bot.web.api.services import ApiServices

# Whatever is asked may end so.
ALWAYS: Final = frozenset({401, 403, 429, 500, 503})
_WITH_ID: Final = frozenset({404})
_WITH_BODY: Final = frozenset({400, 413, 415, 422})
_WITH_QUERY: Final = frozenset({422})
_ACTS: Final = frozenset({409})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of software that was let in; `body` and `query` have the endpoint's shapes."""

    request: web.Request = field(repr=False)
    services: ApiServices
    caller: Caller
    body: Any = field(default=None, repr=False)
    query: Any = None

    @property
    def officer(self) -> Officer:
        """Return for whom the software acts."""
        return self.caller.officer

    @property
    def announcement_id(self) -> AnnouncementId:
        """Return which announcement the path names."""
        return AnnouncementId(self.request.match_info["announcement_id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is answered when all went well."""

    body: msgspec.Struct
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One line of the table. `path` begins behind /api/v1; `well` are the statuses of success."""

    method: Literal["GET", "POST"]
    path: str
    scope: Scope
    act: Callable[[Call], Awaitable[Given]]
    gives: type[msgspec.Struct]
    takes: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    headers: tuple[str, ...] = ()
    well: tuple[int, ...] = (200,)
    may_conflict: bool = False

    @property
    def statuses(self) -> frozenset[int]:
        """Return every status it answers with."""
        found = ALWAYS | set(self.well)
        if "{" in self.path:
            found |= _WITH_ID
        if self.takes is not None:
            found |= _WITH_BODY
        if self.query is not None:
            found |= _WITH_QUERY
        if self.may_conflict:
            found |= _ACTS
        return frozenset(found)


def route_of(path: str) -> str:
    """Return the path as the router takes it: ids are what they are, nothing else is asked for."""
    return path.replace("{announcement_id}", "{announcement_id:[0-9a-z]{12}}")
