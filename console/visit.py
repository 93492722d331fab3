"""One request of one officer (or of a stranger at an open page), and how it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment

from bot.core.officers import Officer
from bot.services.officers.sign_ins import SignedIn
from bot.services.officers.tries import MOST_SIGNS, Place
from console.alarms import Alarm
from console.forms import Form
from console.moments import Moment, moment
from console.services import ConsoleServices

ROOT: Final = "/console"
SIGN_IN: Final = "/console/dang-nhap"
SESSION_COOKIE: Final = "binhyen_session"
# Binds a form to the browser it was shown in, where there is no session yet.
FORM_COOKIE: Final = "binhyen_form"
# The signs of officers who have signed in here before: see `bot.services.officers.tries`.
KNOWN_COOKIE: Final = "binhyen_known"
_KNOWN_FOR: Final = timedelta(days=180)
_BETWEEN_SIGNS: Final = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a page is given. `form` is empty for a GET; its token was checked before."""

    request: web.Request = field(repr=False)
    services: ConsoleServices
    templates: Environment = field(repr=False)
    signed_in: SignedIn | None
    form_token: str = field(repr=False)
    form: Form = field(default_factory=Form)
    alarms: Sequence[Alarm] = ()

    @property
    def officer(self) -> Officer:
        """Return who asks. Only for pages that are not open."""
        if self.signed_in is None:
            raise web.HTTPForbidden
        return self.signed_in.officer

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return self.services.clock.now()

    def part(self, name: str) -> str:
        """Return a named part of the path."""
        return self.request.match_info[name]

    @property
    def place(self) -> Place:
        """Return where the request comes from, for counting tries of passwords."""
        known = self.request.cookies.get(KNOWN_COOKIE, "")
        signs = tuple(sign for sign in known.split(_BETWEEN_SIGNS) if sign)[:MOST_SIGNS]
        return Place(address=self.services.crowd(self.request), signs=signs)

    def keep_sign(self, response: web.StreamResponse, sign: str) -> None:
        """Let the browser show, next time, that an officer has signed in here."""
        kept = _BETWEEN_SIGNS.join((sign, *self.place.signs)[:MOST_SIGNS])
        self.set_cookie(response, KNOWN_COOKIE, kept, life=_KNOWN_FOR)

    def moment(self, at: datetime) -> Moment:
        """Return `at` in local time, as templates show it."""
        return moment(at, now=self.now, zone=self.services.zone)

    def render(self, template: str, **values: Any) -> str:  # noqa: ANN401 - what templates take
        """Return a template filled in."""
        return self.templates.get_template(template).render(
            officer=self.signed_in.officer if self.signed_in else None,
            csrf=self.signed_in.session.csrf if self.signed_in else self.form_token,
            here=self.request.path,
            alarms=self.alarms,
            **values,
        )

    def show(self, template: str, *, status: int = 200, **values: Any) -> web.Response:  # noqa: ANN401 - what a template takes
        """Answer with a page."""
        response = web.Response(
            text=self.render(template, **values), status=status, content_type="text/html"
        )
        if self.signed_in is None and self.request.cookies.get(FORM_COOKIE) != self.form_token:
            self.set_cookie(response, FORM_COOKIE, self.form_token)
        return response

    def set_cookie(
        self,
        response: web.StreamResponse,
        name: str,
        value: str,
        *,
        life: timedelta | None = None,
    ) -> None:
        """Give the browser a cookie no script and no other site can use.

        It ends with the browser unless a `life` is given.
        """
        response.set_cookie(
            name,
            value,
            path=ROOT,
            max_age=int(life.total_seconds()) if life else None,
            httponly=True,
            samesite="Strict",
            secure=self.services.is_secure,
        )


def see(path: str) -> web.Response:
    """Answer with "look there", after something was done or to sign in."""
    return web.Response(status=303, headers={"Location": path})


def sign_in_first(request: web.Request) -> web.Response:
    """Send a stranger to sign in, and back afterwards if the page can be asked for again."""
    if request.method == "GET" and request.path not in {ROOT, f"{ROOT}/"}:
        return see(f"{SIGN_IN}?tiep={quote(request.path, safe='/')}")
    return see(SIGN_IN)
