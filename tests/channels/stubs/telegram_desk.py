"""Puts messages on screens, changes and removes them; the one place that writes the logs.

Every method that shows something to people goes through here, so that pace, rights and the
recorded `Sent` are the same for a text, a picture, an album and a copy.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final

from tests.channels.stubs.sent_log import Sent, SentFile, SentLog
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_chats import StoredMessage, TelegramChat, TelegramChats
from tests.channels.stubs.telegram_flood import FloodGate
from tests.channels.stubs.telegram_keyboards import NO_MARKUP, Markup, markup_of
from tests.channels.stubs.telegram_members import Body
from tests.channels.stubs.telegram_request import Params, TelegramRefusal
from tests.channels.stubs.telegram_text import ShownText
from tests.channels.stubs.telegram_updates import CALLBACK_LIFE_S

NOTHING_WRITTEN: Final = ShownText(text="")
Method = Callable[[Params], Awaitable[object]]

CALLBACK_TEXT_MAX: Final = 200
NOT_MODIFIED: Final = (
    "Bad Request: message is not modified: specified new message content and reply markup"
    " are exactly the same as a current content and reply markup of the message"
)
QUERY_TOO_OLD: Final = (
    "Bad Request: query is too old and response timeout expired or query ID is invalid"
)


@dataclass(slots=True, kw_only=True)
class Callback:
    """A tap that waits for its answer, and what the answer showed on top of the chat."""

    born_s: float
    is_answered: bool = False
    text: str = ""
    is_alert: bool = False


def called(kind: str) -> str:
    """Return the word of the server's refusals for a kind of file, or for a text."""
    words = {"photo": "photos", "document": "documents", "voice": "voice notes"}
    return words.get(kind, "text messages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message shows: its text or caption, and its media as Bot API fields."""

    shown: ShownText = NOTHING_WRITTEN
    media: Body = field(default_factory=dict)
    file: SentFile | None = None

    @property
    def text(self) -> str:
        """Return the text or caption."""
        return self.shown.text

    @property
    def what(self) -> str:
        """Return what a group that forbids it would call it."""
        return called(self.file.kind if self.file is not None else "")

    @property
    def fields(self) -> Body:
        """Return the fields of a Message object that hold the content."""
        name, marks = ("caption", "caption_entities") if self.media else ("text", "entities")
        fields = dict(self.media)
        if self.text or not self.media:
            fields[name] = self.text
        if self.shown.entities:
            fields[marks] = list(self.shown.entities)
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramDesk:
    """Chats, pace and logs of one bot."""

    bot: Body
    chats: TelegramChats
    flood: FloodGate
    clock: StubClock
    sent: SentLog
    edited: SentLog
    deleted: list[tuple[str, str]]

    def deliver(self, method: str, params: Params, content: Content) -> Body:
        """Show one message in the chat a call names and return its Message object."""
        chat = self.chats.write_into(params.integer("chat_id"), what=content.what)
        if params.flag("allow_paid_broadcast"):
            raise TelegramRefusal(400, "Bad Request: BALANCE_TOO_LOW", rule="nothing is paid for")
        markup = markup_of(params, is_private=chat.is_private)
        quotes = self.quoted(params, chat=chat)
        self.flood.admit(method, chat_id=chat.id)
        return self.show(method, chat, content, markup=markup, quotes=quotes)

    def show(
        self,
        method: str,
        chat: TelegramChat,
        content: Content,
        *,
        markup: Markup = NO_MARKUP,
        quotes: str = "",
        album: str = "",
    ) -> Body:
        """Put a message that was let through into `chat` and into the log."""
        sent = Sent(
            method=method,
            to=str(chat.id),
            text=content.text,
            message_id=str(chat.next_message_id()),
            at=self.clock.now(),
            at_s=self.clock.seconds(),
            buttons=markup.buttons,
            file=content.file,
            quotes=quotes,
            album=album,
            markup=markup.kind,
        )
        body: Body = {
            "message_id": int(sent.message_id),
            "chat": chat.as_object(),
            "date": int(sent.at.timestamp()),
            **content.fields,
        }
        body |= {"sender_chat": chat.as_object()} if chat.kind == "channel" else {"from": self.bot}
        if album:
            body["media_group_id"] = album
        if markup.body is not None:
            body["reply_markup"] = markup.body
        if quotes:
            body["reply_to_message"] = chat.messages[int(quotes)].body
        chat.messages[int(sent.message_id)] = StoredMessage(
            body=body, born_s=sent.at_s, is_from_bot=True, sent=sent
        )
        chat.last_bot_is_ours = True
        self.sent.add(sent)
        return body

    def quoted(self, params: Params, *, chat: TelegramChat) -> str:
        """Return the id of the message a call answers to, or nothing."""
        written = params.structure("reply_parameters")
        wanted = written if isinstance(written, dict) else {}
        message_id = Params(values=wanted).integer("message_id")
        if message_id is None:
            message_id = params.integer("reply_to_message_id")
        if message_id is None:
            return ""
        if message_id in chat.messages:
            return str(message_id)
        if Params(values={**params.values, **wanted}).flag("allow_sending_without_reply"):
            return ""
        raise TelegramRefusal(400, "Bad Request: message to be replied not found")

    def change(
        self, method: str, stored: StoredMessage, after: Content, *, markup: Markup
    ) -> Body:
        """Replace what one of the bot's messages shows; refuse if that changes nothing."""
        before = stored.sent
        assert before is not None
        entities = stored.body.get("entities", stored.body.get("caption_entities", []))
        was = (before.text, entities, before.buttons)
        if was == (after.text, list(after.shown.entities), markup.buttons):
            raise TelegramRefusal(400, NOT_MODIFIED)
        stored.sent = replace(
            before,
            method=method,
            text=after.text,
            file=after.file,
            at=self.clock.now(),
            at_s=self.clock.seconds(),
            buttons=markup.buttons,
            markup=markup.kind,
        )
        kept = ("message_id", "from", "sender_chat", "chat", "date", "media_group_id")
        body = {name: stored.body[name] for name in kept if name in stored.body}
        body |= {**after.fields, "edit_date": int(self.clock.now().timestamp())}
        if markup.body is not None:
            body["reply_markup"] = markup.body
        stored.body = body
        self.edited.add(stored.sent)
        return body

    def remove(self, chat: TelegramChat, message_id: int) -> None:
        """Take a message off everybody's screen."""
        del chat.messages[message_id]
        self.deleted.append((str(chat.id), str(message_id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramTaps:
    """Answers to taps and the typing sign: what people see for a moment only."""

    desk: TelegramDesk
    callbacks: dict[str, Callback]
    actions: list[tuple[str, str]]

    def methods(self) -> dict[str, Method]:
        """Return the methods by their Bot API names."""
        return {"answerCallbackQuery": self._answer, "sendChatAction": self._chat_action}

    async def _answer(self, params: Params) -> object:
        callback = self.callbacks.get(params.text("callback_query_id") or "")
        now_s = self.desk.clock.seconds()
        if callback is None or now_s - callback.born_s > CALLBACK_LIFE_S:
            raise TelegramRefusal(400, QUERY_TOO_OLD, rule="a tap is answered within 150 s")
        if callback.is_answered:
            raise TelegramRefusal(400, QUERY_TOO_OLD)
        text = params.text("text") or ""
        if len(text) > CALLBACK_TEXT_MAX:
            raise TelegramRefusal(400, "Bad Request: MESSAGE_TOO_LONG", rule="a short answer")
        callback.text, callback.is_alert = text, params.flag("show_alert")
        callback.is_answered = True
        return True

    async def _chat_action(self, params: Params) -> object:
        action = params.text("action") or ""
        if action not in _ACTIONS:
            raise TelegramRefusal(
                400, "Bad Request: wrong parameter action in request", rule="a known action"
            )
        chat = self.desk.chats.write_into(params.integer("chat_id"))
        self.desk.flood.admit("sendChatAction", chat_id=chat.id, is_typing=True)
        self.actions.append((str(chat.id), action))
        return True


_ACTIONS: Final = frozenset(
    [
        *("typing", "upload_photo", "record_video", "upload_video", "record_voice"),
        *("upload_voice", "upload_document", "choose_sticker", "find_location"),
        *("record_video_note", "upload_video_note"),
    ]
)
