"""One Telegram bot behind the port of all channels.

What comes in is read in `updates`, what goes out is shaped in `rendering` and sent by `writing`
and `amending`, failures are named in `errors`. Pace and repeats are left to delivery.
"""

import asyncio
import hmac
import logging
from collections.abc import Sequence
from typing import Final

from bot.channels.telegram.account import Mode, Surroundings, TelegramAccount
from bot.channels.telegram.addressing import Myself
from bot.channels.telegram.amending import Amender
from bot.channels.telegram.calls import Calls
from bot.channels.telegram.checking import Checkup
from bot.channels.telegram.errand import Errand, HalfWay
from bot.channels.telegram.fetching import Fetcher
from bot.channels.telegram.groups import TelegramGroups
from bot.channels.telegram.introducing import Introduction
from bot.channels.telegram.pacing import Extras
from bot.channels.telegram.polling import (
    BROKEN_PAUSE_S,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    Polling,
)
from bot.channels.telegram.rendering import BUTTONS_LIMIT, TEXT_LIMIT, render
from bot.channels.telegram.taps import Taps
from bot.channels.telegram.updates import ALLOWED_UPDATES, read_batch, read_update
from bot.channels.telegram.uploading import Uploads
from bot.channels.telegram.writing import Writer
from bot.core.channels import (
    Capabilities,
    ChannelKind,
    Finding,
    GroupDesk,
    Pace,
    Receive,
    WebhookRequest,
)
from bot.core.errors import BadSignature, StorageTrouble
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Address, Incoming, Media, Outgoing
from bot.core.sending import ChannelBroken, MessageRefused, SendError

log: Final = logging.getLogger(__name__)

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - a name, not a secret
# The name of what is kept of a bot for its links.
USERNAME: Final = "username"
MAX_CONNECTIONS: Final = 40

# One under 30/s: jitter on the way must not make 31 arrive within a second, nor 21 within a
# minute in a group, which takes 20. A private chat takes one a second (Bots FAQ).
PACE: Final = Pace(per_s=29.0, per_chat_s=1.0, per_group_s=3.1)


class TelegramChannel:
    """One bot, ready to use."""

    kind: Final = ChannelKind.TELEGRAM
    capabilities: Final = Capabilities(
        text_limit=TEXT_LIMIT,
        buttons=BUTTONS_LIMIT,
        pictures=True,
        groups=True,
        pace=PACE,
        edits=True,
    )
    refusal_status: Final = 403

    def __init__(self, account: TelegramAccount, surroundings: Surroundings) -> None:
        # At DEBUG the library writes whole messages and updates into the log.
        library = logging.getLogger("telegram")
        library.setLevel(max(library.getEffectiveLevel(), logging.INFO))
        clock, say = surroundings.clock, surroundings.say
        self._account = account
        self._store = surroundings.store
        self._clock = clock
        self._say = say
        self._myself = Myself(id=account.bot_id, username=account.username)
        self._calls = Calls(account, surroundings)
        self._extras = Extras(PACE, clock=clock)
        self._half_way = HalfWay(clock)
        uploads = Uploads(account.id, store=surroundings.attachments, clock=clock)
        self._writer = Writer(self._calls, uploads)
        self._amender = Amender(self._calls, self._writer, uploads)
        self._fetcher = Fetcher(account, surroundings, self._calls)
        self._taps = Taps(account.id, calls=self._calls, clock=clock)
        self._groups = TelegramGroups(self._calls, bot_id=account.bot_id)
        self._checkup = Checkup(account, calls=self._calls, say=say, clock=clock)

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
        return self._noted([read_update(request.body, self.id, self._myself)])

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        """Deliver, correct or recall; return Telegram's ids of what stands now.

        Raise a `SendError`.
        """
        if message.is_recall and not message.replaces and not message.text.strip():
            return ()
        sent = self._half_way.taken(to, message)
        errand = Errand(to, calls=self._calls, extras=self._extras, sent=sent)
        try:
            return await self._done(errand, message)
        except SendError as error:
            self._half_way.stopped(message, errand, error)
            raise

    async def _done(self, errand: Errand, message: Outgoing) -> tuple[str, ...]:
        if message.replaces and message.is_recall:
            return await self._amender.recall(errand, message)
        parts = render(message, is_group=errand.to.is_group)
        if not parts:
            raise MessageRefused("empty text")
        if message.replaces:
            return await self._amender.correct(errand, message)
        return await self._writer.send(errand, parts, quotes=message.quotes)

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:  # noqa: ARG002 - of the port
        """Return nothing: a bot does not hear itself."""
        return ()

    async def fetch(self, media: Media) -> bytes:
        """Return the bytes of what somebody sent. Raise `MediaRefused` or a `SendError`."""
        return await self._fetcher.fetch(media)

    @property
    def groups(self) -> GroupDesk | None:
        """Return what can be done about groups."""
        return self._groups

    async def answer_tap(self, tap_id: str) -> None:
        """Stop the waiting sign of a button. A tap too old to answer is no trouble."""
        await self._taps.answer(tap_id)

    async def check(self) -> Sequence[Finding]:
        """Ask Telegram who we are and where it sends updates."""
        return await self._checkup.findings()

    async def run(self, receive: Receive) -> None:
        """Introduce the bot, and poll until cancelled, or set the webhook and return."""
        if self._account.mode is Mode.WEBHOOK and not self._account.can_have_webhook:
            log.error("telegram.needs_https", extra={"channel_id": self.id})
            return
        polling = Polling(
            channel_id=self.id,
            fetch=lambda fields: self._calls.ask("getUpdates", fields, is_poll=True),
            clear=self._clear,
            read=self._read,
            tell=self._store.report,
            elsewhere=self._say("telegram_polled_elsewhere", Language.VI),
            clock=self._clock,
        )
        async with asyncio.TaskGroup() as group:
            # Beside the updates, which must not wait for it.
            group.create_task(self._introduce())
            if self._account.mode is Mode.POLLING:
                await polling.run(receive)
            else:
                await polling.until_done(self._set_webhook)
                await polling.is_well()

    async def retire(self) -> None:
        """Leave no webhook behind, which would post to nobody. What waits there is kept."""
        if self._account.mode is Mode.WEBHOOK:
            try:
                await self._clear()
            except SendError as error:
                log.warning(
                    "telegram.webhook_left",
                    extra={"channel_id": self.id, "error": type(error).__name__},
                )

    async def close(self) -> None:
        """Do nothing: the session is closed by its owner."""

    def _read(self, raw: bytes) -> tuple[Sequence[Incoming], int | None]:
        events, offset = read_batch(raw, self.id, self._myself)
        return self._noted(events), offset

    def _noted(self, events: Sequence[Incoming]) -> Sequence[Incoming]:
        for event in events:
            if event.tap_id is not None:
                self._taps.seen(event.tap_id)
        return events

    async def _introduce(self) -> None:
        pause_s = FIRST_PAUSE_S
        # Without the name there are no links, and who calls the bot in a group is not heard.
        while not await self._is_named(pause_s):
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        await Introduction(self.id, calls=self._calls, say=self._say).give()

    async def _is_named(self, pause_s: float) -> bool:
        """Ask what the bot is called, and wait a while if that cannot be told."""
        try:
            me = await self._calls.done(self._calls.bot.get_me())
            username = me.username or ""
            self._myself = Myself(id=me.id, username=username)
            if username != self._account.username:
                await self._store.learned(USERNAME, username)
        except (SendError, StorageTrouble) as error:
            log.warning(
                "telegram.name_unknown",
                extra={"channel_id": self.id, "error": type(error).__name__},
            )
            is_broken = isinstance(error, ChannelBroken)
            wanted_s = error.after_s if isinstance(error, SendError) else None
            await self._clock.sleep(BROKEN_PAUSE_S if is_broken else max(pause_s, wanted_s or 0.0))
            return False
        return True

    async def _set_webhook(self) -> None:
        try:
            await self._calls.done(
                self._calls.bot.set_webhook(
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
        await self._calls.done(self._calls.bot.delete_webhook())
