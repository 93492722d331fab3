"""The Bot API methods that write into chats. Leaves set-up methods and transport to others."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.channels.stubs.sent_log import Sent, SentFile, SentLog
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_chats import StoredMessage, TelegramChat, TelegramChats
from tests.channels.stubs.telegram_flood import FloodGate
from tests.channels.stubs.telegram_request import Params, TelegramRefusal
from tests.channels.stubs.telegram_text import CAPTION_MAX, TEXT_MAX, keyboard_of, shown_text
from tests.channels.stubs.telegram_updates import CALLBACK_LIFE_S

Method = Callable[[Params], Awaitable[object]]

DELETE_MAX_AGE_S: Final = 48 * 3600.0
CALLBACK_TEXT_MAX: Final = 200
FILE_MAX_BYTES: Final = {"photo": 10 * 1024 * 1024, "document": 50 * 1024 * 1024}
NOT_MODIFIED: Final = (
    "Bad Request: message is not modified: specified new message content and reply markup"
    " are exactly the same as a current content and reply markup of the message"
)


@dataclass(slots=True, kw_only=True)
class Callback:
    """A tap that waits for its answer."""

    born_s: float
    is_answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramMessages:
    """Sends, edits, deletes; writes what people would see into `sent` and `edited`."""

    bot: dict[str, object]
    chats: TelegramChats
    flood: FloodGate
    clock: StubClock
    sent: SentLog
    edited: SentLog
    callbacks: dict[str, Callback]
    actions: list[tuple[str, str]]

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "editMessageText": self._edit_text,
            "deleteMessage": self._delete,
            "answerCallbackQuery": self._answer_callback,
            "sendChatAction": self._chat_action,
        }

    async def _send_message(self, params: Params) -> object:
        text = shown_text(params, name="text", most=TEXT_MAX)
        if not text:
            raise TelegramRefusal(
                400, "Bad Request: message text is empty", rule="a message has a text"
            )
        return self._deliver("sendMessage", params, text=text)

    async def _send_photo(self, params: Params) -> object:
        return self._send_file("sendPhoto", params, kind="photo")

    async def _send_document(self, params: Params) -> object:
        return self._send_file("sendDocument", params, kind="document")

    def _send_file(self, method: str, params: Params, *, kind: str) -> object:
        caption = shown_text(params, name="caption", most=CAPTION_MAX)
        upload = params.uploads.get(kind)
        reference = "" if upload else params.text(kind) or ""
        if upload is None and not reference:
            raise TelegramRefusal(
                400, f"Bad Request: there is no {kind} in the request", rule=f"{kind} is there"
            )
        if upload is not None and not 0 < upload.size_bytes <= FILE_MAX_BYTES[kind]:
            raise TelegramRefusal(
                413 if upload.size_bytes else 400,
                "Request Entity Too Large" if upload.size_bytes else "Bad Request: file is empty",
                rule=f"a {kind} has 1 to {FILE_MAX_BYTES[kind]} bytes",
            )
        file = SentFile(
            kind=kind,
            name=upload.name if upload else "",
            size_bytes=upload.size_bytes if upload else 0,
            reference=reference,
        )
        return self._deliver(method, params, text=caption, file=file)

    def _deliver(
        self, method: str, params: Params, *, text: str, file: SentFile | None = None
    ) -> dict[str, object]:
        buttons = keyboard_of(params)
        chat = self.chats.reach(params.integer("chat_id"))
        self.flood.admit(method, chat_id=chat.id)
        sent = Sent(
            method=method,
            to=str(chat.id),
            text=text,
            message_id=str(chat.next_message_id()),
            at=self.clock.now(),
            at_s=self.clock.seconds(),
            buttons=buttons,
            file=file,
        )
        body = self._message_object(chat, sent=sent, markup=params.structure("reply_markup"))
        chat.messages[int(sent.message_id)] = StoredMessage(
            body=body, born_s=sent.at_s, is_from_bot=True, sent=sent
        )
        self.sent.add(sent)
        return body

    def _message_object(
        self, chat: TelegramChat, *, sent: Sent, markup: object
    ) -> dict[str, object]:
        body: dict[str, object] = {
            "message_id": int(sent.message_id),
            "from": self.bot,
            "chat": chat.as_object(),
            "date": int(sent.at.timestamp()),
        }
        if sent.file is None:
            body["text"] = sent.text
        else:
            handle = {
                "file_id": f"file-{chat.id}-{sent.message_id}",
                "file_unique_id": f"u{chat.id}-{sent.message_id}",
                "file_size": sent.file.size_bytes,
            }
            photo = [handle | {"width": 640, "height": 480}]
            body[sent.file.kind] = photo if sent.file.kind == "photo" else handle
            if sent.text:
                body["caption"] = sent.text
        if isinstance(markup, dict) and "inline_keyboard" in markup:
            body["reply_markup"] = markup
        return body

    def _own_message(self, params: Params, *, to_do: str) -> tuple[TelegramChat, StoredMessage]:
        chat = self.chats.reach(params.integer("chat_id"))
        stored = chat.messages.get(params.integer("message_id") or 0)
        if stored is None or (to_do == "edit" and not stored.is_from_bot):
            what = "can't be edited" if stored else f"to {to_do} not found"
            raise TelegramRefusal(400, f"Bad Request: message {what}")
        return chat, stored

    async def _edit_text(self, params: Params) -> object:
        text = shown_text(params, name="text", most=TEXT_MAX)
        if not text:
            raise TelegramRefusal(
                400, "Bad Request: message text is empty", rule="a message has a text"
            )
        buttons = keyboard_of(params)
        chat, stored = self._own_message(params, to_do="edit")
        before = stored.sent
        assert before is not None
        self.flood.admit("editMessageText", chat_id=chat.id)
        if before.file is not None:
            raise TelegramRefusal(400, "Bad Request: there is no text in the message to edit")
        if (before.text, before.buttons) == (text, buttons):
            raise TelegramRefusal(400, NOT_MODIFIED)
        after = Sent(
            method="editMessageText",
            to=before.to,
            text=text,
            message_id=before.message_id,
            at=self.clock.now(),
            at_s=self.clock.seconds(),
            buttons=buttons,
        )
        stored.sent = after
        stored.body = self._message_object(
            chat, sent=after, markup=params.structure("reply_markup")
        ) | {"date": stored.body["date"], "edit_date": int(after.at.timestamp())}
        self.edited.add(after)
        return stored.body

    async def _delete(self, params: Params) -> object:
        chat, stored = self._own_message(params, to_do="delete")
        if self.clock.seconds() - stored.born_s >= DELETE_MAX_AGE_S:
            raise TelegramRefusal(
                400, "Bad Request: message can't be deleted", rule="deleted within 48 hours"
            )
        if not chat.is_private and not stored.is_from_bot:
            raise TelegramRefusal(400, "Bad Request: message can't be deleted")
        del chat.messages[params.integer("message_id") or 0]
        return True

    async def _answer_callback(self, params: Params) -> object:
        callback = self.callbacks.get(params.text("callback_query_id") or "")
        is_old = callback and self.clock.seconds() - callback.born_s > CALLBACK_LIFE_S
        if callback is None or is_old:
            raise TelegramRefusal(
                400,
                "Bad Request: query is too old and response timeout expired"
                " or query ID is invalid",
                rule="a tap is answered within 150 s",
            )
        if len(params.text("text") or "") > CALLBACK_TEXT_MAX:
            raise TelegramRefusal(400, "Bad Request: MESSAGE_TOO_LONG", rule="a short answer")
        callback.is_answered = True
        return True

    async def _chat_action(self, params: Params) -> object:
        action = params.text("action") or ""
        if not action.endswith(("ing", "_photo", "_document", "_location", "_sticker")):
            raise TelegramRefusal(
                400, "Bad Request: wrong parameter action in request", rule="a known action"
            )
        chat = self.chats.reach(params.integer("chat_id"))
        self.flood.admit("sendChatAction", chat_id=chat.id, is_typing=True)
        self.actions.append((str(chat.id), action))
        return True
