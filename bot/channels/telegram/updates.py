"""Telegram's updates in our words. Whether a request may be believed is checked by the adapter.

An update of a shape nobody knows is taken as IGNORED as long as its number can be read, because
refusing it would hold up its chat for a day.

Words that were edited in a private chat count as written anew. The old ones may be a part of a
tip that is sealed already, so they cannot be exchanged; passing the new ones over would leave
the police with words their sender believes to have corrected. Both stand there now, and whoever
wrote them sees the answer. Edits in groups, and of what is no words (a live place moves every few
seconds), are passed over.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec

from bot.channels.telegram.addressing import Myself, for_us
from bot.channels.telegram.groupwork import change_told, place_change
from bot.channels.telegram.shapes import (
    Batch,
    CallbackQuery,
    Message,
    Numbered,
    PlaceChange,
    Update,
    User,
)
from bot.channels.telegram.showing import media_in, own_contact
from bot.core.errors import BadBody
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind
from bot.core.text import clean, whole_json

log: Final = logging.getLogger(__name__)

_Shape = TypeVar("_Shape")
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")

_UPDATES: Final = msgspec.json.Decoder(Update)
_NUMBERED: Final = msgspec.json.Decoder(Numbered)
_BATCH: Final = msgspec.json.Decoder(Batch)


def read_update(raw: bytes | msgspec.Raw, channel_id: ChannelId, myself: Myself) -> Incoming:
    """Return what one update says. Raise `BadBody` if not even its number can be read."""
    try:
        return _incoming(_read(_UPDATES, raw), channel_id, myself)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        number = _number(raw)
    log.warning("telegram.update_unreadable", extra={"channel_id": channel_id, "update": number})
    return Incoming(channel_id=channel_id, event_id=str(number), kind=IncomingKind.IGNORED)


def read_batch(
    raw: bytes, channel_id: ChannelId, myself: Myself
) -> tuple[Sequence[Incoming], int | None]:
    """Return the updates of a getUpdates answer and the offset that acknowledges them, if any.

    Raise `BadBody` if the answer is none.
    """
    try:
        batch = _read(_BATCH, raw).result
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadBody("the answer to getUpdates cannot be read") from None
    events = [read_update(update, channel_id, myself) for update in batch]
    return events, max((_number(update) + 1 for update in batch), default=None)


def _read(decoder: msgspec.json.Decoder[_Shape], raw: bytes | msgspec.Raw) -> _Shape:
    """Return what `raw` says. Raise what the decoder raises."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Perhaps only half an emoji is in the way of words that somebody waits to be read.
        try:
            mended = whole_json(bytes(raw))
        except ValueError:
            mended = bytes(raw)
        return decoder.decode(mended)


def _number(raw: bytes | msgspec.Raw) -> int:
    try:
        return _read(_NUMBERED, raw).update_id
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadBody("the update cannot be read") from None


def _incoming(update: Update, channel_id: ChannelId, myself: Myself) -> Incoming:
    event_id = str(update.update_id)
    if update.message is not None:
        return _of_message(update.message, channel_id, event_id, myself)
    if update.edited_message is not None:
        return _of_edit(update.edited_message, channel_id, event_id, myself)
    if update.callback_query is not None:
        return _of_tap(update.callback_query, channel_id, event_id)
    if update.my_chat_member is not None:
        return _of_place(update.my_chat_member, channel_id, event_id)
    return Incoming(channel_id=channel_id, event_id=event_id, kind=IncomingKind.IGNORED)


def _of_message(
    message: Message, channel_id: ChannelId, event_id: str, myself: Myself
) -> Incoming:
    told = change_told(message, myself)
    if told is not None:
        return Incoming(
            channel_id=channel_id,
            event_id=told.event_id or event_id,
            kind=IncomingKind.GROUP,
            chat=told.chat,
            is_group=True,
            group=told.change,
            at=_moment(message.date),
        )
    kind, words = _kind(message), for_us(message, myself)
    if words.is_start and kind is IncomingKind.TEXT:
        kind = IncomingKind.START
    if kind is IncomingKind.IGNORED:
        return _ignored(message, channel_id, event_id)
    return Incoming(
        channel_id=channel_id,
        event_id=event_id,
        kind=kind,
        chat=str(message.chat.id),
        sender=_sender(message),
        is_group=message.chat.is_group,
        is_for_bot=words.is_for_bot,
        is_forwarded=len(memoryview(message.forward_origin)) > 0,
        text=clean(words.text),
        language=_language(message.author),
        message_id=str(message.message_id),
        media=media_in(message) if kind is IncomingKind.MEDIA else (),
        contact=own_contact(message) if kind is IncomingKind.CONTACT else None,
        at=_moment(message.date),
    )


def _kind(message: Message) -> IncomingKind:
    # Posts of a channel that Telegram itself copies into its group are nobody's words.
    is_of_channel = message.is_automatic_forward or message.chat.is_channel
    if is_of_channel:
        return IncomingKind.IGNORED
    if message.chat.is_private and own_contact(message) is not None:
        return IncomingKind.CONTACT
    if media_in(message):
        return IncomingKind.MEDIA
    return IncomingKind.IGNORED if message.text is None else IncomingKind.TEXT


def _ignored(message: Message, channel_id: ChannelId, event_id: str) -> Incoming:
    return Incoming(
        channel_id=channel_id,
        event_id=event_id,
        kind=IncomingKind.IGNORED,
        chat=str(message.chat.id),
        is_group=not message.chat.is_private,
    )


def _of_edit(message: Message, channel_id: ChannelId, event_id: str, myself: Myself) -> Incoming:
    words = message.text if message.text is not None else message.caption
    if not message.chat.is_private or not words or not message.edit_date:
        return Incoming(channel_id=channel_id, event_id=event_id, kind=IncomingKind.IGNORED)
    said = for_us(message, myself)
    return Incoming(
        channel_id=channel_id,
        event_id=event_id,
        kind=IncomingKind.START if said.is_start else IncomingKind.TEXT,
        chat=str(message.chat.id),
        sender=_sender(message),
        text=clean(said.text),
        language=_language(message.author),
        message_id=str(message.message_id),
        at=_moment(message.edit_date),
    )


def _of_tap(tap: CallbackQuery, channel_id: ChannelId, event_id: str) -> Incoming:
    """Return a tap as the word behind the button.

    One without a message or without a word is told all the same, as if it came in private: it
    has to be answered, and what it means is for the dialogues to say.
    """
    where = tap.message.chat if tap.message is not None else None
    return Incoming(
        channel_id=channel_id,
        event_id=event_id,
        kind=IncomingKind.CHOICE,
        chat=str(where.id if where is not None else tap.author.id),
        sender=str(tap.author.id),
        is_group=where is not None and not where.is_private,
        text=clean(tap.data or ""),
        language=_language(tap.author),
        message_id=str(tap.message.message_id) if tap.message is not None else None,
        tap_id=tap.id,
    )


def _of_place(change: PlaceChange, channel_id: ChannelId, event_id: str) -> Incoming:
    group = place_change(change)
    kind = IncomingKind.IGNORED
    if group is not None:
        kind = IncomingKind.GROUP
    elif change.chat.is_private and change.now.is_gone and not change.was.is_gone:
        # A person who lets the bot back in sends /start right after.
        kind = IncomingKind.STOPPED
    return Incoming(
        channel_id=channel_id,
        event_id=event_id,
        kind=kind,
        chat=str(change.chat.id),
        # Who did it is not kept of groups.
        sender=str(change.author.id) if change.chat.is_private else "",
        is_group=not change.chat.is_private,
        language=_language(change.author),
        group=group,
        at=_moment(change.date),
    )


def _sender(message: Message) -> str:
    """Return who wrote; all nameless administrators share one account, so their group is told."""
    if message.sender_chat is not None:
        return str(message.sender_chat.id)
    return str(message.author.id) if message.author else ""


def _language(author: User | None) -> Language | None:
    code = (author.language_code or "").lower() if author else ""
    return next((language for language in Language if code.split("-")[0] == language), None)


def _moment(date: int) -> datetime | None:
    return datetime.fromtimestamp(date, UTC) if date else None
