"""The Bot API methods that send what needs no file: texts, places, and copies of messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from tests.channels.stubs.telegram_chats import StoredMessage
from tests.channels.stubs.telegram_delete_calls import message_ids_of
from tests.channels.stubs.telegram_desk import Content, Method, TelegramDesk
from tests.channels.stubs.telegram_edit_calls import content_of
from tests.channels.stubs.telegram_keyboards import markup_of
from tests.channels.stubs.telegram_members import Body
from tests.channels.stubs.telegram_request import Params, TelegramRefusal
from tests.channels.stubs.telegram_text import TEXT_MAX, shown_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSends:
    """Sends and copies; pictures and documents are in `telegram_file_calls`."""

    desk: TelegramDesk

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {
            "sendMessage": self._message,
            "sendLocation": self._location,
            "copyMessage": self._copy,
            "copyMessages": self._copy_many,
        }

    async def _message(self, params: Params) -> object:
        text = shown_text(params, name="text", most=TEXT_MAX)
        if not text.text:
            raise TelegramRefusal(
                400, "Bad Request: message text is empty", rule="a message has a text"
            )
        return self.desk.deliver("sendMessage", params, Content(shown=text))

    async def _location(self, params: Params) -> object:
        place = {name: _degrees(params, name) for name in ("latitude", "longitude")}
        if abs(place["latitude"]) > 90 or abs(place["longitude"]) > 180:
            raise _refused("invalid location specified", rule="a place on earth")
        return self.desk.deliver("sendLocation", params, Content(media={"location": place}))

    async def _copy(self, params: Params) -> object:
        stored = self._source(params).get(params.integer("message_id") or 0)
        if stored is None:
            raise TelegramRefusal(400, "Bad Request: message to copy not found")
        content = content_of(stored)
        if not content.text and not content.media:
            raise TelegramRefusal(400, "Bad Request: message can't be copied")
        body = self.desk.deliver("copyMessage", params, content)
        return {"message_id": body["message_id"]}

    async def _copy_many(self, params: Params) -> object:
        wanted = message_ids_of(params)
        if any(second <= first for first, second in pairwise(wanted)):
            raise _refused(
                "message identifiers must be in a strictly increasing order",
                rule="ids strictly increasing",
            )
        source = self._source(params)
        chat = self.desk.chats.write_into(params.integer("chat_id"))
        contents = [content_of(source[number]) for number in wanted if number in source]
        shown = [content for content in contents if content.text or content.media]
        if not shown:
            raise TelegramRefusal(400, "Bad Request: there are no messages to copy")
        markup_of(params)
        self.desk.flood.admit("copyMessages", chat_id=chat.id, count=len(shown))
        bodies: list[Body] = [self.desk.show("copyMessages", chat, content) for content in shown]
        return [{"message_id": body["message_id"]} for body in bodies]

    def _source(self, params: Params) -> dict[int, StoredMessage]:
        chat = self.desk.chats.reach(params.integer("from_chat_id"), only_reads=True)
        return chat.messages


def _degrees(params: Params, name: str) -> float:
    try:
        return float(params.text(name) or "")
    except ValueError:
        raise _refused(f"{name} is empty", rule=f"{name} is a number") from None


def _refused(reason: str, *, rule: str) -> TelegramRefusal:
    return TelegramRefusal(400, f"Bad Request: {reason}", rule=rule)
