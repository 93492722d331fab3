"""Bodies of the Bot API's updates about what people do."""

from tests.channels.stubs.telegram_chats import TelegramChat

Body = dict[str, object]


def message_of(
    person: TelegramChat, where: TelegramChat, *, message_id: int, date: int, text: str
) -> Body:
    """Return a message a person wrote in `where`; a command is marked as one."""
    body: Body = {
        "message_id": message_id,
        "from": person.as_user(),
        "chat": where.as_object(),
        "date": date,
        "text": text,
    }
    if text.startswith("/"):
        length = len(text.split(maxsplit=1)[0])
        body["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    return body


def tap_of(person: TelegramChat, message: Body, *, callback_id: str, data: str) -> Body:
    """Return the callback query of a tap on a button under `message`."""
    return {
        "id": callback_id,
        "from": person.as_user(),
        "message": message,
        "chat_instance": str(-person.id),
        "data": data,
    }


def block_of(person: TelegramChat, bot: Body, *, date: int, is_over: bool) -> Body:
    """Return the change of the bot's own place in a private chat: blocked, or back again."""
    blocked: Body = {"status": "kicked", "user": bot, "until_date": 0}
    member: Body = {"status": "member", "user": bot}
    return {
        "chat": person.as_object(),
        "from": person.as_user(),
        "date": date,
        "old_chat_member": blocked if is_over else member,
        "new_chat_member": member if is_over else blocked,
    }
