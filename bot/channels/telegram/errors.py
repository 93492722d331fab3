"""What each refusal of Telegram means, said once.

Codes decide. Where one code means many things Telegram offers only wording: the phrases stand in
tables (source: the texts of the official Bot API server), each with a row in the tests.
"""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from telegram.error import TelegramError

from bot.channels.telegram.request import ApiRefusal, NeverConnected
from bot.core.sending import (
    ChannelBroken,
    ChatMoved,
    MessageRefused,
    NoAnswer,
    NoConnection,
    PersonUnreachable,
    PlatformTrouble,
    Reason,
    SendError,
    SlowedDown,
)

# Looked for in the lower-cased description, per status.
UNREACHABLE_PHRASES: Final[Mapping[int, Mapping[str, Reason]]] = {
    400: {
        "chat not found": Reason.NOT_FOUND,
        "user not found": Reason.NOT_FOUND,
        "peer_id_invalid": Reason.NOT_FOUND,
        "upgraded to a supergroup": Reason.NOT_FOUND,
        "group chat was deactivated": Reason.DEACTIVATED,
        "input_user_deactivated": Reason.DEACTIVATED,
    },
    403: {
        "bot was blocked by the user": Reason.BLOCKED,
        "user is deactivated": Reason.DEACTIVATED,
        "bot can't initiate conversation": Reason.NOT_FOUND,
        "bot can't send messages to bots": Reason.NOT_FOUND,
        "bot was kicked": Reason.LEFT,
        "bot is not a member": Reason.LEFT,
        "chat was deleted": Reason.DEACTIVATED,
    },
}


class Standing(StrEnum):
    """What a refusal says of a message or a file that should be there already."""

    AS_WANTED = "as wanted"  # it is as it should be
    GONE = "gone"  # there is no such message any more
    NO_TEXT = "no text"  # it shows a picture or a file, so its words are a caption
    NO_CAPTION = "no caption"  # nothing of it can be written on
    FIXED = "fixed"  # it cannot be changed, or not be taken away
    FILE_UNKNOWN = "file unknown"  # the handle of a file is of no use any more
    NO_PHOTO = "no photo"  # what was given as a picture is none to Telegram


STANDING_PHRASES: Final[Mapping[str, Standing]] = {
    "message is not modified": Standing.AS_WANTED,
    "message to edit not found": Standing.GONE,
    "message to delete not found": Standing.GONE,
    "message_id_invalid": Standing.GONE,
    "there is no text in the message to edit": Standing.NO_TEXT,
    "there is no caption in the message to edit": Standing.NO_CAPTION,
    "message can't be edited": Standing.FIXED,
    "message can't be deleted": Standing.FIXED,
    "message_delete_forbidden": Standing.FIXED,
    "wrong file identifier": Standing.FILE_UNKNOWN,
    "wrong remote file identifier": Standing.FILE_UNKNOWN,
    "file_reference_expired": Standing.FILE_UNKNOWN,
    "image_process_failed": Standing.NO_PHOTO,
    "photo_invalid_dimensions": Standing.NO_PHOTO,
    "photo_ext_invalid": Standing.NO_PHOTO,
    "too big for a photo": Standing.NO_PHOTO,
}
# The bot was moved to another Bot API server.
_LOGGED_OUT: Final = frozenset({"logged out", "bad request: logged out"})
_TOKEN_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})
# Telegram always names a pause with its 429; this is for answers of something in between.
_UNNAMED_PAUSE_S: Final = 5.0


def standing_after(refusal: ApiRefusal) -> Standing | None:
    """Return what `refusal` says of the message or file it was about; None if nothing."""
    if refusal.code != HTTPStatus.BAD_REQUEST:
        return None
    said = refusal.wording.lower()
    return next((meant for phrase, meant in STANDING_PHRASES.items() if phrase in said), None)


def translated(error: TelegramError, *, token_refused: str, is_group: bool = False) -> SendError:
    """Return `error` in our words; `token_refused` is the sentence for a token of no use."""
    if isinstance(error, NeverConnected):
        return NoConnection(error.message)
    if isinstance(error, ApiRefusal):
        return _translated_refusal(error, token_refused=token_refused, is_group=is_group)
    return NoAnswer(error.message)


def _translated_refusal(error: ApiRefusal, *, token_refused: str, is_group: bool) -> SendError:
    text = error.message
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        after_s = _UNNAMED_PAUSE_S if error.retry_after_s is None else error.retry_after_s
        # The wording never tells whom a pause concerns. A group has a limit of its own (20 a
        # minute) which our pace alone cannot keep when others post there too; a private chat
        # never comes near its limit, so there it is the limit of the whole bot.
        return SlowedDown(after_s, whole_channel=not is_group, text=text)
    if error.code in _TOKEN_REFUSED or error.wording.lower() in _LOGGED_OUT:
        return ChannelBroken(token_refused)
    if error.code == HTTPStatus.GATEWAY_TIMEOUT:
        # A gateway passed the request on and does not know either.
        return NoAnswer(text)
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code == HTTPStatus.CONFLICT:
        return PlatformTrouble(text, after_s=error.retry_after_s)
    if error.moved_to is not None:
        return ChatMoved(str(error.moved_to), text)
    return _error_of_one(error)


def _error_of_one(error: ApiRefusal) -> SendError:
    """Return what a refusal says of this person or this message alone."""
    said = error.wording.lower()
    for phrase, reason in UNREACHABLE_PHRASES.get(error.code, {}).items():
        if phrase in said:
            return PersonUnreachable(reason, error.message)
    return MessageRefused(error.message)
