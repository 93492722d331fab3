"""One Telegram bot behind the port of all channels.

What comes in is read in `updates`, what goes out is shaped in `rendering`, failures are named in
`errors`, polling is in `polling`. Pace and repeats are left to delivery.
"""

import hmac
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeVar

import aiohttp
from telegram import LinkPreviewOptions
from telegram.error import TelegramError

from bot.channels.telegram.errors import translated
from bot.channels.telegram.polling import POLL_S, Polling
from bot.channels.telegram.rendering import BUTTONS_LIMIT, TEXT_LIMIT, render
from bot.channels.telegram.request import AiohttpRequest, DiscreetBot
from bot.channels.telegram.updates import ALLOWED_UPDATES, read_update
from bot.core.channels import (
    AttachmentStore,
    Capabilities,
    ChannelKind,
    Finding,
    GroupDesk,
    Pace,
    Receive,
    WebhookRequest,
)
from bot.core.errors import BadSignature, MediaRefused
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Address, Incoming, Media, Outgoing
from bot.core.sending import ChannelBroken, MessageRefused, NoAnswer, Reason, SendError
from bot.core.time import Clock

log: Final = logging.getLogger(__name__)
T = TypeVar("T")

PLATFORM_URL: Final = "https://api.telegram.org"
SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - a name, not a secret
CALL_LIMIT_S: Final = 30.0
MAX_CONNECTIONS: Final = 40
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)

# One under 30/s: jitter on the way must not make 31 arrive within a second. A group takes 20 a
# minute, a private chat one a second (Bots FAQ).
PACE: Final = Pace(per_s=29.0, per_chat_s=1.0, per_group_s=3.0)
SENTENCES: Final = (
    "telegram_token_refused",
    "telegram_answers",
    "telegram_no_answer",
    "telegram_polling",
    "telegram_webhook_set",
    "telegram_webhook_elsewhere",
    "telegram_webhook_elsewhere_fix",
    "telegram_webhook_failing",
    "telegram_webhook_failing_fix",
    "telegram_needs_https",
    "telegram_needs_https_fix",
    "no_connection_fix",
    "no_answer_fix",
    "slowed_down_fix",
    "platform_error_fix",
    "refused_fix",
)

# What an officer does about a call that failed and breaks nothing for good.
TROUBLE_FIXES: Final[Mapping[Reason, str]] = {
    Reason.NO_CONNECTION: "no_connection_fix",
    Reason.NO_ANSWER: "no_answer_fix",
    Reason.SLOWED_DOWN: "slowed_down_fix",
    Reason.PLATFORM_ERROR: "platform_error_fix",
}


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
    """What is known of one bot. `api_url` is a bare base in place of Telegram's own."""

    id: ChannelId
    token: str = field(repr=False)
    secret_token: str = field(default="", repr=False)
    mode: Mode = Mode.POLLING
    api_url: str | None = None
    public_url: str = ""

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
        return self.api_url is not None or self.webhook_url.startswith("https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an adapter needs from the program around it. `session` is closed by its owner."""

    session: aiohttp.ClientSession
    clock: Clock
    say: Say
    attachments: AttachmentStore
    call_limit_s: float = CALL_LIMIT_S


class TelegramChannel:
    """One bot, ready to use."""

    kind: Final = ChannelKind.TELEGRAM
    capabilities: Final = Capabilities(
        text_limit=TEXT_LIMIT, buttons=BUTTONS_LIMIT, pictures=True, groups=True, pace=PACE
    )
    refusal_status: Final = 403

    def __init__(self, account: TelegramAccount, surroundings: Surroundings) -> None:
        # At DEBUG the library writes whole messages and updates into the log.
        library = logging.getLogger("telegram")
        library.setLevel(max(library.getEffectiveLevel(), logging.INFO))
        self._account = account
        self._clock = surroundings.clock
        self._say = surroundings.say
        base = (account.api_url or PLATFORM_URL).rstrip("/")
        session, limit_s = surroundings.session, surroundings.call_limit_s
        self._polls = AiohttpRequest(session, limit_s=POLL_S + limit_s)
        self._bot = DiscreetBot(
            account.token,
            base_url=f"{base}/bot",
            request=AiohttpRequest(session, limit_s=limit_s),
            get_updates_request=self._polls,
        )

    @property
    def id(self) -> ChannelId:
        """Return which account this is."""
        return self._account.id

    @property
    def webhook_path(self) -> str | None:
        """Return the path Telegram posts to, or None where we ask it ourselves."""
        return self._account.webhook_path if self._account.mode is Mode.WEBHOOK else None

    def parse(self, request: WebhookRequest) -> Sequence[Incoming]:
        """Return what the update says. Raise `BadSignature`, `BadBody`."""
        given = request.headers.get(SECRET_HEADER, "").encode(errors="replace")
        wanted = self._account.secret_token.encode()
        if not wanted or not hmac.compare_digest(given, wanted):
            raise BadSignature("the secret header is missing or wrong")
        return [read_update(request.body, self.id)]

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        """Deliver `message`; return Telegram's ids of its parts, or raise a `SendError`."""
        rendered = render(message)
        if not rendered.texts:
            raise MessageRefused("empty text")
        ids: list[str] = []
        for number, text in enumerate(rendered.texts, start=1):
            is_last = number == len(rendered.texts)
            if number > 1:
                # Delivery paces messages, not the parts that one of them turned into here.
                await self._clock.sleep(PACE.per_chat_s)
            sent = await self._call(
                self._bot.send_message(
                    chat_id=to.chat,
                    text=text,
                    reply_markup=rendered.keyboard if is_last else None,
                    link_preview_options=NO_PREVIEW,
                )
            )
            ids.append(str(sent.message_id))
        return tuple(ids)

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:  # noqa: ARG002 - of the port
        """Return nothing: a bot does not hear itself."""
        return ()

    async def fetch(self, media: Media) -> bytes:
        """Raise `MediaRefused`: nothing is fetched yet."""
        raise MediaRefused("not fetched")

    @property
    def groups(self) -> GroupDesk | None:
        """Return what can be done about groups."""
        return None

    async def answer_tap(self, tap_id: str) -> None:
        """Stop the waiting sign of a button. A tap too old to answer is no trouble."""
        try:
            await self._call(self._bot.answer_callback_query(tap_id))
        except SendError as error:
            log.info(
                "telegram.tap_unanswered",
                extra={"channel_id": self.id, "reason": error.reason.value},
            )

    async def check(self) -> Sequence[Finding]:
        """Ask Telegram who we are and where it sends updates."""
        if self._account.mode is Mode.WEBHOOK and not self._account.can_have_webhook:
            return [self._unwell("telegram_needs_https")]
        try:
            me = await self._call(self._bot.get_me())
            findings = [Finding(is_well=True, what=self._words("telegram_answers", bot=me.name))]
            if self._account.mode is Mode.POLLING:
                findings.append(Finding(is_well=True, what=self._words("telegram_polling")))
            else:
                findings.append(await self._check_webhook())
        except SendError as error:
            return [self._trouble(error)]
        return findings

    async def _check_webhook(self) -> Finding:
        info = await self._call(self._bot.get_webhook_info())
        if info.url != self._account.webhook_url:
            return self._unwell("telegram_webhook_elsewhere")
        if info.last_error_message:
            return self._unwell("telegram_webhook_failing", waiting=info.pending_update_count)
        return Finding(is_well=True, what=self._words("telegram_webhook_set"))

    async def run(self, receive: Receive) -> None:
        """Poll until cancelled, or set the webhook and return."""
        polling = Polling(
            channel_id=self.id, fetch=self._fetch, clear=self._clear, clock=self._clock
        )
        if self._account.mode is Mode.POLLING:
            await polling.run(receive)
        elif self._account.can_have_webhook:
            await polling.until_done(self._set_webhook)
        else:
            log.error("telegram.needs_https", extra={"channel_id": self.id})

    async def close(self) -> None:
        """Do nothing: the session is closed by its owner."""

    async def _set_webhook(self) -> None:
        try:
            await self._call(
                self._bot.set_webhook(
                    self._account.webhook_url,
                    secret_token=self._account.secret_token,
                    allowed_updates=ALLOWED_UPDATES,
                    max_connections=MAX_CONNECTIONS,
                )
            )
        except MessageRefused:
            # It will not be taken the next time either; `check` says what to do.
            log.exception("telegram.webhook_refused", extra={"channel_id": self.id})
        else:
            log.info("telegram.webhook_set", extra={"channel_id": self.id})

    async def _clear(self) -> None:
        await self._call(self._bot.delete_webhook())

    async def _fetch(self, fields: dict[str, str]) -> bytes:
        return await self._call(self._polls.call(f"{self._bot.base_url}/getUpdates", fields))

    async def _call(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except TelegramError as error:
            refused = self._words("telegram_token_refused")
            raise translated(error, token_refused=refused) from error
        # The library could not read what its own platform calls a success.
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NoAnswer("unreadable answer") from None

    def _trouble(self, error: SendError) -> Finding:
        fix = str(error)
        if not isinstance(error, ChannelBroken):
            fix = self._words(TROUBLE_FIXES.get(error.reason, "refused_fix"), detail=fix)
        return Finding(is_well=False, what=self._words("telegram_no_answer"), fix=fix)

    def _words(self, key: str, **values: str | int) -> str:
        return self._say(key, Language.VI, **values)

    def _unwell(self, key: str, **values: str | int) -> Finding:
        return Finding(
            is_well=False, what=self._words(key, **values), fix=self._words(f"{key}_fix")
        )
