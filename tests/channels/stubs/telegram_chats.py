"""Who is on the stand-in Telegram: people, groups, and what stands in their chats."""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.channels.stubs.sent_log import Sent
from tests.channels.stubs.telegram_request import TelegramRefusal


class ChatState(StrEnum):
    """Whether the bot can reach a chat."""

    OPEN = "open"
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    GONE = "gone"


@dataclass(slots=True, kw_only=True)
class StoredMessage:
    """One message in a chat; `body` is its Bot API object."""

    body: dict[str, object]
    born_s: float
    is_from_bot: bool
    sent: Sent | None = None


@dataclass(slots=True, kw_only=True)
class TelegramChat:
    """One private chat (its id is the person's) or one group (a negative id)."""

    id: int
    name: str
    state: ChatState = ChatState.OPEN
    migrated_to: int | None = None
    last_message_id: int = 0
    messages: dict[int, StoredMessage] = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        """Tell a person's chat from a group."""
        return self.id > 0

    def as_object(self) -> dict[str, object]:
        """Return the Bot API object of this chat."""
        if self.is_private:
            return {"id": self.id, "type": "private", "first_name": self.name}
        kind = "supergroup" if str(self.id).startswith("-100") else "group"
        return {"id": self.id, "type": kind, "title": self.name}

    def as_user(self) -> dict[str, object]:
        """Return the Bot API object of the person."""
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": "vi"}

    def next_message_id(self) -> int:
        """Return a message id not used in this chat yet."""
        self.last_message_id += 1
        return self.last_message_id


class TelegramChats:
    """All chats the bot has seen. With `open_house` any id counts as seen (for load tests)."""

    def __init__(self, *, open_house: bool = False) -> None:
        self.open_house = open_house
        self._chats: dict[int, TelegramChat] = {}

    def seen(self, chat_id: int, *, name: str = "") -> TelegramChat:
        """Return the chat, made on the first sight of it."""
        if chat_id not in self._chats:
            shown = name or ("Người Thử" if chat_id > 0 else "Nhóm Thử")
            self._chats[chat_id] = TelegramChat(id=chat_id, name=shown)
        return self._chats[chat_id]

    def reach(self, chat_id: int | None) -> TelegramChat:
        """Return a chat the bot may write to, or TelegramRefusal for the reason it may not."""
        if chat_id is None:
            raise TelegramRefusal(
                400, "Bad Request: chat_id is empty", rule="chat_id is always there"
            )
        chat = self.seen(chat_id) if self.open_house else self._chats.get(chat_id)
        if chat is None or chat.state is ChatState.GONE:
            raise TelegramRefusal(400, "Bad Request: chat not found")
        if chat.migrated_to is not None:
            raise TelegramRefusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                parameters={"migrate_to_chat_id": chat.migrated_to},
            )
        if chat.state is ChatState.BLOCKED:
            raise TelegramRefusal(403, "Forbidden: bot was blocked by the user")
        if chat.state is ChatState.DEACTIVATED:
            raise TelegramRefusal(403, "Forbidden: user is deactivated")
        return chat
