"""What each refusal of Telegram means for a message, said once.

Codes decide. Where one code means many things Telegram offers only wording: the phrases stand in
one table (source: the texts of the official Bot API server), each with a row in the tests.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from telegram.error import TelegramError

from bot.channels.telegram.request import ApiRefusal, NeverConnected
from bot.core.sending import (
    ChannelBroken,
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
    },
    403: {
        "bot was blocked by the user": Reason.BLOCKED,
        "user is deactivated": Reason.DEACTIVATED,
        "bot can't initiate conversation": Reason.NOT_FOUND,
        "bot was kicked": Reason.LEFT,
        "bot is not a member": Reason.LEFT,
        "the group chat was deleted": Reason.DEACTIVATED,
    },
}
_TOKEN_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})
# Telegram always names a pause with its 429; this is for answers of something in between.
_UNNAMED_PAUSE_S: Final = 5.0


def translated(error: TelegramError, *, token_refused: str) -> SendError:
    """Return `error` in our words; `token_refused` is the sentence for a token of no use."""
    if isinstance(error, NeverConnected):
        return NoConnection(error.message)
    if isinstance(error, ApiRefusal):
        return _translated_refusal(error, token_refused=token_refused)
    return NoAnswer(error.message)


def _translated_refusal(error: ApiRefusal, *, token_refused: str) -> SendError:
    text = error.message
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        after_s = _UNNAMED_PAUSE_S if error.retry_after_s is None else error.retry_after_s
        return SlowedDown(after_s, text=text)
    if error.code in _TOKEN_REFUSED:
        return ChannelBroken(token_refused)
    if error.code == HTTPStatus.GATEWAY_TIMEOUT:
        # A gateway passed the request on and does not know either.
        return NoAnswer(text)
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code == HTTPStatus.CONFLICT:
        return PlatformTrouble(text, after_s=error.retry_after_s)
    return _error_of_one(error)


def _error_of_one(error: ApiRefusal) -> SendError:
    """Return what a refusal says of this person or this message alone."""
    said = error.wording.lower()
    for phrase, reason in UNREACHABLE_PHRASES.get(error.code, {}).items():
        if phrase in said:
            return PersonUnreachable(reason, error.message)
    return MessageRefused(error.message)
