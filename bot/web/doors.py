"""What the server is given by `bot.app`: every use case it opens to the outside, as values."""

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bot.core.channels import ChannelKind
from bot.core.cleaning import FileCleaning
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.core.units import Unit
from bot.services.announcements.published import Published
from bot.services.answers.answers import Answers
from bot.services.conversations.reception import Reception
from bot.services.tips.receiving.receiving import Receiving
from bot.services.units.units import Units
from bot.web.assets import Assets
from bot.web.health import HealthCheck
from bot.web.metrics import PrometheusMeter
from bot.web.pages import Pages
from content.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinLink:
    """One way to a neighbourhood's announcements.

    `url` opens the channel, or the neighbourhood's group on it. `typed` is what to write there,
    where a link cannot carry the code.
    """

    kind: ChannelKind
    url: str
    typed: str = ""
    is_group: bool = False


# The ways into the group that a unit has, besides the chat page, which is always there.
JoinLinks = Callable[[Unit, str], Awaitable[Sequence[JoinLink]]]
# The code asked for, as it stands in the settings, or None if it is another's.
Verifier = Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDoors:
    """All that is behind the server.

    `more_routes` come from channels; `console` is mounted at /console, `api` at /api/v1.
    `without_time_limit` names the paths of answers that go on and on (server-sent events).
    `at_shutdown` is called when the server begins to stop, so that such answers end.
    """

    reception: Reception
    published: Published
    units: Units
    # None where residents do not come: no page of theirs is served there.
    receiving: Receiving | None
    cleaning: FileCleaning
    answers: Answers
    storage: Storage
    book: Book
    pages: Pages
    assets: Assets
    meter: PrometheusMeter
    checks: Sequence[HealthCheck]
    join_links: JoinLinks
    verifier: Verifier
    clock: Clock
    chance: Chance
    public_url: str
    trusted_proxies: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network] = ()
    metrics_token: str = field(default="", repr=False)
    more_routes: Sequence[web.RouteDef] = ()
    console: web.Application | None = None
    api: web.Application | None = None
    without_time_limit: frozenset[str] = frozenset()
    at_shutdown: Sequence[Callable[[], None]] = ()
