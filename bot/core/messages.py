"""What residents say to us and what we say to them, the same on every platform."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.ids import ChannelId
from bot.core.languages import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a message goes: one chat of one channel. Hidden from `repr`, so no log can hold it."""

    channel_id: ChannelId
    chat: str = field(repr=False)
    is_group: bool = False


class IncomingKind(StrEnum):
    """What reached us."""

    TEXT = "text"  # words typed
    CHOICE = "choice"  # a button tapped; `text` is the word behind it
    START = "start"  # the chat was opened or followed; `text` is the link's payload, if any
    STOPPED = "stopped"  # the person blocked the bot or unfollowed
    WITHDREW = "withdrew"  # the person asks the platform to have their data deleted
    MEDIA = "media"  # a picture, file, voice, place … ; `text` is its caption
    ECHO = "echo"  # our own message, or one written by hand in the platform's own tool
    IGNORED = "ignored"  # known and of no use to us; stored only to be counted and deduplicated


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing that happened on a platform. `event_id` is unique within the channel."""

    channel_id: ChannelId
    event_id: str
    kind: IncomingKind
    chat: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    is_group: bool = False
    text: str = field(default="", repr=False)
    language: Language | None = None
    message_id: str | None = field(default=None, repr=False)
    # What the platform wants back when a button was tapped, so that it stops its waiting sign.
    tap_id: str | None = field(default=None, repr=False)
    at: datetime | None = None

    @property
    def address(self) -> Address:
        """Return where an answer goes."""
        return Address(channel_id=self.channel_id, chat=self.chat, is_group=self.is_group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing the person may pick. A button where there are buttons, a numbered line where not.

    Picking it sends `word` back, unless it is a telephone number to call or a page to open.
    """

    label: str
    word: str = ""
    phone: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to a chat. Its text is plain: adapters escape it for their platform."""

    text: str = field(repr=False)
    choices: tuple[Choice, ...] = ()
    # Shown once and kept nowhere afterwards: a receipt.
    is_secret: bool = field(default=False)


def with_numbered_choices(message: Outgoing) -> str:
    """Return the text with its choices as numbered lines, for a platform without buttons."""
    lines = [
        f"{number}. {choice.label}{_where_to(choice)}"
        for number, choice in enumerate(message.choices, start=1)
    ]
    return "\n".join([message.text, "", *lines]) if lines else message.text


def _where_to(choice: Choice) -> str:
    target = choice.phone or choice.url
    return f": {target}" if target and target not in choice.label else ""
