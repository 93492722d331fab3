"""How a send can end, in words every channel shares.

    SendError
    ├── TryLater            safe to repeat: nothing was accepted
    │   ├── SlowedDown      the platform asked for a pause
    │   ├── NoConnection    no byte of the request was written
    │   └── PlatformTrouble the platform answered that it failed (5xx); repeated a few times
    ├── NoAnswer            the request was written, no answer came: nobody knows
    ├── ChatMoved           the group has another id now: note it and send again
    ├── PersonUnreachable   blocked, deactivated, not found: forget the person on this channel
    ├── NotNow              no window, no quota, too many: skip, keep the next chance
    ├── MessageRefused      the platform will never take this message
    └── ChannelBroken       credentials or account are of no use: stop and call an officer

Which wording or code of a platform means what is said in its adapter, once.
"""

from enum import StrEnum
from typing import ClassVar

from bot.core.errors import BinhYenError


class Reason(StrEnum):
    """Why a delivery did not end as sent. The names are part of the outside interface."""

    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    NOT_FOUND = "not_found"
    OPTED_OUT = "opted_out"
    LEFT = "left"
    NO_WINDOW = "no_window"
    NO_QUOTA = "no_quota"
    TOO_MANY = "too_many"
    DOUBLED = "doubled"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    SLOWED_DOWN = "slowed_down"
    NO_CONNECTION = "no_connection"
    NO_ANSWER = "no_answer"
    PLATFORM_ERROR = "platform_error"


class NextStep(StrEnum):
    """What the sender does after an error."""

    RETRY = "retry"
    LEAVE_UNKNOWN = "leave_unknown"
    FORGET_PERSON = "forget_person"
    SKIP = "skip"
    FAIL = "fail"
    CALL_OFFICER = "call_officer"


class SendError(BinhYenError):
    """A message was not certainly delivered.

    The text is for officers: it may quote the platform's code and wording, never the message,
    the person or a secret.
    """

    next_step: ClassVar[NextStep]

    def __init__(self, reason: Reason, text: str = "", *, after_s: float | None = None) -> None:
        super().__init__(text or reason.value)
        self.reason = reason
        self.after_s = after_s


class TryLater(SendError):
    """Nothing was accepted; the same request may be made again."""

    next_step = NextStep.RETRY


class SlowedDown(TryLater):
    """The platform wants a pause of `after_s` seconds.

    `whole_channel` tells whether it holds for everybody or only for this chat.
    """

    def __init__(self, after_s: float, *, whole_channel: bool = True, text: str = "") -> None:
        super().__init__(Reason.SLOWED_DOWN, text, after_s=after_s)
        self.whole_channel = whole_channel


class NoConnection(TryLater):
    """The connection could not be made, so not a byte of the request was written."""

    def __init__(self, text: str = "") -> None:
        super().__init__(Reason.NO_CONNECTION, text)


class PlatformTrouble(TryLater):
    """The platform answered that it failed by itself (500, 502 …)."""

    def __init__(self, text: str = "", *, after_s: float | None = None) -> None:
        super().__init__(Reason.PLATFORM_ERROR, text, after_s=after_s)


class ChatMoved(TryLater):
    """The platform gave the group another id, `moved_to`; nothing was accepted.

    The sender follows at once; a second one in a row counts as trouble of the platform.
    """

    def __init__(self, moved_to: str, text: str = "") -> None:
        super().__init__(Reason.NOT_FOUND, text, after_s=0.0)
        self.moved_to = moved_to


class NoAnswer(SendError):
    """The request was written and no answer came; whether it was delivered is unknown."""

    next_step = NextStep.LEAVE_UNKNOWN

    def __init__(self, text: str = "") -> None:
        super().__init__(Reason.NO_ANSWER, text)


class PersonUnreachable(SendError):
    """The person blocked the bot, left the platform, or was never there."""

    next_step = NextStep.FORGET_PERSON


class NotNow(SendError):
    """This person cannot be written to at present: no window, no quota, too many."""

    next_step = NextStep.SKIP


class MessageRefused(SendError):
    """The platform will never accept this message for this person."""

    next_step = NextStep.FAIL

    def __init__(self, text: str = "") -> None:
        super().__init__(Reason.REFUSED, text)


class ChannelBroken(SendError):
    """The account cannot send at all until somebody mends it."""

    next_step = NextStep.CALL_OFFICER

    def __init__(self, text: str) -> None:
        super().__init__(Reason.PLATFORM_ERROR, text)
