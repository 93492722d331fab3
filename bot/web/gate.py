"""The gate every request passes: limits, headers, errors in words, a line in the log.

Webhooks are the hot path and get only what they need: a limit in time and an answer whatever
happens. What may pass further in is decided by the handlers.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.core.errors import NotFound, StorageTrouble
from bot.core.time import Chance, Clock
from bot.web.pages import Pages

log = logging.getLogger(__name__)

TIME_LIMIT_S: Final = 10.0
# An officer's picture over a slow line; strangers are refused before their file is read.
UPLOAD_LIMIT_S: Final = 120.0
WEBHOOK_LIMIT_BYTES: Final = 1024 * 1024
FORM_LIMIT_BYTES: Final = 64 * 1024
WEBHOOKS: Final = "/webhooks/"
API: Final = "/api/v1"
_CONSOLE: Final = "/console"
_WITH_FILES: Final = "multipart/form-data"
_FOR_MACHINES: Final = ("/health/", "/metrics", WEBHOOKS, API)
_TELLING: Final = ("/to-giac", "/theo-doi")
# The moment of a tip is nobody's business, not even of a log for developers.
_UNLOGGED: Final = _TELLING
# Where files may come; each such page bounds them itself, part by part.
_UPLOADS: Final = (_CONSOLE, *_TELLING)
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

REQUEST_ID: Final = web.RequestKey("request_id", str)

# "same-origin" and not "no-referrer": with the latter browsers hide the origin of our own forms
# from us too, and it is what tells them from those of other sites.
SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# For the page that seals: compiles WebAssembly, which can come only from a script of ours, and
# evaluates nothing. Browsers that do not know the word use the same library as plain script.
SEALING_POLICY: Final = SECURITY_HEADERS["Content-Security-Policy"].replace(
    "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
)
_WORDS: Final[Mapping[int, str]] = {
    400: "error_bad_request",
    403: "error_foreign",
    404: "error_not_found",
    405: "error_not_found",
    408: "error_unavailable",
    413: "error_too_large",
    429: "error_too_many",
    503: "error_unavailable",
}
_REFUSED: Final = 400
_BROKEN: Final = 500
_UNAVAILABLE: Final = 503


class Gate:
    """The one middleware."""

    def __init__(
        self,
        *,
        pages: Pages,
        clock: Clock,
        chance: Chance,
        public_url: str,
        without_time_limit: frozenset[str],
    ) -> None:
        self._pages = pages
        self._clock = clock
        self._chance = chance
        self._origin = _origin_of(public_url)
        self._without_time_limit = without_time_limit
        self._headers = dict(SECURITY_HEADERS)
        if public_url.startswith("https:"):
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    @web.middleware
    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request in, and always answer it."""
        if request.path.startswith(WEBHOOKS):
            return await self._webhook(request, handler)
        began = self._clock.monotonic()
        request_id = request[REQUEST_ID] = self._chance.token(6).hex()
        response = await self._answered(request, handler)
        if not response.prepared:
            for name, value in self._headers.items():
                response.headers.setdefault(name, value)
            response.headers.setdefault("Cache-Control", "no-cache")
            response.headers["X-Request-Id"] = request_id
            response.headers["Server"] = "binhyen"
        self._note(request, response, began)
        return response

    async def _webhook(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(TIME_LIMIT_S):
                return await handler(request)
        except web.HTTPException as error:
            return web.Response(status=error.status)
        except TimeoutError:
            return web.Response(status=_UNAVAILABLE)
        except Exception:
            log.exception("webhook.failed")
            # Not acknowledged, so the platform brings it again.
            return web.Response(status=_UNAVAILABLE)

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(self._limit_s(request)):
                return await handler(self._admitted(request))
        except web.HTTPException as error:
            if error.status < _REFUSED:
                # As a plain answer, so that it gets its headers like any other.
                where = error.headers.get("Location", "")
                return web.Response(status=error.status, headers={"Location": where})
            return self._in_words(request, error.status, error.headers)
        except NotFound:
            return self._in_words(request, web.HTTPNotFound.status_code)
        except (TimeoutError, StorageTrouble):
            log.exception("http.unavailable", extra=self._named(request))
            return self._in_words(request, _UNAVAILABLE)
        except Exception:
            log.exception("http.failed", extra=self._named(request))
            return self._in_words(request, _BROKEN)

    def _limit_s(self, request: web.Request) -> float | None:
        if _route(request) in self._without_time_limit:
            return None
        return UPLOAD_LIMIT_S if _is_upload(request) else TIME_LIMIT_S

    def _admitted(self, request: web.Request) -> web.Request:
        """Return the request with the limit of forms. Raise `HTTPForbidden` for foreign ones."""
        if request.method in _SAFE_METHODS:
            return request
        # The console has limits and checks of its own: its pages send no referrer, so over plain
        # HTTP a browser calls their origin "null", and a token in every form speaks for them.
        # So has the API, where a token in a header speaks for whoever asks, and no cookie does.
        if request.path.startswith((_CONSOLE, API)):
            return request
        if not is_ours(request, self._origin):
            raise web.HTTPForbidden
        if _is_upload(request):
            return request
        if (request.content_length or 0) > FORM_LIMIT_BYTES:
            raise web.HTTPRequestEntityTooLarge(FORM_LIMIT_BYTES, request.content_length or 0)
        return request.clone(client_max_size=FORM_LIMIT_BYTES)

    def _in_words(
        self, request: web.Request, status: int, headers: Mapping[str, str] | None = None
    ) -> web.Response:
        key = _WORDS.get(status, "error_server" if status >= _BROKEN else "error_bad_request")
        # Of the error's own headers only what a client must know to go on.
        kept = {
            name: value
            for name, value in (headers or {}).items()
            if name in {"Allow", "Retry-After", "WWW-Authenticate"}
        }
        values = {"seconds": int(kept.get("Retry-After", "10"))} if status == 429 else {}  # noqa: PLR2004 - the status of RFC 6585
        if _wants_json(request):
            response = web.json_response({"error": key.removeprefix("error_")}, status=status)
        else:
            response = self._pages.framed(
                request,
                "error.html",
                None,
                status=status,
                key=key,
                values=values,
                request_id=request[REQUEST_ID] if status >= _BROKEN else "",
            )
        response.headers.update(kept)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _named(self, request: web.Request) -> dict[str, str]:
        return {"request_id": request[REQUEST_ID], "route": _route(request)}

    def _note(self, request: web.Request, response: web.StreamResponse, began: float) -> None:
        if request.path.startswith(_UNLOGGED) or not log.isEnabledFor(logging.DEBUG):
            return
        log.debug(
            "http.request",
            extra={
                "method": request.method,
                "route": _route(request),
                "status": response.status,
                "ms": round((self._clock.monotonic() - began) * 1000),
            },
        )


def is_ours(request: web.Request, public_origin: str) -> bool:
    """Tell whether a request that changes something comes from a page of ours.

    Browsers say so in Sec-Fetch-Site, older ones in Origin. A client that sends neither is no
    browser of these years; cookies with SameSite=Strict still hold for it.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return origin == public_origin or urlsplit(origin).netloc == request.host


def _is_upload(request: web.Request) -> bool:
    return request.path.startswith(_UPLOADS) and request.content_type == _WITH_FILES


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _wants_json(request: web.Request) -> bool:
    accepts = request.headers.get("Accept", "")
    return request.path.startswith(_FOR_MACHINES) or accepts.startswith("application/json")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
