"""Where Zalo sends an officer back after a grant, and the page that tells how it ended.

The address of the call holds a code and an anti-forgery value, so nothing is shown there: the
visitor is sent on at once to a page whose address says nothing. Both pages are open to all:
who may connect is decided by the grant itself.
"""

from typing import Final

from aiohttp import web

from bot.core.errors import NotFound
from bot.services.channels.connecting import CallBack, Connecting
from bot.services.channels.grants import (
    BROWSER_COOKIE,
    CALLBACK_PATH,
    Fault,
    GrantFailed,
    Progress,
    UnderWay,
)
from bot.web.pages import Pages

OUTCOME_PATH: Final = "/connect/zalo/ket-qua"

# Under the time a request may take; the rest is waited for on the page of the outcome.
_WAIT_S: Final = 6.0
_LONGEST: Final = 2000
_HEADERS: Final = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
# Words for "no" that an address may hold besides Zalo's own error_code.
_REFUSALS: Final = ("error_code", "error")


class ConnectingPages:
    """Answers below /connect/zalo."""

    def __init__(self, connecting: Connecting, *, pages: Pages, state_place: str) -> None:
        """`state_place` names the part of the address that may hold the anti-forgery value."""
        self._connecting = connecting
        self._pages = pages
        self._state_place = state_place

    async def called_back(self, request: web.Request) -> web.Response:
        """Take the code, and send the visitor on to an address without it."""
        query = {name: value[:_LONGEST] for name, value in request.query.items()}
        back = CallBack(
            state=query.get("state") or query.get(self._state_place, ""),
            code=query.get("code", ""),
            oa_id=query.get("oa_id", ""),
            refusal=next((query[name] for name in _REFUSALS if query.get(name)), "")[:12],
        )
        try:
            grant_id = await self._connecting.called_back(
                back, browser_key=request.cookies.get(BROWSER_COOKIE, "")[:_LONGEST]
            )
        except GrantFailed as failed:
            return _sent_on(f"{OUTCOME_PATH}?vi-sao={failed.fault.value}")
        await self._connecting.wait_for(grant_id, at_most_s=_WAIT_S)
        return _sent_on(f"{OUTCOME_PATH}/{grant_id}")

    async def show(self, request: web.Request) -> web.Response:
        """Tell how a grant ended, or that it is still being finished."""
        try:
            grant = await self._connecting.find(request.match_info["grant_id"])
        except NotFound:
            return await self._failed(request, Fault.UNKNOWN)
        if grant.progress is Progress.FAILED:
            return await self._failed(request, grant.fault or Fault.UNKNOWN, grant)
        return await self._page(request, grant=grant, why="")

    async def show_refused(self, request: web.Request) -> web.Response:
        """Tell why a call was not believed."""
        asked = request.query.get("vi-sao", "")
        fault = Fault(asked) if asked in set(Fault) else Fault.UNKNOWN
        return await self._failed(request, fault)

    async def _failed(
        self, request: web.Request, fault: Fault, grant: UnderWay | None = None
    ) -> web.Response:
        code = grant.code if grant else ""
        why = self._connecting.words(fault, code, self._pages.language(request))
        return await self._page(request, grant=grant, why=why)

    async def _page(
        self, request: web.Request, *, grant: UnderWay | None, why: str
    ) -> web.Response:
        response = await self._pages.render(
            request,
            "connecting.html",
            progress=(Progress.FAILED if why or grant is None else grant.progress).value,
            account=grant.account if grant else "",
            is_of_machine=grant is not None and grant.is_of_machine,
            why=why,
        )
        response.headers.update(_HEADERS)
        return response

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; a look with HEAD uses nothing up."""
        return [
            web.get(CALLBACK_PATH, self.called_back, allow_head=False),
            web.get(OUTCOME_PATH, self.show_refused),
            web.get(OUTCOME_PATH + "/{grant_id}", self.show),
        ]


def _sent_on(path: str) -> web.Response:
    return web.Response(
        status=web.HTTPSeeOther.status_code, headers={**_HEADERS, "Location": path}
    )
