"""The door of the console: who may in, what is refused, how every answer is dressed.

Closed by default: a path that is in no table is not even said to be missing to a stranger.
"""

import base64
import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment

from bot.core.errors import NotFound, RuleBroken, StorageTrouble
from bot.core.officers import Act
from bot.services.officers.sign_ins import SignedIn
from console.alarms import alarms_of
from console.forms import Form, Problem, read_form
from console.headers import HEADERS
from console.routes import Open, Route
from console.services import ConsoleServices
from console.streams import EVENTS, event, last_event, wants_events
from console.uploads import MULTIPART, read_parts
from console.visit import FORM_COOKIE, SESSION_COOKIE, Visit, see, sign_in_first

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_FORM_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")
_LONGEST_COOKIE: Final = 200


class Door:
    """Lets requests in to the pages."""

    def __init__(self, services: ConsoleServices, templates: Environment) -> None:
        self._services = services
        self._templates = templates

    def guarded(self, route: Route) -> Handler:
        """Return the page of `route` behind the checks it needs."""

        async def handle(request: web.Request) -> web.StreamResponse:
            signed_in = await self._signed_in(request)
            if isinstance(route.needs, Act):
                if signed_in is None:
                    return self._sign_in_first(request)
                if not signed_in.officer.may(route.needs):
                    raise web.HTTPForbidden
            form = Form()
            if route.method == "POST":
                refuse_other_sites(request, self._services.public_url)
                form = await self._form(request, route)
                self._check_token(form, request, signed_in, is_open=isinstance(route.needs, Open))
            visit = self._visit(request, signed_in, form)
            if signed_in is not None and route.path != "/static/{name}":
                alarms = await alarms_of(self._services, signed_in.officer)
                visit = replace(visit, alarms=alarms)
            return await route.page(visit)

        return handle

    def _sign_in_first(self, request: web.Request) -> web.Response:
        """Lead a stranger to sign in; a page that listens is told so and stops listening."""
        if not wants_events(request):
            return sign_in_first(request)
        told = self._visit(request, None, Form()).render("signed_out.html")
        return web.Response(body=event(told) + last_event(), content_type=EVENTS)

    async def _form(self, request: web.Request, route: Route) -> Form:
        if route.file_most_bytes and request.content_type == MULTIPART:
            return await read_parts(request, file_most_bytes=route.file_most_bytes)
        return await read_form(request)

    async def _signed_in(self, request: web.Request) -> SignedIn | None:
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token or len(token) > _LONGEST_COOKIE:
            return None
        return await self._services.sign_ins.session(token)

    def _visit(self, request: web.Request, signed_in: SignedIn | None, form: Form) -> Visit:
        return Visit(
            request=request,
            services=self._services,
            templates=self._templates,
            signed_in=signed_in,
            form_token=self._form_token(request),
            form=form,
        )

    def _form_token(self, request: web.Request) -> str:
        known = request.cookies.get(FORM_COOKIE, "")
        if _FORM_TOKEN.fullmatch(known):
            return known
        return base64.urlsafe_b64encode(self._services.chance.token(24)).decode()

    def _check_token(
        self, form: Form, request: web.Request, signed_in: SignedIn | None, *, is_open: bool
    ) -> None:
        right = [signed_in.session.csrf] if signed_in else []
        if is_open:
            right.append(request.cookies.get(FORM_COOKIE, ""))
        given = form.raw("csrf").encode()
        if not any(one and hmac.compare_digest(one.encode(), given) for one in right):
            raise web.HTTPForbidden

    @web.middleware
    async def answers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn whatever happens into a page in words, with strict headers."""
        try:
            response = await self._answer(request, handler)
        except web.HTTPException as stop:
            if stop.status < web.HTTPBadRequest.status_code:
                response = see(stop.headers["Location"])
            # A stranger learns nothing of which paths exist.
            elif stop.status in {404, 405} and await self._signed_in(request) is None:
                response = sign_in_first(request)
            else:
                response = self._trouble(request, stop.status, stop.headers.get("Allow"))
        except StorageTrouble:
            log.error("console.no_storage")  # noqa: TRY400 - the storage says the rest itself
            response = self._trouble(request, 503)
        except Exception as error:  # noqa: BLE001 - the edge of one request
            # Not the error's own text: it may quote what somebody wrote.
            log.error(  # noqa: TRY400 - its text may quote a form
                "console.failed", extra={"error": type(error).__name__, "where": _where(error)}
            )
            response = self._trouble(request, 500)
        for name, value in HEADERS.items():
            # What is no page of ours may say something stricter.
            response.headers.setdefault(name, value)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except NotFound:
            return self._trouble(request, 404)
        except RuleBroken as broken:
            problem = Problem(key=broken.key, values=broken.values)
            return self._trouble(request, 409, problem=problem)

    def _trouble(
        self,
        request: web.Request,
        status: int,
        allow: str | None = None,
        *,
        problem: Problem | None = None,
    ) -> web.Response:
        visit = self._visit(request, None, Form())
        text = visit.render("trouble.html", status=status, problem=problem)
        response = web.Response(text=text, status=status, content_type="text/html")
        if allow:
            response.headers["Allow"] = allow
        return response


def refuse_other_sites(request: web.Request, public_url: str) -> None:
    """Raise `HTTPForbidden` if a browser says that another site made it ask.

    "null" is no answer: browsers say it on our own pages too, which send no referrer.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "null")
    ours = {request.host, urlsplit(public_url).netloc}
    if site != "same-origin" or (origin != "null" and urlsplit(origin).netloc not in ours):
        raise web.HTTPForbidden


def _where(error: BaseException) -> str:
    """Return file and line where `error` was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
