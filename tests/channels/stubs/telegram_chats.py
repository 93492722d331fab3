"""Who is on the stand-in Telegram: people, groups, channels, and what stands in their chats.

Leaves to `telegram_members` what a place in a group means.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from tests.channels.stubs.sent_log import Sent
from tests.channels.stubs.telegram_members import Body, Member, MemberStatus
from tests.channels.stubs.telegram_request import TelegramRefusal


class ChatState(StrEnum):
    """Whether the bot can reach a chat."""

    OPEN = "open"
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    GONE = "gone"
    DELETED = "deleted"
    MUTED = "muted"


class ChatKind(StrEnum):
    """The Bot API's word for a kind of chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


@dataclass(slots=True, kw_only=True)
class StoredMessage:
    """One message in a chat; `body` is its Bot API object."""

    body: Body
    born_s: float
    is_from_bot: bool
    sent: Sent | None = None
    is_undeletable: bool = False


@dataclass(slots=True, kw_only=True)
class TelegramChat:
    """One private chat (its id is the person's), group or channel (a negative id)."""

    id: int
    name: str
    kind: ChatKind
    bot: Member
    state: ChatState = ChatState.OPEN
    has_started: bool = True
    migrated_to: int | None = None
    last_message_id: int = 0
    last_bot_is_ours: bool = True
    messages: dict[int, StoredMessage] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        """Tell a person's chat from a group."""
        return self.kind is ChatKind.PRIVATE

    @property
    def lane(self) -> str:
        """Return the queue in which this chat's messages stay in order."""
        return f"chat {self.id}"

    def as_object(self) -> Body:
        """Return the Bot API object of this chat."""
        shown: Body = {"id": self.id, "type": self.kind.value}
        if self.is_private:
            return shown | {"first_name": self.name}
        shown["title"] = self.name
        if self.kind is ChatKind.GROUP:
            shown["all_members_are_administrators"] = False
        return shown

    def as_user(self) -> Body:
        """Return the Bot API object of the person."""
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": "vi"}

    def next_message_id(self) -> int:
        """Return a message id not used in this chat yet."""
        self.last_message_id += 1
        return self.last_message_id

    def people(self) -> list[Member]:
        """Return everybody in the chat, the bot too."""
        return [member for member in (*self.members.values(), self.bot) if member.is_here]

    def bot_may(self, right: str) -> bool:
        """Tell whether the bot has a right; administrators of basic groups have them all."""
        return self.bot.may(right) or (self.kind is ChatKind.GROUP and self.bot.is_admin)


class TelegramChats:
    """All chats the bot has seen. With `open_house` any id counts as seen (for load tests)."""

    def __init__(self, *, bot: Body, open_house: bool = False) -> None:
        self.open_house = open_house
        self._bot = bot
        self._chats: dict[int, TelegramChat] = {}

    def __iter__(self) -> Iterator[TelegramChat]:
        return iter(list(self._chats.values()))

    def seen(
        self, chat_id: int, *, name: str = "", kind: ChatKind | None = None, started: bool = True
    ) -> TelegramChat:
        """Return the chat, made on the first sight of it: a group with the bot as a member.

        `started` False: somebody the bot may not write to before they wrote to it.
        """
        chat = self._chats.get(chat_id)
        if chat is None:
            kind = kind or _kind_of(chat_id)
            shown = name or ("Người Thử" if kind is ChatKind.PRIVATE else "Nhóm Thử")
            chat = TelegramChat(
                id=chat_id,
                name=shown,
                kind=kind,
                bot=Member(user=self._bot),
                has_started=started,
            )
            self._chats[chat_id] = chat
        elif started:
            chat.has_started = True
        return chat

    def reach(self, chat_id: int | None, *, only_reads: bool = False) -> TelegramChat:
        """Return a chat the bot may act in, or TelegramRefusal for the reason it may not.

        `only_reads`: what the bot can look at even where it can do nothing any more.
        """
        if chat_id is None:
            raise TelegramRefusal(
                400, "Bad Request: chat_id is empty", rule="chat_id is always there"
            )
        chat = self.seen(chat_id) if self.open_house else self._chats.get(chat_id)
        if chat is None or chat.state is ChatState.GONE:
            raise TelegramRefusal(400, "Bad Request: chat not found")
        if only_reads and chat.kind in {ChatKind.PRIVATE, ChatKind.GROUP}:
            return chat
        if chat.migrated_to is not None:
            raise TelegramRefusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                parameters={"migrate_to_chat_id": chat.migrated_to},
            )
        if (reason := _why_not_seen(chat)) is not None:
            raise TelegramRefusal(403, f"Forbidden: {reason}")
        return chat

    def write_into(self, chat_id: int | None, *, what: str = "text messages") -> TelegramChat:
        """Return a chat the bot may write to, or TelegramRefusal for the reason it may not."""
        chat = self.reach(chat_id)
        if chat.is_private and not chat.has_started:
            raise TelegramRefusal(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.state is ChatState.BLOCKED:
            raise TelegramRefusal(403, "Forbidden: bot was blocked by the user")
        if chat.state is ChatState.MUTED and not chat.bot.is_admin:
            raise TelegramRefusal(
                400, f"Bad Request: not enough rights to send {what} to the chat"
            )
        if chat.kind is ChatKind.CHANNEL and not chat.bot_may("can_post_messages"):
            raise TelegramRefusal(
                400, "Bad Request: need administrator rights in the channel chat"
            )
        return chat


def _kind_of(chat_id: int) -> ChatKind:
    if chat_id > 0:
        return ChatKind.PRIVATE
    return ChatKind.SUPERGROUP if str(chat_id).startswith("-100") else ChatKind.GROUP


def _why_not_seen(chat: TelegramChat) -> str | None:
    """Return why the bot cannot even look at a chat, in the server's words."""
    if chat.state is ChatState.DEACTIVATED:
        return "user is deactivated"
    if chat.state is ChatState.DELETED and chat.kind is ChatKind.GROUP:
        return "the group chat was deleted"
    if chat.bot.status is MemberStatus.KICKED:
        return f"bot was kicked from the {chat.kind} chat"
    if chat.bot.status is MemberStatus.LEFT:
        return f"bot is not a member of the {chat.kind} chat"
    return None
