"""What the bot says of itself in Telegram: the list of commands, and two descriptions.

The words stand in `content/`, the commands there in the form BotFather takes them: a line each,
`name - what it does`. Vietnamese is for everybody, English for those whose Telegram speaks it.
Only what differs from what Telegram has is written.
"""

import logging
from collections.abc import Mapping
from typing import Final

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from bot.channels.telegram.account import Say
from bot.channels.telegram.calls import Calls
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.sending import SendError

log: Final = logging.getLogger(__name__)

# Telegram's code for each language; the empty one is for everybody else.
_CODES: Final[Mapping[Language, str]] = {Language.VI: "", Language.EN: "en"}
_COMMANDS: Final[Mapping[str, BotCommandScope]] = {
    "telegram_commands": BotCommandScopeAllPrivateChats(),
    "telegram_group_commands": BotCommandScopeAllGroupChats(),
}


class Introduction:
    """Tells Telegram what one bot is for."""

    def __init__(self, channel_id: ChannelId, *, calls: Calls, say: Say) -> None:
        self._channel_id = channel_id
        self._calls = calls
        self._say = say

    async def give(self) -> None:
        """Write what differs; what cannot be written is logged, for the bot works without."""
        try:
            for language, code in _CODES.items():
                for key, scope in _COMMANDS.items():
                    await self._commands(self._say(key, language), scope, code)
                await self._description(self._say("telegram_description", language), code)
                await self._short(self._say("telegram_short_description", language), code)
        except SendError as error:
            log.warning(
                "telegram.not_introduced",
                extra={"channel_id": self._channel_id, "error": type(error).__name__},
            )

    async def _commands(self, words: str, scope: BotCommandScope, code: str) -> None:
        bot = self._calls.bot
        wanted = commands_in(words)
        found = await self._calls.done(bot.get_my_commands(scope=scope, language_code=code))
        if [(one.command, one.description) for one in found] != list(wanted):
            commands = [BotCommand(name, meaning) for name, meaning in wanted]
            await self._calls.done(bot.set_my_commands(commands, scope=scope, language_code=code))

    async def _description(self, words: str, code: str) -> None:
        bot = self._calls.bot
        found = await self._calls.done(bot.get_my_description(language_code=code))
        if found.description != words.strip():
            await self._calls.done(bot.set_my_description(words.strip(), language_code=code))

    async def _short(self, words: str, code: str) -> None:
        bot = self._calls.bot
        found = await self._calls.done(bot.get_my_short_description(language_code=code))
        if found.short_description != words.strip():
            await self._calls.done(bot.set_my_short_description(words.strip(), language_code=code))


def commands_in(words: str) -> tuple[tuple[str, str], ...]:
    """Return the commands and what they do, from lines `name - what it does`."""
    pairs = (line.partition(" - ") for line in words.splitlines())
    return tuple((name.strip(), meaning.strip()) for name, dash, meaning in pairs if dash)
