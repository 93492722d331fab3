"""The door of the API: who may in, how often, and how every answer is dressed.

No cookie counts here, so no page of another site can borrow an officer's browser.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from bot.core.api_tokens import NEEDS
from bot.core.errors import NotFound, RuleBroken, StorageTrouble
from bot.core.languages import Language
from bot.services.api.tokens import Caller
from bot.services.soft_limit import SoftLimit
from bot.web.addresses import address_of, crowd_of
from bot.web.api.announcements import ENDPOINTS
from bot.web.api.endpoints import Call, Endpoint, route_of
from bot.web.api.reading import read_body, read_query
from bot.web.api.refusals import Refusal, Refusals
from bot.web.api.services import ApiServices

log = logging.getLogger(__name__)

# Under the ten seconds that the gate gives, so that the answer is one of ours.
TIME_LIMIT_S: Final = 9.0
# Sixty requests a minute for each token, thirty of them at once.
BURST: Final = 30
EVERY_S: Final = 1.0
# For those who come without a token that fits, by address.
STRANGERS_BURST: Final = 20
STRANGERS_EVERY_S: Final = 3.0
OPENAPI: Final = Path(__file__).parents[1] / "openapi.yaml"
_BEARER: Final = "bearer "
_CHALLENGE: Final = 'Bearer realm="binhyen"'

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """Lets requests in to the endpoints."""

    def __init__(self, services: ApiServices) -> None:
        """Raise `ContentError` if a sentence is missing."""
        self._services = services
        self._refusals = Refusals(services.book)
        clock, chance = services.clock, services.chance
        self._limit = SoftLimit(burst=BURST, every_s=EVERY_S, clock=clock, chance=chance)
        self._strangers = SoftLimit(
            burst=STRANGERS_BURST, every_s=STRANGERS_EVERY_S, clock=clock, chance=chance
        )

    def guarded(self, endpoint: Endpoint) -> Handler:
        """Return what answers an endpoint, behind the checks it needs."""

        async def handle(request: web.Request) -> web.StreamResponse:
            caller = await self._caller(request)
            if wait_s := self._limit.wait_s(caller.token.id):
                raise _too_many(wait_s)
            if endpoint.scope not in caller.token.scopes:
                raise Refusal(
                    403,
                    "scope_missing",
                    headers={
                        "WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope", '
                        f'scope="{endpoint.scope}"'
                    },
                    scope=endpoint.scope.value,
                )
            if not caller.officer.may(NEEDS[endpoint.scope]):
                raise Refusal(403, "role_missing", scope=endpoint.scope.value)
            call = Call(
                request=request,
                services=self._services,
                caller=caller,
                body=await read_body(request, endpoint.takes) if endpoint.takes else None,
                query=read_query(request, endpoint.query) if endpoint.query else None,
            )
            try:
                given = await endpoint.act(call)
            except RuleBroken as broken:
                return self._refusals.of_rule(broken, _language(request), call.body)
            return web.Response(
                body=msgspec.json.encode(given.body),
                status=given.status,
                headers={"Cache-Control": "no-store", **given.headers},
                content_type="application/json",
            )

        return handle

    async def _caller(self, request: web.Request) -> Caller:
        given = request.headers.get("Authorization", "")
        is_bearer = given.lower().startswith(_BEARER)
        caller = None
        if is_bearer:
            caller = await self._services.tokens.caller(given[len(_BEARER) :].strip())
        if caller is not None:
            return caller
        crowd = crowd_of(address_of(request, self._services.trusted_proxies))
        if wait_s := self._strangers.wait_s(crowd):
            raise _too_many(wait_s)
        if not is_bearer:
            raise Refusal(401, "token_missing", headers={"WWW-Authenticate": _CHALLENGE})
        challenge = f'{_CHALLENGE}, error="invalid_token"'
        raise Refusal(401, "token_wrong", headers={"WWW-Authenticate": challenge})

    @web.middleware
    async def answers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn whatever happens into an answer for software."""
        language = _language(request)
        try:
            async with asyncio.timeout(TIME_LIMIT_S):
                return await handler(request)
        except Refusal as refusal:
            return self._refusals.of(refusal, language)
        except NotFound:
            return self._refusals.of(Refusal(404, "not_found"), language)
        except web.HTTPException as error:
            return self._refusals.of_status(error.status, error.headers, language)
        except (TimeoutError, StorageTrouble):
            log.exception("api.unavailable")
            later = Refusal(503, "unavailable", headers={"Retry-After": "10"})
            return self._refusals.of(later, language)
        except Exception:  # the edge of one request
            log.exception("api.failed")
            return self._refusals.of(Refusal(500, "failed"), language)


def api_app(services: ApiServices) -> web.Application:
    """Return the API, to be mounted at /api/v1."""
    door = Door(services)
    app = web.Application(middlewares=[door.answers])
    for endpoint in ENDPOINTS:
        app.router.add_route(endpoint.method, route_of(endpoint.path), door.guarded(endpoint))
    app.router.add_get("/openapi.yaml", _described)
    return app


async def _described(_request: web.Request) -> web.StreamResponse:
    return web.FileResponse(OPENAPI, headers={"Content-Type": "application/yaml"})


def _too_many(wait_s: int) -> Refusal:
    return Refusal(429, "too_many", headers={"Retry-After": str(wait_s)}, seconds=wait_s)


def _language(request: web.Request) -> Language:
    wanted = request.headers.get("Accept-Language", "").lower()
    return Language.VI if wanted.startswith("vi") else Language.EN
