"""Which words are meant for the bot, and what is left of them without its name.

In a group many write to each other. Meant for the bot are commands that name it or nobody, words
that mention it, and answers to what it said.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from bot.channels.telegram.shapes import Message

# To Telegram a sign after the name is no part of it: "/khancap!", "/togiac: …".
_COMMAND: Final = re.compile(
    r"/(?P<name>\w+)(?:@(?P<bot>\w+))?(?:[\s.,:;!?…–-]+(?P<rest>.*))?", re.DOTALL
)
_START: Final = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Myself:
    """Who the bot is. An unknown name fits every name: privacy mode shows us our own alone."""

    id: int | None
    username: str = ""

    def is_called(self, name: str | None) -> bool:
        """Tell whether a command for the bot `name` is ours; one without a name is."""
        return not name or not self.username or name.lower() == self.username.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What was said: the text without our name, or the payload of a link."""

    text: str = field(repr=False)
    is_start: bool = False
    is_for_bot: bool = True


def for_us(message: Message, myself: Myself) -> Words:
    """Return the words of `message` and whether they are meant for the bot."""
    text = message.text if message.text is not None else message.caption or ""
    command = _COMMAND.fullmatch(text.strip()) if message.text is not None else None
    if command is not None:
        return _of_command(command, text, message, myself)
    if message.chat.is_private:
        return Words(text=text)
    bare, is_named = _without_name(text, myself)
    return Words(text=bare, is_for_bot=is_named or _is_answer(message, myself))


def _of_command(command: re.Match[str], text: str, message: Message, myself: Myself) -> Words:
    if not message.chat.is_private and not myself.is_called(command["bot"]):
        return Words(text=text, is_for_bot=False)
    name, rest = command["name"], command["rest"] or ""
    if name.lower() == _START:
        return Words(text=rest, is_start=True)
    return Words(text=f"/{name} {rest}")


def _without_name(text: str, myself: Myself) -> tuple[str, bool]:
    if not myself.username:
        return text, False
    name = re.compile(rf"(?<![\w@])@{re.escape(myself.username)}(?!\w)[,:]?", re.IGNORECASE)
    bare, count = name.subn("", text)
    return (re.sub(r" {2,}", " ", bare).strip() if count else text), count > 0


def _is_answer(message: Message, myself: Myself) -> bool:
    quoted = message.reply_to_message
    if quoted is None or quoted.author is None or myself.id is None:
        return False
    is_topic = len(memoryview(quoted.forum_topic_created)) > 0
    return quoted.author.id == myself.id and not is_topic
