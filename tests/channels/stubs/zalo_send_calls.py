"""The OA API's calls that put a message on somebody's screen: a person's or a group's."""

from typing import Final

from aiohttp import web

from tests.channels.stubs.sent_log import Sent, SentFile
from tests.channels.stubs.zalo_account_events import received, seen
from tests.channels.stubs.zalo_accounts import ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_answers import ZaloRefusal, envelope, wrong
from tests.channels.stubs.zalo_events import Event, attachment, from_oa, in_group
from tests.channels.stubs.zalo_groups import ZaloGroup
from tests.channels.stubs.zalo_history import BY_OA, spoken
from tests.channels.stubs.zalo_messages import ReadMessage, object_at, read_message, string_at
from tests.channels.stubs.zalo_uploads import ZaloUploads
from tests.channels.stubs.zalo_windows import admit
from tests.channels.stubs.zalo_world import ApiAnswer, Calls, Place, ZaloWorld, json_body

TO_PERSON: Final = "/v3.0/oa/message/cs"
TO_GROUP: Final = "/v3.0/oa/group/message"


class ZaloSendCalls:
    """Consultation messages and group messages."""

    def __init__(self, world: ZaloWorld, uploads: ZaloUploads) -> None:
        self._world = world
        self._uploads = uploads

    def calls(self) -> Calls:
        """Return the calls by their address."""
        return {TO_PERSON: ("POST", self._to_person), TO_GROUP: ("POST", self._to_group)}

    async def _to_person(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        user_id = string_at(object_at(body, "recipient"), "user_id")
        message = self.read(object_at(body, "message"), place=Place.PERSON)
        person = self._world.person(oa, user_id)
        file = self.resolved(message, oa)
        quota = admit(oa, person, now=self._world.clock.now())
        sent = self.record("message/cs", oa, to=user_id, message=message, file=file)
        data: dict[str, object] = {
            "message_id": sent.message_id,
            "user_id": user_id,
            "sent_time": str(self._world.clock.now_ms()),
        }
        if quota is not None:
            data["quota"] = quota
        return ApiAnswer(body=envelope(data), echoes=self._echoes(oa, person, message, sent))

    def _echoes(
        self, oa: ZaloOa, person: ZaloPerson, message: ReadMessage, sent: Sent
    ) -> tuple[Event, ...]:
        """Return the echo of a send to a person, and what the phone tells of it where it does."""
        app, manners, echo = self._world.app, self._world.sending, self.echo_of(sent, message)
        events = [from_oa(app, oa, person, name=f"oa_send_{message.event}", message=echo)]
        if manners.sends_receipts:
            events.append(received(app, oa, person, message_id=sent.message_id))
        if manners.sends_seen_marks:
            events.append(seen(app, oa, person, message_ids=[sent.message_id]))
        return tuple(events)

    async def _to_group(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        body = await json_body(request)
        group_id = string_at(object_at(body, "recipient"), "group_id")
        message = self.read(object_at(body, "message"), place=Place.GROUP)
        group = self._world.group(oa, group_id)
        if not group.is_open(self._world.clock.now()):
            raise ZaloRefusal(-237, "Group is disabled because its asset has expired")
        file = self.resolved(message, oa)
        sent = self.record("group/message", oa, to=group_id, message=message, file=file)
        data: dict[str, object] = {"message_id": sent.message_id, "group_id": group_id}
        if self._world.groups.shows_sent_time:
            data["sent_time"] = str(self._world.clock.now_ms())
        echo = self._group_echo(oa, group, message, sent)
        return ApiAnswer(body=envelope(data), echoes=(echo,))

    def _group_echo(self, oa: ZaloOa, group: ZaloGroup, message: ReadMessage, sent: Sent) -> Event:
        return in_group(
            self._world.app,
            oa,
            group,
            sender=oa.oa_id,
            name=f"oa_send_group_{message.event}",
            message=self.echo_of(sent, message),
        )

    # What other calls that send do the same way.

    def read(self, written: object, *, place: Place) -> ReadMessage:
        """Return what is to be sent; ZaloRefusal -201, -210, -233 if it cannot be sent there."""
        message = read_message(object_at({"message": written}, "message"))
        manners = self._world.sending
        is_plain = not message.buttons and not message.asks_for_info
        if place is Place.GROUP and self._world.groups.takes_buttons:
            is_plain = True
        if place is not Place.PERSON and not is_plain:
            raise ZaloRefusal(
                -233, "Message type is not supported", rule=f"text and media alone to a {place}"
            )
        if message.buttons and manners.buttons_refused_with is not None:
            raise ZaloRefusal(manners.buttons_refused_with, "attachment is not supported")
        if message.quotes and place in manners.quotes_refused_in:
            raise ZaloRefusal(-201, "quote_message_id is invalid")
        if place is Place.VISITOR and message.quotes:
            raise wrong("quote_message_id is invalid", rule="no quoting to a visitor")
        return message

    def resolved(self, message: ReadMessage, oa: ZaloOa) -> SentFile | None:
        """Return the file of a message with what is known of its upload; -100 if it is gone."""
        return self._uploads.resolved(message.file, oa_id=oa.oa_id) if message.file else None

    def record(
        self, method: str, oa: ZaloOa, *, to: str, message: ReadMessage, file: SentFile | None
    ) -> Sent:
        """Put a message on somebody's screen."""
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
            markup="request_user_info" if message.asks_for_info else "",
        )
        self._world.sent.add(sent)
        said = spoken(
            {"text": sent.text, "msg_id": sent.message_id},
            src=BY_OA,
            kind=message.event,
            at_ms=self._world.clock.now_ms(),
            from_id=oa.oa_id,
            to_id=to,
        )
        self._world.history.note(oa.oa_id, to, said, is_group=to in oa.groups)
        return sent

    def echo_of(self, sent: Sent, message: ReadMessage) -> Event:
        """Return `message` of the echo of a send."""
        other = self._world.sending.echo_has_another_id
        echo: Event = {"msg_id": self._world.ids.handle() if other else sent.message_id}
        if message.text:
            echo["text"] = message.text
        if message.quotes:
            echo["quote_msg_id"] = message.quotes
        if sent.file is not None:
            shown = f"https://f1.zdn.vn/{sent.message_id}"
            title = sent.file.name or "a"
            echo["attachments"] = [attachment(sent.file.kind, url=shown, title=title)]
        return echo
