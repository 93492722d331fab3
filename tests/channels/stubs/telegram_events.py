"""Bodies of the Bot API's updates about what people do, built from who, where and what.

Leaves to `telegram_bodies` what a message can hold.
"""

import re
from typing import Final

from tests.channels.stubs.telegram_chats import TelegramChat
from tests.channels.stubs.telegram_members import Body, Member, MemberStatus
from tests.channels.stubs.telegram_text import utf16_length

# The accounts the platform itself writes as; their ids are the same everywhere.
ANONYMOUS_ADMIN: Final[Body] = {
    "id": 1_087_968_824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
CHANNEL_VOICE: Final[Body] = {
    "id": 136_817_688,
    "is_bot": True,
    "first_name": "Channel",
    "username": "Channel_Bot",
}
TELEGRAM_ITSELF: Final[Body] = {"id": 777_000, "is_bot": False, "first_name": "Telegram"}

_MARKS: Final = (
    ("bot_command", re.compile(r"(?<!\S)/[A-Za-z0-9_]+(?:@\w+)?")),
    ("mention", re.compile(r"(?<!\S)@\w{5,32}")),
    ("url", re.compile(r"https?://\S+")),
)


def text_of(text: str) -> Body:
    """Return the fields of a written text, its commands, mentions and links marked."""
    entities = [
        {
            "type": kind,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match[0]),
        }
        for kind, pattern in _MARKS
        for match in pattern.finditer(text)
    ]
    return {"text": text, "entities": entities} if entities else {"text": text}


def message_of(
    where: TelegramChat, content: Body, *, message_id: int, date: int, sender: Body | None
) -> Body:
    """Return a message somebody wrote in `where`; a channel's post has no `sender`."""
    head: Body = {"message_id": message_id}
    if sender is not None:
        head["from"] = sender
    return {**head, "chat": where.as_object(), "date": date, **content}


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
    return change_of(
        person,
        by=person.as_user(),
        date=date,
        before=blocked if is_over else member,
        after=member if is_over else blocked,
    )


def change_of(where: TelegramChat, *, by: Body, date: int, before: Body, after: Body) -> Body:
    """Return a ChatMemberUpdated object from two ChatMember objects."""
    return {
        "chat": where.as_object(),
        "from": by,
        "date": date,
        "old_chat_member": before,
        "new_chat_member": after,
    }


def outsider(user: Body, *, status: MemberStatus = MemberStatus.LEFT) -> Body:
    """Return the ChatMember object of somebody who is not in a chat."""
    return Member(user=user, status=status).as_object()
