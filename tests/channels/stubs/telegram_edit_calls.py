"""The Bot API methods that change messages: the bot's own, and only if something changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from tests.channels.stubs.telegram_chats import StoredMessage
from tests.channels.stubs.telegram_desk import Content, Method, TelegramDesk
from tests.channels.stubs.telegram_keyboards import Markup, inline_markup_of
from tests.channels.stubs.telegram_members import Body
from tests.channels.stubs.telegram_request import Params, TelegramRefusal
from tests.channels.stubs.telegram_text import CAPTION_MAX, TEXT_MAX, ShownText, shown_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramEdits:
    """Edits of text, caption and buttons; each counts in the pace of its chat."""

    desk: TelegramDesk

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {
            "editMessageText": self._text,
            "editMessageCaption": self._caption,
            "editMessageReplyMarkup": self._markup,
        }

    async def _text(self, params: Params) -> object:
        text = shown_text(params, name="text", most=TEXT_MAX)
        if not text.text:
            raise TelegramRefusal(
                400, "Bad Request: message text is empty", rule="a message has a text"
            )
        stored, markup = self._take("editMessageText", params)
        if "text" not in stored.body:
            raise TelegramRefusal(400, "Bad Request: there is no text in the message to edit")
        return self.desk.change("editMessageText", stored, Content(shown=text), markup=markup)

    async def _caption(self, params: Params) -> object:
        caption = shown_text(params, name="caption", most=CAPTION_MAX)
        stored, markup = self._take("editMessageCaption", params)
        now = content_of(stored)
        if not now.media or "location" in now.media:
            raise TelegramRefusal(400, "Bad Request: there is no caption in the message to edit")
        after = Content(shown=caption, media=now.media, file=now.file)
        return self.desk.change("editMessageCaption", stored, after, markup=markup)

    async def _markup(self, params: Params) -> object:
        stored, markup = self._take("editMessageReplyMarkup", params)
        after = content_of(stored)
        return self.desk.change("editMessageReplyMarkup", stored, after, markup=markup)

    def _take(self, method: str, params: Params) -> tuple[StoredMessage, Markup]:
        """Return one of the bot's own messages and its new buttons; counts in the pace."""
        markup = inline_markup_of(params)
        chat = self.desk.chats.write_into(params.integer("chat_id"))
        if params.integer("message_id") is None:
            raise TelegramRefusal(
                400,
                "Bad Request: message identifier is not specified",
                rule="an edit names its message",
            )
        stored = chat.messages.get(params.integer("message_id") or 0)
        if stored is None:
            raise TelegramRefusal(400, "Bad Request: message to edit not found")
        # Only messages with an inline keyboard, or with none, can be edited.
        under_input = stored.sent is not None and stored.sent.markup not in {"", "inline_keyboard"}
        if not stored.is_from_bot or stored.sent is None or under_input:
            raise TelegramRefusal(400, "Bad Request: message can't be edited")
        self.desk.flood.admit(method, chat_id=chat.id)
        return stored, markup


def content_of(stored: StoredMessage) -> Content:
    """Return what a stored message shows, as it could be shown again."""
    text = str(stored.body.get("text", stored.body.get("caption", "")))
    marks = stored.body.get("entities", stored.body.get("caption_entities", []))
    entities = tuple(cast(list[Body], marks))
    media = {name: stored.body[name] for name in MEDIA_FIELDS if name in stored.body}
    file = stored.sent.file if stored.sent is not None else None
    shown = ShownText(text=text, entities=entities)
    return Content(shown=shown, media=media, file=file)


MEDIA_FIELDS = (
    *("photo", "document", "voice", "audio", "video", "video_note", "animation", "sticker"),
    *("location", "venue", "contact", "poll"),
)
