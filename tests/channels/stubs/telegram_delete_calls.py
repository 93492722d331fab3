"""The Bot API methods that take messages away, one or up to a hundred at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from tests.channels.stubs.telegram_chats import ChatKind, StoredMessage, TelegramChat
from tests.channels.stubs.telegram_desk import Method, TelegramDesk
from tests.channels.stubs.telegram_request import Params, TelegramRefusal

DELETE_MAX_AGE_S: Final = 48 * 3600.0
IDS_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramDeletions:
    """Own messages everywhere, incoming ones in private, others' where the bot leads a group."""

    desk: TelegramDesk

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {"deleteMessage": self._one, "deleteMessages": self._many}

    async def _one(self, params: Params) -> object:
        chat = self.desk.chats.reach(params.integer("chat_id"))
        message_id = params.integer("message_id") or 0
        stored = chat.messages.get(message_id)
        if stored is None:
            raise TelegramRefusal(400, "Bad Request: message to delete not found")
        self._check(chat, stored)
        self.desk.remove(chat, message_id)
        return True

    async def _many(self, params: Params) -> object:
        wanted = message_ids_of(params)
        chat = self.desk.chats.reach(params.integer("chat_id"))
        found = [number for number in dict.fromkeys(wanted) if number in chat.messages]
        for number in found:
            self._check(chat, chat.messages[number])
        for number in found:
            self.desk.remove(chat, number)
        return True

    def _check(self, chat: TelegramChat, stored: StoredMessage) -> None:
        if self.desk.clock.seconds() - stored.born_s >= DELETE_MAX_AGE_S:
            whom = " for everyone" if chat.is_private else ""
            raise TelegramRefusal(
                400, f"Bad Request: message can't be deleted{whom}", rule="deleted within 48 hours"
            )
        if stored.is_undeletable or not _may_delete(chat, stored):
            raise TelegramRefusal(400, "Bad Request: message can't be deleted")


def _may_delete(chat: TelegramChat, stored: StoredMessage) -> bool:
    if chat.is_private or chat.bot_may("can_delete_messages"):
        return True
    if chat.kind is ChatKind.CHANNEL:
        return stored.is_from_bot and chat.bot_may("can_post_messages")
    return stored.is_from_bot


def message_ids_of(params: Params) -> list[int]:
    """Return the 1 to 100 ids of a call; TelegramRefusal if the list is not one."""
    rule = f"1 to {IDS_MAX} message ids"
    written = params.structure("message_ids")
    if written is None:
        raise _refused("message identifiers are not specified", rule=rule)
    if not isinstance(written, list):
        raise _refused("expected an Array of message identifiers", rule=rule)
    if len(written) > IDS_MAX:
        raise _refused("too many message identifiers specified", rule=rule)
    if not written:
        raise _refused("message identifiers are not specified", rule=rule)
    if not all(isinstance(number, int) and number > 0 for number in written):
        raise _refused("invalid message identifier specified", rule="a message id is a number")
    return cast(list[int], written)


def _refused(reason: str, *, rule: str) -> TelegramRefusal:
    return TelegramRefusal(400, f"Bad Request: {reason}", rule=rule)
