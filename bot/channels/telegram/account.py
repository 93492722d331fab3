"""What is known of one bot, and what its adapter needs from the program around it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import urlsplit

import aiohttp

from bot.core.channels import AttachmentStore, CredentialStore
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.time import Clock

PLATFORM_URL: Final = "https://api.telegram.org"
CALL_LIMIT_S: Final = 30.0
HTTPS_PORT: Final = 443
WEBHOOK_PORTS: Final = frozenset({HTTPS_PORT, 80, 88, 8443})

SENTENCES: Final = (
    "telegram_token_refused",
    "telegram_answers",
    "telegram_no_answer",
    "telegram_polling",
    "telegram_polled_elsewhere",
    "telegram_webhook_in_the_way",
    "telegram_webhook_in_the_way_fix",
    "telegram_webhook_set",
    "telegram_webhook_elsewhere",
    "telegram_webhook_elsewhere_fix",
    "telegram_webhook_failing",
    "telegram_webhook_failing_fix",
    "telegram_needs_https",
    "telegram_needs_https_fix",
    "telegram_commands",
    "telegram_group_commands",
    "telegram_description",
    "telegram_short_description",
    "no_connection_fix",
    "no_answer_fix",
    "slowed_down_fix",
    "platform_error_fix",
    "refused_fix",
)


class Say(Protocol):
    """Says a sentence of the section `channels`; `content.sentences.Voice` fits."""

    def __call__(self, key: str, language: Language, /, **values: str | int) -> str:
        """Return the sentence `key` with its places filled."""
        ...


class Mode(StrEnum):
    """How updates reach us."""

    POLLING = "polling"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramAccount:
    """What is known of one bot. `api_url` is a bare base in place of Telegram's own.

    `username` is what the bot was called when it was last asked; links and groups name it.
    """

    id: ChannelId
    token: str = field(repr=False)
    secret_token: str = field(default="", repr=False)
    mode: Mode = Mode.POLLING
    api_url: str | None = None
    public_url: str = ""
    username: str = ""

    @property
    def base_url(self) -> str:
        """Return where the Bot API is, without a slash at the end."""
        return (self.api_url or PLATFORM_URL).rstrip("/")

    @property
    def bot_id(self) -> int | None:
        """Return the bot's own number, which its token begins with; None if it does not."""
        number = self.token.partition(":")[0]
        return int(number) if number.isascii() and number.isdigit() else None

    @property
    def webhook_path(self) -> str:
        """Return the path Telegram posts to in webhook mode."""
        return f"/webhooks/telegram/{self.id}"

    @property
    def webhook_url(self) -> str:
        """Return the whole address Telegram posts to in webhook mode."""
        return self.public_url.rstrip("/") + self.webhook_path

    @property
    def can_have_webhook(self) -> bool:
        """Tell whether Telegram would post there; a server of one's own takes plain http too."""
        if self.api_url is not None:
            return True
        try:
            parts = urlsplit(self.webhook_url)
            port = parts.port or HTTPS_PORT
        except ValueError:
            return False
        return parts.scheme == "https" and port in WEBHOOK_PORTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an adapter needs from the program around it. `session` is closed by its owner."""

    session: aiohttp.ClientSession
    store: CredentialStore
    clock: Clock
    say: Say
    attachments: AttachmentStore
    call_limit_s: float = CALL_LIMIT_S
