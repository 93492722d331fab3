"""A strict stand-in for Zalo's OAuth and OA hosts, for tests, benchmarks and trials by hand.

Written from what is known of the platform alone; knows nothing of the program it is talked to by.
Both hosts are one: give its address to the adapter as `api_url` and as `oauth_url`.
`python -m tests.channels.stubs.zalo_stub --port 9002` runs it by itself.
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
from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.sent_log import Sent, SentButton, SentLog
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import ZaloApp, ZaloGroup, ZaloIds, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_answers import ZaloNotFound, failure, page
from tests.channels.stubs.zalo_calls import ApiAnswer, ZaloApi
from tests.channels.stubs.zalo_events import Event, attachment, follow, from_user, in_group
from tests.channels.stubs.zalo_limits import ZaloLimits
from tests.channels.stubs.zalo_messages import QUERY_KINDS
from tests.channels.stubs.zalo_oauth import TokenPair, ZaloOauth
from tests.channels.stubs.zalo_orders import ZaloOrders
from tests.channels.stubs.zalo_webhook import SentEvent, ZaloWebhook

TOKEN_PATH = "/v4/oa/access_token"
PERMISSION_PATH = "/v4/oa/permission"


class EchoTiming(StrEnum):
    """When the echo of our own send reaches the webhook."""

    BEFORE_ANSWER = "before_answer"
    AFTER_ANSWER = "after_answer"
    NEVER = "never"


class ZaloStub:
    """One app with one OA (more by `add_oa`). Use as `async with ZaloStub() as stub`."""

    def __init__(
        self, *, port: int = 0, clock: StubClock | None = None, open_house: bool = False
    ) -> None:
        self.clock = clock or StubClock()
        self.broken_rules = RuleBook()
        self.sent = SentLog()
        self.calls = CallLog()
        self.echo = EchoTiming.AFTER_ANSWER
        self.faults = FaultScript(clock=self.clock)
        self._ids = ZaloIds()
        self.app = ZaloApp(
            app_id=self._ids.number(),
            app_secret="stub-app-secret",
            webhook_secret="stub-oa-secret-key",
            is_open_house=open_house,
        )
        self.oauth = ZaloOauth(app=self.app, clock=self.clock, book=self.broken_rules)
        self.oa = self.add_oa("OA Thử Nghiệm")
        self.api = ZaloApi(
            app=self.app, oauth=self.oauth, clock=self.clock, ids=self._ids, sent=self.sent
        )
        self.limits = ZaloLimits(app=self.app, book=self.broken_rules)
        self.webhook = ZaloWebhook(app=self.app, clock=self.clock, book=self.broken_rules)
        self._door = ControlDoor(self, ZaloOrders(stub=self).doors())
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

    # Accounts.

    def add_oa(self, name: str) -> ZaloOa:
        """Return one more OA of the app, with a token pair of its own."""
        oa = ZaloOa(oa_id=self._ids.number(), name=name)
        self.app.oas[oa.oa_id] = oa
        self.oauth.issue(oa.oa_id)
        return oa

    def person(self, user_id: str = "", *, oa: ZaloOa | None = None) -> ZaloPerson:
        """Return the person with that id, or a new one; new ones follow but never interacted."""
        people = (oa or self.oa).people
        if user_id not in people:
            person = ZaloPerson(
                user_id=user_id or self._ids.number(),
                user_id_by_app=self._ids.number(),
                name="Người Thử",
            )
            people[person.user_id] = person
            return person
        return people[user_id]

    def group(self, name: str = "Nhóm Thử", *, oa: ZaloOa | None = None) -> ZaloGroup:
        """Return a new GMF group of the OA."""
        group = ZaloGroup(group_id=self._ids.group(), name=name)
        (oa or self.oa).groups[group.group_id] = group
        return group

    # What people on the platform do; each returns after the first try to tell the webhook.

    async def user_says(self, user: ZaloPerson | str, text: str) -> SentEvent:
        """Let a person write a text."""
        person = self.person(user) if isinstance(user, str) else user
        return await self._user_event(person, "user_send_text", {"text": text})

    async def user_sends(
        self, person: ZaloPerson, kind: str, *, url: str, title: str = "tệp.pdf"
    ) -> SentEvent:
        """Let a person send an image, gif, link, audio, video, sticker, location, file or card."""
        message: Event = {"attachments": [attachment(kind, url=url, title=title)]}
        return await self._user_event(person, f"user_send_{kind}", message)

    async def user_taps(self, message: Sent, button: SentButton | str | int) -> SentEvent | None:
        """Let a person tap a button: `oa.query.*` comes back as a text, others only count."""
        pressed = message.button(button)
        person = self._oa_of(message.to).people[message.to]
        if pressed.kind in QUERY_KINDS:
            return await self.user_says(person, pressed.payload)
        person.last_interaction_at = self.clock.now()
        return None

    async def user_follows(self, person: ZaloPerson) -> SentEvent:
        """Let a person follow the OA."""
        person.is_follower = True
        person.last_interaction_at = self.clock.now()
        oa = self._oa_of(person.user_id)
        return await self.webhook.send(follow(self.app, oa, person, is_over=False))

    async def user_unfollows(self, person: ZaloPerson) -> SentEvent:
        """Let a person stop following."""
        person.is_follower = False
        oa = self._oa_of(person.user_id)
        return await self.webhook.send(follow(self.app, oa, person, is_over=True))

    async def user_says_in_group(
        self, person: ZaloPerson, group: ZaloGroup, text: str
    ) -> SentEvent:
        """Let a person write in a group of the OA; that counts as interaction, too."""
        person.last_interaction_at = self.clock.now()
        oa = self._oa_of(person.user_id)
        message: Event = {"text": text, "msg_id": self._ids.handle()}
        return await self.webhook.send(
            in_group(
                self.app,
                oa,
                group,
                sender=person.user_id,
                name="user_send_group_text",
                message=message,
            )
        )

    async def _user_event(self, person: ZaloPerson, name: str, message: Event) -> SentEvent:
        person.last_interaction_at = self.clock.now()
        oa = self._oa_of(person.user_id)
        full = message | {"msg_id": self._ids.handle()}
        return await self.webhook.send(from_user(self.app, oa, person, name=name, message=full))

    async def unknown_event(self) -> SentEvent:
        """Send an event no document names, with fields nobody knows."""
        event: Event = {"app_id": self.app.app_id, "event_name": "oa_new_thing", "x": {"y": [1]}}
        return await self.webhook.send(event | {"oa_id": self.oa.oa_id})

    def _oa_of(self, user_id: str) -> ZaloOa:
        return next(oa for oa in self.app.oas.values() if user_id in oa.people)

    # What a test asks for.

    def fail_next(self, kind: FaultKind, **details: Unpack[FaultDetails]) -> None:
        """Script one trouble; methods are paths, `code` of REFUSED is Zalo's error."""
        self.faults.add(Fault(kind=kind, **details))

    async def wait_for_sent(
        self, count: int, timeout_s: float = 5.0, *, to: str | None = None
    ) -> list[Sent]:
        """Return the sends (to one person or group) as soon as there are `count`."""
        return await self.sent.wait_for(count, timeout_s=timeout_s, to=to)

    # How calls are answered.

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            return await self._door.answer(request)
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
            return self.oauth.grant(dict(request.query))
        try:
            done = await self.api.answer(request, limits=self.limits, book=self.broken_rules)
        except ZaloNotFound:
            return web.Response(status=404, text="Not Found")
        return await self._tell(request, done)

    def _scripted_refusal(self, request: web.Request, fault: Fault) -> web.Response:
        text = fault.text or "Scripted failure"
        if request.path == TOKEN_PATH:
            return self.oauth.refused(fault.code or -14024, text)
        return page(failure(fault.code or -200, text))

    async def _answer_unseen(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """Carry a request out although its answer will be spoiled."""
        if request.path == TOKEN_PATH and fault.kind is not FaultKind.SLOW:
            form = await request.post()
            self.oauth.forgive(str(form.get("refresh_token", "")))
        return await self._answer(request)

    async def _tell(self, request: web.Request, done: ApiAnswer) -> web.StreamResponse:
        """Answer a call and send its echo at the chosen moment."""
        response = page(done.body, done.headers)
        if not done.events or self.echo is EchoTiming.NEVER or not self.webhook.url:
            return response
        if self.echo is EchoTiming.BEFORE_ANSWER:
            for event in done.events:
                await self.webhook.send(event)
            return response
        # The task begins when this one next waits, which is after the answer is written.
        self.webhook.send_behind(done.events)
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
