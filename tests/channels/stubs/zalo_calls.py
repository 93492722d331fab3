"""The OA API: who may call, and what each call does. Leaves webhooks and faults to the stub."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from aiohttp import web

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.sent_log import Sent, SentFile, SentLog
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import BAR_TEXTS, ZaloApp, ZaloIds, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_answers import (
    ZaloNotFound,
    ZaloRefusal,
    envelope,
    failure,
    wrong,
)
from tests.channels.stubs.zalo_events import Event, from_oa, in_group
from tests.channels.stubs.zalo_limits import ZaloLimits
from tests.channels.stubs.zalo_messages import ReadMessage, object_at, read_message, string_at
from tests.channels.stubs.zalo_oauth import ZaloOauth
from tests.channels.stubs.zalo_people import person_details
from tests.channels.stubs.zalo_uploads import ZaloUploads
from tests.channels.stubs.zalo_windows import admit


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """What goes back, and the events that follow from it."""

    body: dict[str, object]
    headers: dict[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


Call = Callable[[web.Request, ZaloOa], Awaitable[ApiAnswer]]


class ZaloApi:
    """All calls under /v2.0 and /v3.0 that the stub knows."""

    def __init__(
        self, *, app: ZaloApp, oauth: ZaloOauth, clock: StubClock, ids: ZaloIds, sent: SentLog
    ) -> None:
        self.sends_receipts = False
        self._app = app
        self._oauth = oauth
        self._clock = clock
        self._ids = ids
        self._sent = sent
        self._uploads = ZaloUploads(clock=clock, ids=ids)
        self._calls: Final[Mapping[str, tuple[str, Call]]] = {
            "/v3.0/oa/message/cs": ("POST", self._message_to_person),
            "/v3.0/oa/group/message": ("POST", self._message_to_group),
            "/v2.0/oa/getoa": ("GET", self._about_oa),
            "/v3.0/oa/user/detail": ("GET", self._about_person),
            "/v2.0/oa/upload/image": ("POST", self._upload),
            "/v2.0/oa/upload/gif": ("POST", self._upload),
            "/v2.0/oa/upload/file": ("POST", self._upload),
        }

    async def answer(
        self, request: web.Request, *, limits: ZaloLimits, book: RuleBook
    ) -> ApiAnswer:
        """Answer one call; ZaloNotFound if there is no such address."""
        verb, call = self._calls.get(request.path, ("", None))
        if call is None or verb != request.method:
            book.note(request.path[:60], "an address and verb that exist", request.method)
            raise ZaloNotFound(request.path)
        headers = limits.headers(None)
        try:
            oa = self._caller(request)
            headers = limits.headers(oa)
            limits.count(oa, method=request.path, now=self._clock.now())
            headers = limits.headers(oa)
            _check_bar(oa)
            done = await call(request, oa)
        except ZaloRefusal as refusal:
            if refusal.rule is not None:
                book.note(request.path, refusal.rule, str(refusal.code))
            return ApiAnswer(body=failure(refusal.code, refusal.text), headers=headers)
        return ApiAnswer(body=done.body, headers=headers, events=done.events)

    def _caller(self, request: web.Request) -> ZaloOa:
        """Return the OA that calls; ZaloRefusal -216, -220 or -242."""
        token = request.headers.get("access_token", "")
        if not token:
            found = "Authorization" if "Authorization" in request.headers else "nothing"
            raise ZaloRefusal(
                -216, "Access token is invalid", rule=f"header access_token, not {found}"
            )
        if "access_token" in request.query:
            raise ZaloRefusal(-216, "Access token is invalid", rule="no token in the address")
        oa_id = self._oauth.owner_of(token)
        if self._app.checks_proof:
            proof = hmac.new(self._app.app_secret.encode(), token.encode(), hashlib.sha256)
            told = request.headers.get("appsecret_proof", "")
            if not hmac.compare_digest(told, proof.hexdigest()):
                raise ZaloRefusal(-242, "Invalid appsecret_proof", rule="header appsecret_proof")
        return self._app.oas[oa_id]

    async def _message_to_person(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await _json_body(request)
        user_id = string_at(object_at(body, "recipient"), "user_id")
        message = read_message(object_at(body, "message"))
        person = self._person(oa, user_id)
        file = self._resolved(message, oa)
        quota = admit(oa, person, now=self._clock.now())
        sent = self._record("message/cs", to=user_id, message=message, file=file)
        data: dict[str, object] = {
            "message_id": sent.message_id,
            "user_id": user_id,
            "sent_time": str(self._clock.now_ms()),
        }
        if quota is not None:
            data["quota"] = quota
        echo = _echo_of(sent, message)
        events = [from_oa(self._app, oa, person, name=f"oa_send_{message.event}", message=echo)]
        if self.sends_receipts:
            receipt: Event = {"msg_id": sent.message_id}
            events.append(
                from_oa(self._app, oa, person, name="user_received_message", message=receipt)
            )
        return ApiAnswer(body=envelope(data), events=tuple(events))

    async def _message_to_group(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await _json_body(request)
        group_id = string_at(object_at(body, "recipient"), "group_id")
        message = read_message(object_at(body, "message"))
        group = oa.groups.get(group_id)
        if group is None:
            raise ZaloRefusal(-403, "OA is not in this group")
        if not group.is_enabled:
            raise ZaloRefusal(-237, "Group is disabled")
        file = self._resolved(message, oa)
        sent = self._record("group/message", to=group_id, message=message, file=file)
        data: dict[str, object] = {
            "message_id": sent.message_id,
            "group_id": group_id,
            "sent_time": str(self._clock.now_ms()),
        }
        name = f"oa_send_group_{message.event}"
        echo = in_group(
            self._app, oa, group, sender=oa.oa_id, name=name, message=_echo_of(sent, message)
        )
        return ApiAnswer(body=envelope(data), events=(echo,))

    def _person(self, oa: ZaloOa, user_id: str) -> ZaloPerson:
        if user_id not in oa.people:
            if not self._app.is_open_house:
                raise ZaloRefusal(-201, "user_id is invalid")
            oa.people[user_id] = ZaloPerson(
                user_id=user_id,
                user_id_by_app=self._ids.number(),
                name="Người Thử",
                last_interaction_at=self._clock.now(),
            )
        return oa.people[user_id]

    def _resolved(self, message: ReadMessage, oa: ZaloOa) -> SentFile | None:
        return self._uploads.resolved(message.file, oa_id=oa.oa_id) if message.file else None

    def _record(
        self, method: str, *, to: str, message: ReadMessage, file: SentFile | None
    ) -> Sent:
        sent = Sent(
            method=method,
            to=to,
            text=message.text,
            message_id=self._ids.handle(),
            at=self._clock.now(),
            at_s=self._clock.seconds(),
            buttons=message.buttons,
            file=file,
            quotes=message.quotes,
        )
        self._sent.add(sent)
        return sent

    async def _about_oa(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        return ApiAnswer(
            body=envelope(
                {
                    "oaid": oa.oa_id,
                    "name": oa.name,
                    "description": "",
                    "oa_alias": "",
                    "is_verified": True,
                    "oa_type": 4,
                    "cate_name": "",
                    "num_follower": sum(person.is_follower for person in oa.people.values()),
                    "avatar": "",
                    "cover": "",
                    "package_name": "Growth",
                    "package_valid_through_date": "31/12/2026",
                    "package_auto_renew_date": "",
                    "linked_ZCA": "",
                }
            )
        )

    async def _about_person(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        try:
            asked: object = json.loads(request.query.get("data", ""))
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            raise wrong("data is invalid", rule="query data holds JSON")
        person = self._person(oa, string_at(asked, "user_id"))
        return ApiAnswer(body=person_details(person, is_outside=self._app.is_outside_vietnam))

    async def _upload(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        kind = request.path.rpartition("/")[2]
        return ApiAnswer(body=await self._uploads.take(request, kind=kind, oa_id=oa.oa_id))


def _check_bar(oa: ZaloOa) -> None:
    if oa.bar is not None:
        raise ZaloRefusal(int(oa.bar), BAR_TEXTS[oa.bar])


async def _json_body(request: web.Request) -> Mapping[str, object]:
    if request.content_type != "application/json":
        raise wrong("body is invalid", rule="the body is JSON")
    try:
        body: object = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise wrong("body is invalid", rule="the body is a JSON object")
    return cast(Mapping[str, object], body)


def _echo_of(sent: Sent, message: ReadMessage) -> Event:
    echo: Event = {"msg_id": sent.message_id}
    if message.text:
        echo["text"] = message.text
    if message.quotes:
        echo["quote_msg_id"] = message.quotes
    return echo
