"""The Bot API methods by which a bot introduces itself and asks for its updates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from tests.channels.stubs.telegram_chats import TelegramChats
from tests.channels.stubs.telegram_desk import Method
from tests.channels.stubs.telegram_request import Params, TelegramRefusal
from tests.channels.stubs.telegram_updates import POLL_MAX_UPDATES, UpdateQueue
from tests.channels.stubs.telegram_webhook import TelegramWebhook, WebhookTarget

WEBHOOK_PORTS: Final = frozenset({443, 80, 88, 8443})
DESCRIPTION_MAX: Final = 512
SHORT_DESCRIPTION_MAX: Final = 120
COMMANDS_MAX: Final = 100

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSetup:
    """Everything that is not writing into a chat; `profile` keeps what the bot says of itself."""

    bot: dict[str, object]
    chats: TelegramChats
    queue: UpdateQueue
    webhook: TelegramWebhook
    profile: dict[str, object]

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {
            "getMe": self._me,
            "getUpdates": self._updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
            "getChat": self._chat,
            "setMyCommands": self._commands,
            "setMyDescription": self._description,
            "setMyShortDescription": self._short_description,
        }

    async def _me(self, params: Params) -> object:
        return self.bot | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def _chat(self, params: Params) -> object:
        chat = self.chats.reach(params.integer("chat_id"))
        return chat.as_object() | {"accent_color_id": 0, "max_reaction_count": 11}

    async def _updates(self, params: Params) -> object:
        if self.webhook.target is not None:
            raise TelegramRefusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active;"
                " use deleteWebhook to delete the webhook first",
            )
        self._choose_kinds(params)
        found = await self.queue.poll(
            offset=params.integer("offset", 0) or 0,
            limit=params.integer("limit", POLL_MAX_UPDATES) or POLL_MAX_UPDATES,
            timeout_s=params.integer("timeout", 0) or 0,
        )
        return [update.body for update in found]

    def _choose_kinds(self, params: Params) -> None:
        kinds = params.structure("allowed_updates")
        if kinds is None:
            return
        if not isinstance(kinds, list):
            raise TelegramRefusal(
                400, "Bad Request: allowed_updates is a list", rule="allowed_updates is a list"
            )
        self.queue.allowed = frozenset(str(kind) for kind in kinds)

    async def _set_webhook(self, params: Params) -> object:
        url = params.text("url") or ""
        if not url:
            return await self._delete_webhook(params)
        _check_webhook_url(url)
        secret = params.text("secret_token") or ""
        if secret and not _SECRET.fullmatch(secret):
            raise TelegramRefusal(
                400,
                "Bad Request: secret token contains illegal characters",
                rule="secret_token of 1 to 256 base64url characters",
            )
        connections = params.integer("max_connections", 40) or 0
        if not 1 <= connections <= 100:
            raise TelegramRefusal(
                400, "Bad Request: max_connections out of range", rule="1 to 100 connections"
            )
        self._choose_kinds(params)
        if params.flag("drop_pending_updates"):
            self.queue.clear()
        self.queue.stop_polls()
        self.webhook.point_at(
            WebhookTarget(url=url, secret_token=secret, max_connections=connections)
        )
        return True

    async def _delete_webhook(self, params: Params) -> object:
        if params.flag("drop_pending_updates"):
            self.queue.clear()
        self.webhook.point_at(None)
        return True

    async def _webhook_info(self, params: Params) -> object:
        target = self.webhook.target
        info: dict[str, object] = {
            "url": target.url if target else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.queue.pending()),
        }
        if target is not None:
            info["max_connections"] = target.max_connections
        if self.queue.allowed:
            info["allowed_updates"] = sorted(self.queue.allowed)
        if self.webhook.last_error:
            info["last_error_message"] = self.webhook.last_error
        return info

    async def _commands(self, params: Params) -> object:
        commands = params.structure("commands")
        if not isinstance(commands, list) or len(commands) > COMMANDS_MAX:
            raise TelegramRefusal(
                400, "Bad Request: commands are a list", rule=f"at most {COMMANDS_MAX} commands"
            )
        for written in commands:
            command = cast(dict[str, object], written) if isinstance(written, dict) else {}
            if not _COMMAND.fullmatch(str(command.get("command", ""))):
                raise TelegramRefusal(
                    400, "Bad Request: BOT_COMMAND_INVALID", rule="a command is [a-z0-9_]{1,32}"
                )
            if not 1 <= len(str(command.get("description", ""))) <= 256:
                raise TelegramRefusal(
                    400,
                    "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID",
                    rule="a command's description has 1 to 256 characters",
                )
        self.profile["commands"] = commands
        return True

    async def _description(self, params: Params) -> object:
        return self._describe(params, name="description", most=DESCRIPTION_MAX)

    async def _short_description(self, params: Params) -> object:
        return self._describe(params, name="short_description", most=SHORT_DESCRIPTION_MAX)

    def _describe(self, params: Params, *, name: str, most: int) -> object:
        text = params.text(name) or ""
        if len(text) > most:
            raise TelegramRefusal(
                400, f"Bad Request: {name} is too long", rule=f"{name} at most {most}"
            )
        self.profile[name] = text
        return True


def _check_webhook_url(url: str) -> None:
    """Refuse what the platform refuses; an own Bot API server on this machine may use http."""
    parts = urlsplit(url)
    if parts.hostname in _LOOPBACK and parts.scheme in {"http", "https"}:
        return
    if parts.scheme != "https" or not parts.hostname:
        raise TelegramRefusal(
            400,
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
            rule="a webhook is HTTPS",
        )
    if (parts.port or 443) not in WEBHOOK_PORTS:
        raise TelegramRefusal(
            400,
            "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
            rule="a webhook's port is one of four",
        )
