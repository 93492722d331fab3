"""The Bot API methods by which a bot gets its updates: polling or a webhook, never both."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tests.channels.stubs.telegram_desk import Method
from tests.channels.stubs.telegram_request import Params, TelegramRefusal
from tests.channels.stubs.telegram_updates import POLL_MAX_UPDATES, UpdateQueue
from tests.channels.stubs.telegram_webhook import TelegramWebhook, WebhookTarget

WEBHOOK_PORTS: Final = frozenset({443, 80, 88, 8443})

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSetup:
    """Who the bot is, and by which of the two ways its updates come."""

    bot: dict[str, object]
    queue: UpdateQueue
    webhook: TelegramWebhook
    has_privacy: Callable[[], bool]

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {
            "getMe": self._me,
            "getUpdates": self._updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
        }

    async def _me(self, params: Params) -> object:
        return self.bot | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.has_privacy(),
            "supports_inline_queries": False,
        }

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
        if self.webhook.last_error_at is not None:
            info["last_error_date"] = int(self.webhook.last_error_at.timestamp())
        return info


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
