"""Every refusal of the Bot API a client must tell apart, in the server's own words, to iterate.

Play one with `stub.fail_next(FaultKind.REFUSED, **wording.as_fault())`, or make it happen for real
where `WORDINGS` has a way (most tests of the stub do). Leaves to a client what to do about each;
`about` only says what the refusal is about: the chat, the message, the bot, or the moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.channels.stubs.control_door import FaultDetails


class About(StrEnum):
    """What a refusal is about."""

    PERSON = "person"  # out of reach until they come back by themselves
    CHAT = "chat"  # the bot is out, or the chat is no more
    MOVED = "moved"  # the chat has another id
    RIGHTS = "rights"  # the bot is in, but may not
    MESSAGE = "message"  # this message, text, file or button cannot be
    PACE = "pace"  # later, not never
    BOT = "bot"  # the token, or who else uses it
    SERVER = "server"  # trouble over there


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One refusal: HTTP status, the description as sent, and what the body adds."""

    id: str
    code: int
    text: str
    about: About
    parameters: Mapping[str, int] | None = None

    def as_fault(self) -> FaultDetails:
        """Return how to script it."""
        details: FaultDetails = {"code": self.code, "text": self.text}
        for name, value in (self.parameters or {}).items():
            if name == "retry_after":
                details["retry_after_s"] = value
            else:
                details["migrate_to"] = value
        return details


def _bad(about: About, name: str, text: str, **parameters: int) -> Wording:
    return Wording(
        id=name,
        code=400,
        text=f"Bad Request: {text}",
        about=about,
        parameters=parameters or None,
    )


def _forbidden(about: About, name: str, text: str) -> Wording:
    return Wording(id=name, code=403, text=f"Forbidden: {text}", about=about)


NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup"
    " are exactly the same as a current content and reply markup of the message"
)

WORDINGS: Final[tuple[Wording, ...]] = (
    _forbidden(About.PERSON, "blocked", "bot was blocked by the user"),
    _forbidden(About.PERSON, "deactivated", "user is deactivated"),
    _forbidden(About.PERSON, "never started", "bot can't initiate conversation with a user"),
    _forbidden(About.PERSON, "is a bot", "bot can't send messages to bots"),
    _bad(About.PERSON, "chat not found", "chat not found"),
    _bad(About.PERSON, "user not found", "user not found"),
    _bad(About.PERSON, "peer id invalid", "PEER_ID_INVALID"),
    _bad(About.PERSON, "deactivated peer", "INPUT_USER_DEACTIVATED"),
    _forbidden(About.CHAT, "kicked from group", "bot was kicked from the group chat"),
    _forbidden(About.CHAT, "kicked from supergroup", "bot was kicked from the supergroup chat"),
    _forbidden(About.CHAT, "kicked from channel", "bot was kicked from the channel chat"),
    _forbidden(About.CHAT, "not in group", "bot is not a member of the group chat"),
    _forbidden(About.CHAT, "not in supergroup", "bot is not a member of the supergroup chat"),
    _forbidden(About.CHAT, "not in channel", "bot is not a member of the channel chat"),
    _forbidden(About.CHAT, "group deleted", "the group chat was deleted"),
    _bad(
        About.MOVED,
        "migrated",
        "group chat was upgraded to a supergroup chat",
        migrate_to_chat_id=-1_002_000_000_001,
    ),
    _bad(About.RIGHTS, "muted", "not enough rights to send text messages to the chat"),
    _bad(About.RIGHTS, "no photos", "not enough rights to send photos to the chat"),
    _bad(About.RIGHTS, "no documents", "not enough rights to send documents to the chat"),
    _bad(About.RIGHTS, "write forbidden", "CHAT_WRITE_FORBIDDEN"),
    _bad(About.RIGHTS, "no rights", "have no rights to send a message"),
    _bad(About.RIGHTS, "not enough rights", "not enough rights"),
    _bad(About.RIGHTS, "restricted", "CHAT_RESTRICTED"),
    _bad(About.RIGHTS, "admin required", "CHAT_ADMIN_REQUIRED"),
    _bad(About.RIGHTS, "channel admin", "need administrator rights in the channel chat"),
    _bad(About.RIGHTS, "no invitations", "not enough rights to manage chat invite link"),
    _bad(About.RIGHTS, "topic closed", "TOPIC_CLOSED"),
    _bad(About.MESSAGE, "text too long", "message is too long"),
    _bad(About.MESSAGE, "caption too long", "message caption is too long"),
    _bad(About.MESSAGE, "empty text", "message text is empty"),
    _bad(
        About.MESSAGE,
        "unparsable",
        'can\'t parse entities: Unsupported start tag "x" at byte offset 0',
    ),
    _bad(About.MESSAGE, "button data", "BUTTON_DATA_INVALID"),
    _bad(About.MESSAGE, "button link", "BUTTON_URL_INVALID"),
    _bad(About.MESSAGE, "keyboard too long", "reply markup is too long"),
    _bad(About.MESSAGE, "not modified", NOT_MODIFIED),
    _bad(About.MESSAGE, "edit not found", "message to edit not found"),
    _bad(About.MESSAGE, "cannot edit", "message can't be edited"),
    _bad(About.MESSAGE, "no text to edit", "there is no text in the message to edit"),
    _bad(About.MESSAGE, "no caption to edit", "there is no caption in the message to edit"),
    _bad(About.MESSAGE, "message id", "MESSAGE_ID_INVALID"),
    _bad(About.MESSAGE, "delete not found", "message to delete not found"),
    _bad(About.MESSAGE, "cannot delete", "message can't be deleted"),
    _bad(About.MESSAGE, "cannot delete for all", "message can't be deleted for everyone"),
    _bad(About.MESSAGE, "copy not found", "message to copy not found"),
    _bad(About.MESSAGE, "cannot copy", "message can't be copied"),
    _bad(About.MESSAGE, "quote not found", "message to be replied not found"),
    _bad(
        About.MESSAGE,
        "query too old",
        "query is too old and response timeout expired or query ID is invalid",
    ),
    _bad(About.MESSAGE, "file id", "wrong file identifier/HTTP URL specified"),
    _bad(About.MESSAGE, "file id of nothing", "invalid file_id"),
    _bad(About.MESSAGE, "file too big to fetch", "file is too big"),
    _bad(About.MESSAGE, "file not ready", "wrong file_id or the file is temporarily unavailable"),
    _bad(About.MESSAGE, "no picture", "IMAGE_PROCESS_FAILED"),
    _bad(About.MESSAGE, "picture shape", "PHOTO_INVALID_DIMENSIONS"),
    _bad(About.MESSAGE, "album kinds", "can't use the media of the specified type in the album"),
    Wording(id="file too big", code=413, text="Request Entity Too Large", about=About.MESSAGE),
    Wording(
        id="slow down",
        code=429,
        text="Too Many Requests: retry after 7",
        about=About.PACE,
        parameters={"retry_after": 7},
    ),
    Wording(id="wrong token", code=401, text="Unauthorized", about=About.BOT),
    Wording(id="logged out", code=400, text="Logged out", about=About.BOT),
    Wording(id="token of nobody", code=404, text="Not Found", about=About.BOT),
    Wording(
        id="webhook is set",
        code=409,
        text="Conflict: can't use getUpdates method while webhook is active;"
        " use deleteWebhook to delete the webhook first",
        about=About.BOT,
    ),
    Wording(
        id="another poller",
        code=409,
        text="Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running",
        about=About.BOT,
    ),
    Wording(
        id="webhook refused",
        code=400,
        text="Bad Request: bad webhook: Failed to resolve host: Name or service not known",
        about=About.BOT,
    ),
    Wording(
        id="server error",
        code=500,
        text="Internal Server Error: restart",
        about=About.SERVER,
    ),
    Wording(id="bad gateway", code=502, text="Bad Gateway", about=About.SERVER),
    Wording(id="unavailable", code=503, text="Service Unavailable", about=About.SERVER),
    Wording(id="gateway timeout", code=504, text="Gateway Timeout", about=About.SERVER),
)


def wordings(*about: About) -> list[Wording]:
    """Return the refusals about something, or all of them."""
    return [wording for wording in WORDINGS if not about or wording.about in about]
