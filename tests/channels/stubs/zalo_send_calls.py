"""The OA API's calls that put a message on somebody's screen: a person's or a group's."""

from typing import Final

from aiohttp import web

from tests.channels.stubs.sent_log import Sent, SentFile
from tests.channels.stubs.zalo_accounts import ZaloOa
from tests.channels.stubs.zalo_answers import ZaloRefusal, envelope
from tests.channels.stubs.zalo_events import Event, from_oa, in_group
from tests.channels.stubs.zalo_messages import ReadMessage, object_at, read_message, string_at
from tests.channels.stubs.zalo_uploads import ZaloUploads
from tests.channels.stubs.zalo_windows import admit
from tests.channels.stubs.zalo_world import ApiAnswer, Calls, ZaloWorld, json_body

TO_PERSON: Final = "/v3.0/oa/message/cs"
TO_GROUP: Final = "/v3.0/oa/group/message"


class ZaloSendCalls:
    """Consultation messages and group messages. `sends_receipts`: phones tell of arrivals."""

    def __init__(self, world: ZaloWorld, uploads: ZaloUploads) -> None:
        self.sends_receipts = False
        self._world = world
        self._uploads = uploads

    def calls(self) -> Calls:
        """Return the calls by their address."""
        return {TO_PERSON: ("POST", self._to_person), TO_GROUP: ("POST", self._to_group)}

    async def _to_person(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        user_id = string_at(object_at(body, "recipient"), "user_id")
        message = read_message(object_at(body, "message"))
        person = self._world.person(oa, user_id)
        file = self._resolved(message, oa)
        quota = admit(oa, person, now=self._world.clock.now())
        sent = self._record("message/cs", to=user_id, message=message, file=file)
        data: dict[str, object] = {
            "message_id": sent.message_id,
            "user_id": user_id,
            "sent_time": str(self._world.clock.now_ms()),
        }
        if quota is not None:
            data["quota"] = quota
        app, echo = self._world.app, _echo_of(sent, message)
        events = [from_oa(app, oa, person, name=f"oa_send_{message.event}", message=echo)]
        if self.sends_receipts:
            receipt: Event = {"msg_id": sent.message_id}
            events.append(from_oa(app, oa, person, name="user_received_message", message=receipt))
        return ApiAnswer(body=envelope(data), echoes=tuple(events))

    async def _to_group(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        group_id = string_at(object_at(body, "recipient"), "group_id")
        message = read_message(object_at(body, "message"))
        if not self._world.groups.takes_buttons and (message.buttons or message.asks_for_info):
            raise ZaloRefusal(
                -233, "Message type is not supported", rule="text and media alone in a group"
            )
        group = self._world.group(oa, group_id)
        if not group.is_open(self._world.clock.now()):
            raise ZaloRefusal(-237, "Group is disabled because its asset has expired")
        file = self._resolved(message, oa)
        sent = self._record("group/message", to=group_id, message=message, file=file)
        data: dict[str, object] = {
            "message_id": sent.message_id,
            "group_id": group_id,
            "sent_time": str(self._world.clock.now_ms()),
        }
        echo = in_group(
            self._world.app,
            oa,
            group,
            sender=oa.oa_id,
            name=f"oa_send_group_{message.event}",
            message=_echo_of(sent, message),
        )
        return ApiAnswer(body=envelope(data), echoes=(echo,))

    def _resolved(self, message: ReadMessage, oa: ZaloOa) -> SentFile | None:
        return self._uploads.resolved(message.file, oa_id=oa.oa_id) if message.file else None

    def _record(
        self, method: str, *, to: str, message: ReadMessage, file: SentFile | None
    ) -> Sent:
        sent = Sent(
            method=method,
            to=to,
            text=message.text,
            message_id=self._world.ids.handle(),
            at=self._world.clock.now(),
            at_s=self._world.clock.seconds(),
            buttons=message.buttons,
            file=file,
            quotes=message.quotes,
        )
        self._world.sent.add(sent)
        return sent


def _echo_of(sent: Sent, message: ReadMessage) -> Event:
    echo: Event = {"msg_id": sent.message_id}
    if message.text:
        echo["text"] = message.text
    if message.quotes:
        echo["quote_msg_id"] = message.quotes
    return echo
