"""The Bot API methods by which a bot introduces itself: commands, descriptions, menu button.

Everything is kept per language, commands per scope too. What a person sees in the end is told by
`TelegramProfile.commands_shown`, which follows the platform's order of choice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from tests.channels.stubs.telegram_desk import Method
from tests.channels.stubs.telegram_members import Body
from tests.channels.stubs.telegram_request import Params, TelegramRefusal

COMMANDS_MAX: Final = 100
COMMAND_DESCRIPTION_MAX: Final = 256
TEXTS: Final = {"name": 64, "description": 512, "short_description": 120}

_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE: Final = re.compile(r"([a-z]{2})?")
_PLAIN_SCOPES: Final = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
)
_CHAT_SCOPES: Final = frozenset({"chat", "chat_administrators", "chat_member"})
_MENU_BUTTONS: Final = frozenset({"default", "commands", "web_app"})


@dataclass(slots=True, kw_only=True)
class TelegramProfile:
    """What a bot says of itself; the empty language and the scope "default" are for everybody."""

    commands: dict[tuple[str, str], list[Body]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_buttons: dict[int | None, Body] = field(default_factory=dict)
    admin_rights: Body = field(default_factory=dict)

    def as_object(self) -> Body:
        """Return what everybody sees for whom there is nothing special."""
        shown: Body = {name: text for (name, language), text in self.texts.items() if not language}
        if ("default", "") in self.commands:
            shown = {"commands": self.commands["default", ""], **shown}
        return shown

    def commands_shown(
        self, language: str, *, is_group: bool = False, is_admin: bool = False
    ) -> list[Body]:
        """Return the list of commands a person with that language is offered."""
        scopes = ["all_group_chats"] if is_group else ["all_private_chats"]
        if is_group and is_admin:
            scopes.insert(0, "all_chat_administrators")
        for scope in (*scopes, "default"):
            for wanted in (language, ""):
                if (scope, wanted) in self.commands:
                    return self.commands[scope, wanted]
        return []

    def text_shown(self, name: str, language: str) -> str:
        """Return a description as a person with that language reads it."""
        return self.texts.get((name, language)) or self.texts.get((name, ""), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramProfileCalls:
    """Writes into a `TelegramProfile`, keeping the platform's measures."""

    profile: TelegramProfile

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {
            "setMyCommands": self._set_commands,
            "getMyCommands": self._commands,
            "deleteMyCommands": self._delete_commands,
            "setMyName": self._set_name,
            "getMyName": self._name,
            "setMyDescription": self._set_description,
            "getMyDescription": self._description,
            "setMyShortDescription": self._set_short_description,
            "getMyShortDescription": self._short_description,
            "setChatMenuButton": self._set_menu_button,
            "getChatMenuButton": self._menu_button,
            "setMyDefaultAdministratorRights": self._set_admin_rights,
            "getMyDefaultAdministratorRights": self._admin_rights,
        }

    async def _set_commands(self, params: Params) -> object:
        commands = params.structure("commands")
        if not isinstance(commands, list):
            raise _refused("expected an Array of BotCommand", rule="commands are a list")
        if len(commands) > COMMANDS_MAX:
            raise _refused("BOT_COMMANDS_TOO_MUCH", rule=f"at most {COMMANDS_MAX} commands")
        for written in commands:
            _check_command(cast(Body, written) if isinstance(written, dict) else {})
        self.profile.commands[_scope_of(params), _language_of(params)] = commands
        return True

    async def _commands(self, params: Params) -> object:
        return self.profile.commands.get((_scope_of(params), _language_of(params)), [])

    async def _delete_commands(self, params: Params) -> object:
        self.profile.commands.pop((_scope_of(params), _language_of(params)), None)
        return True

    async def _set_name(self, params: Params) -> object:
        return self._set_text(params, "name")

    async def _name(self, params: Params) -> object:
        return self._text(params, "name")

    async def _set_description(self, params: Params) -> object:
        return self._set_text(params, "description")

    async def _description(self, params: Params) -> object:
        return self._text(params, "description")

    async def _set_short_description(self, params: Params) -> object:
        return self._set_text(params, "short_description")

    async def _short_description(self, params: Params) -> object:
        return self._text(params, "short_description")

    def _set_text(self, params: Params, name: str) -> object:
        text = params.text(name) or ""
        if len(text) > TEXTS[name]:
            raise _refused(f"{name} is too long", rule=f"{name} at most {TEXTS[name]}")
        self.profile.texts[name, _language_of(params)] = text
        return True

    def _text(self, params: Params, name: str) -> object:
        return {name: self.profile.text_shown(name, _language_of(params))}

    async def _set_menu_button(self, params: Params) -> object:
        button = params.structure("menu_button")
        shown: Body = cast(Body, button) if isinstance(button, dict) else {"type": "default"}
        if shown.get("type") not in _MENU_BUTTONS:
            raise _refused("unsupported menu button type", rule="a known menu button")
        if shown["type"] == "web_app":
            link = shown.get("web_app")
            url = link.get("url") if isinstance(link, dict) else None
            if not shown.get("text") or not str(url).startswith("https://"):
                raise _refused("can't parse menu button", rule="a web_app has a text and a url")
        self.profile.menu_buttons[params.integer("chat_id")] = shown
        return True

    async def _menu_button(self, params: Params) -> object:
        buttons = self.profile.menu_buttons
        shown = buttons.get(params.integer("chat_id"), buttons.get(None))
        return shown or {"type": "commands"}

    async def _set_admin_rights(self, params: Params) -> object:
        rights = params.structure("rights")
        self.profile.admin_rights = cast(Body, rights) if isinstance(rights, dict) else {}
        return True

    async def _admin_rights(self, params: Params) -> object:
        return self.profile.admin_rights


def _check_command(command: Body) -> None:
    if not _COMMAND.fullmatch(str(command.get("command", ""))):
        raise _refused("BOT_COMMAND_INVALID", rule="a command is [a-z0-9_]{1,32}")
    if not 1 <= len(str(command.get("description", "")).strip()) <= COMMAND_DESCRIPTION_MAX:
        raise _refused(
            "BOT_COMMAND_DESCRIPTION_INVALID",
            rule="a command's description has 1 to 256 characters",
        )


def _language_of(params: Params) -> str:
    language = params.text("language_code") or ""
    if not _LANGUAGE.fullmatch(language):
        raise _refused("invalid language code specified", rule="a language has two letters")
    return language


def _scope_of(params: Params) -> str:
    """Return a scope in one word; those of one chat name it."""
    written = params.structure("scope")
    if written is None:
        return "default"
    scope = cast(Body, written) if isinstance(written, dict) else {}
    kind = str(scope.get("type", ""))
    if kind in _PLAIN_SCOPES:
        return kind
    if kind not in _CHAT_SCOPES or "chat_id" not in scope:
        raise _refused("unsupported type specified", rule="a known scope")
    if kind == "chat_member" and "user_id" not in scope:
        raise _refused("invalid user_id specified", rule="a known scope")
    return f"{kind} {scope['chat_id']} {scope.get('user_id', '')}".strip()


def _refused(reason: str, *, rule: str) -> TelegramRefusal:
    return TelegramRefusal(400, f"Bad Request: {reason}", rule=rule)
