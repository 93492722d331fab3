"""What residents say to us and what we say to them, the same on every platform."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.ids import AttachmentId, ChannelId
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
    MEDIA = "media"  # a picture, file, voice, place …; `text` is its caption
    CONTACT = "contact"  # the person filled in the platform's form: `contact`
    GROUP = "group"  # something about a group changed: `group`
    ACCOUNT = "account"  # something about our own account changed: `account`
    ECHO = "echo"  # our own message, or one written by hand in the platform's own tool
    IGNORED = "ignored"  # known and of no use to us: counted, not stored


class MediaKind(StrEnum):
    """What was sent instead of words."""

    PICTURE = "picture"
    FILE = "file"
    VOICE = "voice"
    VIDEO = "video"
    PLACE = "place"
    OTHER = "other"  # stickers, cards, polls …


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Something that came with a message and can be fetched by its channel for a while.

    `handle` is what the channel fetches it by (a file id, an address). `album` is what the
    parts of one album have in common.
    """

    kind: MediaKind
    handle: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    size_bytes: int | None = None
    album: str = field(default="", repr=False)
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What somebody wrote into the platform's own form, to be called back."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)


class GroupEvent(StrEnum):
    """What can happen to a group the bot is in, or to the bot there."""

    ADDED = "added"  # the bot was let in, or the group was made
    REMOVED = "removed"  # the bot was put out
    CLOSED = "closed"  # the group is no more
    RIGHTS = "rights"  # the bot may do more or less there: `can_delete`
    MOVED = "moved"  # the platform gave the group another id: `moved_to`
    MEMBERS = "members"  # somebody came or went
    RENAMED = "renamed"  # `name`, or other facts of the group


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange:
    """What happened to a group. Who did it is not kept."""

    event: GroupEvent
    name: str = field(default="", repr=False)
    can_delete: bool | None = None
    moved_to: str = field(default="", repr=False)


class AccountEvent(StrEnum):
    """What a platform tells about our own account there."""

    REVOKED = "revoked"  # somebody took the program's permission away
    QUOTA = "quota"  # what may be sent changed: `note`


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What happened to our account. `note` is for officers and names nobody."""

    event: AccountEvent
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing that happened on a platform. `event_id` is unique within the channel."""

    channel_id: ChannelId
    event_id: str
    kind: IncomingKind
    chat: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    is_group: bool = False
    # A group is written to by many; whether these words are meant for the bot.
    is_for_bot: bool = True
    # Somebody else's words, passed on, where the platform says so.
    is_forwarded: bool = False
    text: str = field(default="", repr=False)
    language: Language | None = None
    message_id: str | None = field(default=None, repr=False)
    # What the platform wants back when a button was tapped, so that it stops its waiting sign.
    tap_id: str | None = field(default=None, repr=False)
    media: tuple[Media, ...] = ()
    contact: Contact | None = None
    group: GroupChange | None = None
    account: AccountChange | None = None
    # What the platform calls it, where that is worth counting: one of few, fixed names.
    event_name: str = ""
    # How often the platform had tried to tell us before.
    repeats: int = 0
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


class AttachmentKind(StrEnum):
    """How an attachment is shown."""

    PICTURE = "picture"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A picture or file that goes out with a message. Its bytes are read when it is sent.

    `media_type` is that of the bytes (image/jpeg …); `name` has an extension.
    """

    id: AttachmentId
    kind: AttachmentKind
    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Something to be shown as a QR code beside the words that say it, too.

    Adapters draw it while they send, so the picture is kept nowhere; where a platform would keep
    it apart from the chat, only the words are sent. `label` is what the picture is called.
    """

    content: str = field(repr=False)
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to a chat. Its text is plain: adapters escape it for their platform."""

    text: str = field(repr=False)
    choices: tuple[Choice, ...] = ()
    # Choices that stay at hand below the typing field, where a platform has such a place.
    stays: bool = False
    attachment: Attachment | None = None
    # The platform's id of the message this one answers; left out where it cannot be quoted.
    quotes: str | None = field(default=None, repr=False)
    # Offer the platform's own form for name and number, where it has one.
    asks_contact: bool = False
    # The platform's ids of earlier messages of ours that this one takes the place of: they are
    # edited where the platform can, else the text goes out as a new message.
    replaces: tuple[str, ...] = field(default=(), repr=False)
    # The earlier messages are to disappear; the text is for where that is not possible, and an
    # empty text means that nothing is said then.
    is_recall: bool = False
    # Shown once and kept nowhere afterwards: a receipt.
    is_secret: bool = field(default=False)
    code: Code | None = None


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
