"""A strict stand-in for Zalo's OAuth and OA hosts, for tests, benchmarks and trials by hand.

Written from what is known of the platform alone; knows nothing of the program it is talked to by.
Both hosts are one: give its address to the adapter as `api_url` and as `oauth_url`. Templates by
phone (ZNS) and the Bot Platform are not played; their events are in the catalogue.

In a test:

    async with ZaloStub(clock=StubClock(frozen=True)) as stub:
        stub.webhook.url = ...                       # or `await stub.webhook.save(url)`
        lan = stub.person()                          # follows; never wrote
        await stub.user_says(lan, "alo")             # ...sends, taps, follows, submits_info,
        [sent] = await stub.wait_for_sent(1)         # withdraws, reacts, sees, calls
        group = stub.group(members=[lan])            # or over the API, with `stub.admin()` in it
        await stub.user_says_in_group(lan, group, "chào tổ")
        await stub.user_joins_by_link(stub.person(), group)
        await stub.visitor_says(stub.visitor(), "alo")
        await stub.admin_says(lan, "tôi đây")        # a human in Zalo's own tool
        await stub.other_tool_says(lan, "...")       # another program of the same OA
        await stub.admin_revokes()                   # tokens die, `permission_revoked` comes
        stub.clock.advance(3 * 86_400)               # windows, tokens, assets, months, uploads
        assert stub.broken_rules == []

What may go wrong, each where it belongs:

* single answers: `stub.fail_next(FaultKind.REFUSED, method=path, to=id, code=-32)`; without `text`
  the wording of `zalo_errors.ERRORS`. With `accepted=True` (HTML_504, EMPTY, RUBBISH, ...) or as
  CLOSE_AFTER it is carried out, echoed, and only the answer lost: sends and token refreshes alike;
* people and accounts: `person.bar`, `person.bar_until`, `oa.bar`, `oa.barred[path]`, `oa.billing`,
  `oa.sub_quota`, `oa.limit_per_minute`, `app.checks_proof`, `app.is_outside_vietnam`;
* the line: `stub.webhook.manners` (signature, copies, repeats, delays, filters), its `hold`,
  `release` and `release_at_once`, `stub.reset_webhook_secret()`, `stub.echo`;
* what the pages leave open: `stub.oauth.manners`, `stub.world.sending`, `stub.world.groups`;
* how close to the limits it came: `stub.limits.busiest_minute()`;
* media people sent, served by the stub: `stub.media.manners`, `stub.media.put(..., trouble=...)`.

`zalo_catalogue.CATALOGUE` holds every event as a ready body, to walk at collection time;
`stub.catalogue()` the same about the stub's own people, for `stub.send_ready(event)`.

`python -m tests.channels.stubs.zalo_stub --port 9002` runs it by itself; `/_stub/` lists its
doors, such as `say`, `group_say`, `event`, `manners` (`{"of": "media", "trouble": "slow"}`).
"""

import argparse
import asyncio
from enum import StrEnum
from typing import Self, Unpack

from aiohttp import web

from tests.channels.stubs.call_log import CallLog
from tests.channels.stubs.control_door import (
    PREFIX,
    ControlDoor,
    FaultDetails,
    serve_until_told_to_stop,
)
from tests.channels.stubs.fault_script import Attempt, Fault, FaultKind, FaultScript
from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.sent_log import Sent
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_answers import ZaloNotFound, failure, page
from tests.channels.stubs.zalo_calls import ZaloApi
from tests.channels.stubs.zalo_console_orders import ZaloConsoleOrders
from tests.channels.stubs.zalo_errors import LIMIT_REACHED, OAUTH_ERRORS, wording
from tests.channels.stubs.zalo_grants import ERROR_PATH, error_page
from tests.channels.stubs.zalo_group_orders import ZaloGroupOrders
from tests.channels.stubs.zalo_limits import ZaloLimits
from tests.channels.stubs.zalo_media import PREFIX as MEDIA_PREFIX
from tests.channels.stubs.zalo_oauth import TokenPair
from tests.channels.stubs.zalo_office import ZaloOffice
from tests.channels.stubs.zalo_orders import ZaloOrders
from tests.channels.stubs.zalo_world import ApiAnswer

TOKEN_PATH = "/v4/oa/access_token"
PERMISSION_PATH = "/v4/oa/permission"
# Troubles after which the caller holds the answer all the same.
ANSWERED = frozenset({FaultKind.SLOW, FaultKind.TRICKLE})


class EchoTiming(StrEnum):
    """When the echo of our own send reaches the webhook."""

    BEFORE_ANSWER = "before_answer"
    AFTER_ANSWER = "after_answer"
    NEVER = "never"


class ZaloStub(ZaloOffice):
    """One app with one OA (more by `add_oa`). Use as `async with ZaloStub() as stub`."""

    def __init__(
        self, *, port: int = 0, clock: StubClock | None = None, open_house: bool = False
    ) -> None:
        super().__init__(clock=clock or StubClock(), open_house=open_house)
        self.calls = CallLog()
        self.echo = EchoTiming.AFTER_ANSWER
        self.faults = FaultScript(clock=self.clock)
        self.api = ZaloApi(self.world, oauth=self.oauth)
        self.limits = ZaloLimits(app=self.app, book=self.broken_rules)
        self._door = ControlDoor(
            self,
            {
                **ZaloOrders(stub=self).doors(),
                **ZaloGroupOrders(stub=self).doors(),
                **ZaloConsoleOrders(stub=self).doors(),
            },
        )
        self._server = LoopbackServer(self._handle, port=port)
        self._group = asyncio.TaskGroup()

    @property
    def url(self) -> str:
        """Return the bare base of both hosts."""
        return self._server.url

    @property
    def tokens(self) -> TokenPair:
        """Return the living token pair of the first OA."""
        return self.oauth.current(self.oa.oa_id)

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self.webhook.open(self._group)
        await self._server.start()
        self.base_url = self.url
        return self

    async def __aexit__(self, *error: object) -> None:
        self.faults.release()
        await self._server.stop()
        await self.webhook.close()
        await self._group.__aexit__(None, None, None)

    async def go_down(self) -> None:
        """Vanish: connections are refused until `come_back`."""
        self.faults.release()
        await self._server.stop()

    async def come_back(self) -> None:
        """Listen again on the same port."""
        await self._server.start()

    # What a test asks for.

    def fail_next(self, kind: FaultKind, **details: Unpack[FaultDetails]) -> None:
        """Script one trouble; methods are paths, `code` of REFUSED is Zalo's error."""
        self.faults.add(Fault(kind=kind, **details))

    def set_echo(self, timing: str) -> None:
        """Choose by its word when our own sends are echoed."""
        self.echo = EchoTiming(timing)

    async def wait_for_sent(
        self, count: int, timeout_s: float = 5.0, *, to: str | None = None
    ) -> list[Sent]:
        """Return the sends (to one person or group) as soon as there are `count`."""
        return await self.sent.wait_for(count, timeout_s=timeout_s, to=to)

    # How calls are answered.

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            return await self._door.answer(request)
        if request.path.startswith(MEDIA_PREFIX):
            return await self.media.serve(request)
        self.calls.note(request.path)
        fault = self.faults.take(request.path, await self.faults.raw_of(request))
        if fault is None:
            return await self._answer(request)
        attempt = Attempt(
            request=request,
            answer=lambda: self._answer_unseen(request, fault),
            refuse=lambda asked: self._scripted_refusal(request, asked),
        )
        return await self.faults.play(fault, attempt)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if (request.method, request.path) == ("POST", TOKEN_PATH):
            return await self.oauth.token(request)
        if (request.method, request.path) == ("GET", PERMISSION_PATH):
            return self.oauth.grants.page(request.query)
        if (request.method, request.path) == ("GET", ERROR_PATH):
            return error_page(request.query)
        try:
            done = await self.api.answer(request, limits=self.limits)
        except ZaloNotFound:
            return web.Response(status=404, text="Not Found")
        return await self._tell(request, done)

    def _scripted_refusal(self, request: web.Request, fault: Fault) -> web.Response:
        if request.path == TOKEN_PATH:
            code = fault.code or -14024
            return self.oauth.refused(code, fault.text or OAUTH_ERRORS.get(code, "Invalid"))
        code = fault.code or -200
        headers = self.limits.headers(self.oa)
        if code == LIMIT_REACHED and headers:
            headers["X-RateLimit-Remain"] = "0"
        return page(failure(code, fault.text or wording(code)), headers)

    async def _answer_unseen(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """Carry a request out although its answer will be spoiled."""
        if request.path == TOKEN_PATH and fault.kind not in ANSWERED:
            form = await request.post()
            self.oauth.forgive(str(form.get("refresh_token", "")))
        return await self._answer(request)

    async def _tell(self, request: web.Request, done: ApiAnswer) -> web.StreamResponse:
        """Answer a call and send what follows from it at the chosen moment."""
        response = page(done.body, done.headers)
        events = done.news if self.echo is EchoTiming.NEVER else done.echoes + done.news
        if not events or not self.webhook.url:
            return response
        if self.echo is EchoTiming.BEFORE_ANSWER:
            for event in events:
                await self.webhook.send(event)
            return response
        # The task begins when this one next waits, which is after the answer is written.
        self.webhook.send_behind(events)
        return response


async def _serve(arguments: argparse.Namespace) -> None:
    stub = ZaloStub(port=arguments.port, open_house=arguments.open_house)
    stub.webhook.url = arguments.webhook
    if arguments.no_limits:
        stub.app.limit_per_minute = None
    async with stub:
        await serve_until_told_to_stop(stub.url)


def main() -> None:
    """Run the stub until it is told to stop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--webhook", default="", help="where events go; can be set later")
    parser.add_argument("--no-limits", action="store_true", help="no -32 for speed")
    parser.add_argument("--open-house", action="store_true", help="every user id is known")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
