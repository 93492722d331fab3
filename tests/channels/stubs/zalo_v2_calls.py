"""`POST /v2.0/oa/message`: answers to visitors, reactions, broadcasts; its old form is closed."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from tests.channels.stubs.sent_log import SentFile
from tests.channels.stubs.zalo_account_events import oa_reacted, to_visitor
from tests.channels.stubs.zalo_accounts import ZaloOa
from tests.channels.stubs.zalo_answers import ZaloRefusal, envelope, too_much, wrong
from tests.channels.stubs.zalo_broadcast_calls import ZaloBroadcastCalls
from tests.channels.stubs.zalo_messages import object_at, string_at
from tests.channels.stubs.zalo_send_calls import ZaloSendCalls
from tests.channels.stubs.zalo_world import ApiAnswer, Calls, Place, ZaloWorld, json_body

ADDRESS: Final = "/v2.0/oa/message"
REACTIONS_MAX: Final = 50
ICONS: Final = frozenset({":>", "--b", ":-((", "/-strong", "/-heart", ":-h", ":o", "/-remove"})


class ZaloV2Calls:
    """What is left of the second version of messages."""

    def __init__(
        self, world: ZaloWorld, *, sends: ZaloSendCalls, broadcasts: ZaloBroadcastCalls
    ) -> None:
        self._broadcasts = broadcasts
        self._world = world
        self._sends = sends
        self._reactions: dict[str, int] = {}

    def calls(self) -> Calls:
        """Return the call by its address."""
        return {ADDRESS: ("POST", self._message)}

    async def _message(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        recipient = object_at(body, "recipient")
        if "anonymous_id" in recipient:
            return self._to_visitor(body, recipient, oa)
        if "sender_action" in body:
            return self._reaction(body, recipient, oa)
        if "target" in recipient:
            return self._broadcasts.broadcast(body, oa)
        raise ZaloRefusal(-240, "This message API is closed", rule="consultation messages by v3.0")

    def _to_visitor(
        self, body: Mapping[str, object], recipient: Mapping[str, object], oa: ZaloOa
    ) -> ApiAnswer:
        anonymous_id = string_at(recipient, "anonymous_id")
        conversation_id = string_at(recipient, "conversation_id")
        message = self._sends.read(body.get("message"), place=Place.VISITOR)
        visitor = oa.visitors.get(anonymous_id)
        if visitor is None or visitor.conversation_id != conversation_id:
            raise ZaloRefusal(-201, "anonymous_id or conversation_id is invalid")
        file: SentFile | None = self._sends.resolved(message, oa)
        sent = self._sends.record(
            "message/anonymous", oa, to=anonymous_id, message=message, file=file
        )
        echo = to_visitor(
            self._world.app,
            oa,
            visitor,
            kind=message.event,
            message=self._sends.echo_of(sent, message),
        )
        data = {"message_id": sent.message_id, "conversation_id": conversation_id}
        return ApiAnswer(body=envelope(data), echoes=(echo,))

    def _reaction(
        self, body: Mapping[str, object], recipient: Mapping[str, object], oa: ZaloOa
    ) -> ApiAnswer:
        action = object_at(body, "sender_action")
        icon = string_at(action, "react_icon")
        message_id = string_at(action, "react_message_id")
        if icon not in ICONS:
            raise wrong("react_icon is invalid", rule="an icon that exists")
        person = self._world.person(oa, string_at(recipient, "user_id"))
        if not self._world.history.has(oa.oa_id, person.user_id, message_id):
            raise ZaloRefusal(-201, "react_message_id is invalid")
        count = 0 if icon == "/-remove" else self._reactions.get(message_id, 0) + 1
        if count > REACTIONS_MAX:
            raise too_much("too many reactions", rule=f"at most {REACTIONS_MAX} reactions")
        self._reactions[message_id] = count
        echo = oa_reacted(self._world.app, oa, person, message_id=message_id, icon=icon)
        data = {"message_id": message_id, "user_id": person.user_id}
        return ApiAnswer(body=envelope(data), echoes=(echo,))
