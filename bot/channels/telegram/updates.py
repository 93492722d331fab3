"""Telegram's updates in our words. Whether a request may be believed is checked by the adapter.

Only what is read is declared: unknown fields and kinds of update come and go with every version
of the Bot API. An update of a shape nobody knows is taken as IGNORED as long as its number can be
read, because refusing it would hold up its chat for a day.
"""

import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from bot.core.errors import BadBody
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind
from bot.core.text import clean

log: Final = logging.getLogger(__name__)

ALLOWED_UPDATES: Final = ("message", "callback_query", "my_chat_member")

_COMMAND: Final = re.compile(r"/(?P<name>\w+)(?:@\w+)?(?:\s+(?P<rest>.*))?", re.DOTALL)
_GONE: Final = frozenset({"kicked", "left"})

# Ids have at most 52 significant bits (Bot API, type Chat).
Id = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=2**33)]


class Chat(msgspec.Struct):
    """Where something happened."""

    id: Id
    type: str = "private"

    @property
    def is_group(self) -> bool:
        """Tell whether more people than one read there."""
        return self.type != "private"


class User(msgspec.Struct):
    """Who did it."""

    id: Id
    language_code: str | None = None


class Message(msgspec.Struct):
    """A message; of its many kinds of content only the presence matters here."""

    message_id: Id
    chat: Chat
    date: Moment = 0
    author: User | None = msgspec.field(name="from", default=None)
    text: str | None = None
    caption: str | None = None
    photo: msgspec.Raw = msgspec.Raw()
    sticker: msgspec.Raw = msgspec.Raw()
    voice: msgspec.Raw = msgspec.Raw()
    audio: msgspec.Raw = msgspec.Raw()
    video: msgspec.Raw = msgspec.Raw()
    video_note: msgspec.Raw = msgspec.Raw()
    animation: msgspec.Raw = msgspec.Raw()
    document: msgspec.Raw = msgspec.Raw()
    location: msgspec.Raw = msgspec.Raw()
    venue: msgspec.Raw = msgspec.Raw()
    contact: msgspec.Raw = msgspec.Raw()
    poll: msgspec.Raw = msgspec.Raw()
    dice: msgspec.Raw = msgspec.Raw()
    story: msgspec.Raw = msgspec.Raw()
    paid_media: msgspec.Raw = msgspec.Raw()

    @property
    def is_media(self) -> bool:
        """Tell whether it carries something other than words; service messages do not."""
        return any(len(memoryview(getattr(self, name))) > 0 for name in _MEDIA)


_MEDIA: Final = tuple(
    name for name, kind in Message.__annotations__.items() if kind is msgspec.Raw
)


class CallbackQuery(msgspec.Struct):
    """A tap on a button. The message is missing when it is too old or not ours."""

    id: str
    author: User = msgspec.field(name="from")
    message: Message | None = None
    data: str | None = None


class Standing(msgspec.Struct):
    """What the bot is in a chat."""

    status: str = ""


class MembershipChange(msgspec.Struct):
    """The bot was blocked, let in, thrown out."""

    chat: Chat
    author: User = msgspec.field(name="from")
    was: Standing = msgspec.field(name="old_chat_member")
    now: Standing = msgspec.field(name="new_chat_member")
    date: Moment = 0


class Update(msgspec.Struct):
    """One update; exactly one of the contents is there."""

    update_id: Id
    message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MembershipChange | None = None


class _Numbered(msgspec.Struct):
    update_id: Id


class _Batch(msgspec.Struct):
    result: list[msgspec.Raw]


_UPDATES: Final = msgspec.json.Decoder(Update)
_NUMBERED: Final = msgspec.json.Decoder(_Numbered)
_BATCH: Final = msgspec.json.Decoder(_Batch)


def read_update(raw: bytes | msgspec.Raw, channel_id: ChannelId) -> Incoming:
    """Return what one update says. Raise `BadBody` if not even its number can be read."""
    try:
        return _incoming(_UPDATES.decode(raw), channel_id)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        number = _number(raw)
    log.warning("telegram.update_unreadable", extra={"channel_id": channel_id, "update": number})
    return Incoming(channel_id=channel_id, event_id=str(number), kind=IncomingKind.IGNORED)


def read_batch(raw: bytes, channel_id: ChannelId) -> tuple[Sequence[Incoming], int | None]:
    """Return the updates of a getUpdates answer and the offset that acknowledges them, if any.

    Raise `BadBody` if the answer is none.
    """
    try:
        batch = _BATCH.decode(raw).result
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadBody("the answer to getUpdates cannot be read") from None
    events = [read_update(update, channel_id) for update in batch]
    return events, max((int(event.event_id) + 1 for event in events), default=None)


def _number(raw: bytes | msgspec.Raw) -> int:
    try:
        return _NUMBERED.decode(raw).update_id
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadBody("the update cannot be read") from None


def _incoming(update: Update, channel_id: ChannelId) -> Incoming:
    event_id = str(update.update_id)
    if update.message is not None:
        return _of_message(update.message, channel_id, event_id)
    if update.callback_query is not None:
        return _of_tap(update.callback_query, channel_id, event_id)
    if update.my_chat_member is not None:
        return _of_membership(update.my_chat_member, channel_id, event_id)
    return Incoming(channel_id=channel_id, event_id=event_id, kind=IncomingKind.IGNORED)


def _of_message(message: Message, channel_id: ChannelId, event_id: str) -> Incoming:
    kind, text = _content(message)
    if message.chat.type == "channel":
        kind = IncomingKind.IGNORED
    return Incoming(
        channel_id=channel_id,
        event_id=event_id,
        kind=kind,
        chat=str(message.chat.id),
        sender=str(message.author.id) if message.author else "",
        is_group=message.chat.is_group,
        text=clean(text),
        language=_language(message.author),
        message_id=str(message.message_id),
        at=_moment(message.date),
    )


def _content(message: Message) -> tuple[IncomingKind, str]:
    if message.is_media:
        return IncomingKind.MEDIA, message.caption or ""
    if message.text is None:
        return IncomingKind.IGNORED, ""
    command = _COMMAND.fullmatch(message.text.strip())
    if command is None:
        return IncomingKind.TEXT, message.text
    name, rest = command["name"], command["rest"] or ""
    if name.lower() == "start":
        return IncomingKind.START, rest
    # In groups a command carries the bot's name: /khancap@…
    return IncomingKind.TEXT, f"/{name} {rest}"


def _of_tap(tap: CallbackQuery, channel_id: ChannelId, event_id: str) -> Incoming:
    if tap.message is None or tap.data is None:
        return Incoming(
            channel_id=channel_id, event_id=event_id, kind=IncomingKind.IGNORED, tap_id=tap.id
        )
    return Incoming(
        channel_id=channel_id,
        event_id=event_id,
        kind=IncomingKind.CHOICE,
        chat=str(tap.message.chat.id),
        sender=str(tap.author.id),
        is_group=tap.message.chat.is_group,
        text=clean(tap.data),
        language=_language(tap.author),
        message_id=str(tap.message.message_id),
        tap_id=tap.id,
    )


def _of_membership(change: MembershipChange, channel_id: ChannelId, event_id: str) -> Incoming:
    was_gone, is_gone = change.was.status in _GONE, change.now.status in _GONE
    kind = IncomingKind.IGNORED
    if is_gone and not was_gone:
        kind = IncomingKind.STOPPED
    elif was_gone and not is_gone and change.chat.is_group:
        # A person who lets the bot back in sends /start right after; a group sends nothing.
        kind = IncomingKind.START
    return Incoming(
        channel_id=channel_id,
        event_id=event_id,
        kind=kind,
        chat=str(change.chat.id),
        sender=str(change.author.id),
        is_group=change.chat.is_group,
        language=_language(change.author),
        at=_moment(change.date),
    )


def _language(author: User | None) -> Language | None:
    code = (author.language_code or "").lower() if author else ""
    return next((language for language in Language if code.split("-")[0] == language), None)


def _moment(date: int) -> datetime | None:
    return datetime.fromtimestamp(date, UTC) if date else None
