"""One Official Account behind the port of all channels.

What comes in is read at the `doorstep`; what goes out is shaped in
`rendering`, codes are named in `errors`, the token pair is kept in `tokens`. Pace and repeats are
left to delivery.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import aiohttp

from bot.channels.zalo.account import API_URL, Say, ZaloAccount
from bot.channels.zalo.api import OaApi
from bot.channels.zalo.calls import CALL_LIMIT_S, Answer, ZaloCalls
from bot.channels.zalo.checking import Checkup
from bot.channels.zalo.doorstep import Doorstep
from bot.channels.zalo.errors import Refusals
from bot.channels.zalo.groups import ZaloGroups
from bot.channels.zalo.media import MediaFetcher, Place
from bot.channels.zalo.outbox import Outbox, form_in
from bot.channels.zalo.pace import CallPace
from bot.channels.zalo.rendering import BUTTONS_LIMIT, TEXT_LIMIT
from bot.channels.zalo.renewal import RenewalHere, Renews
from bot.channels.zalo.standing import Standing
from bot.channels.zalo.tokens import TokenKeeper
from bot.channels.zalo.uploads import Uploads
from bot.core.channels import (
    AttachmentStore,
    Capabilities,
    ChannelKind,
    CredentialStore,
    Finding,
    GroupDesk,
    Pace,
    Receive,
    WebhookRequest,
)
from bot.core.ids import ChannelId
from bot.core.messages import Address, Incoming, Media, Outgoing
from bot.core.sending import Reason, SendError
from bot.core.time import Chance, Clock
from bot.core.windows import WindowRule

log: Final = logging.getLogger(__name__)

# Often enough that a token never gets under its three hours unseen.
LOOK_AT_TOKENS_S: Final = 1800.0
# Consultation messages: free for 48 hours after somebody's last word, paid up to 7 days.
WINDOWS: Final = WindowRule(free_for=timedelta(hours=48), open_for=timedelta(days=7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an adapter needs from the program around it. `session` is closed by its owner."""

    session: aiohttp.ClientSession
    store: CredentialStore
    clock: Clock
    chance: Chance
    say: Say
    attachments: AttachmentStore
    call_limit_s: float = CALL_LIMIT_S
    # Renews in a process of its own; None: in this one.
    renews: Renews | None = None


class ZaloChannel:
    """One Official Account, ready to use."""

    kind: Final = ChannelKind.ZALO
    # The platform's own test of a webhook wants 200 even for what it signs badly.
    refusal_status: Final = 200

    def __init__(self, account: ZaloAccount, surroundings: Surroundings) -> None:
        self._account = account
        self._clock = surroundings.clock
        self._doorstep = Doorstep(account, surroundings.clock)
        self._pace = CallPace(per_s=account.per_s, clock=surroundings.clock)
        calls = ZaloCalls(surroundings.session, limit_s=surroundings.call_limit_s)
        self._tokens = TokenKeeper(
            account,
            store=surroundings.store,
            renews=surroundings.renews
            or RenewalHere(
                account, store=surroundings.store, calls=calls, clock=surroundings.clock
            ),
            clock=surroundings.clock,
            say=surroundings.say,
        )
        self._api = OaApi(account, calls=calls, tokens=self._tokens, pace=self._pace)
        self._refusals = Refusals(
            account.id, clock=surroundings.clock, chance=surroundings.chance, say=surroundings.say
        )
        self._standing = Standing(
            api=self._api, pace=self._pace, clock=surroundings.clock, say=surroundings.say
        )
        self._outbox = Outbox(
            api=self._api,
            uploads=Uploads(
                account.id,
                api=self._api,
                store=surroundings.attachments,
                clock=surroundings.clock,
                refusal=self._upload_refused,
            ),
            refusals=self._refusals,
            standing=self._standing,
            clock=surroundings.clock,
            form=form_in(surroundings.say),
        )
        self._checkup = Checkup(
            account,
            call=self._api.get,
            tokens=self._tokens,
            say=surroundings.say,
            more=self._standing.findings,
        )
        own = Place.of(account.api_url) if account.api_url != API_URL else None
        self._media = MediaFetcher(own=own, limit_s=surroundings.call_limit_s)
        self._groups = ZaloGroups(api=self._api, refusals=self._refusals, say=surroundings.say)
        self._capabilities = _capabilities(self._pace.per_s, None)

    @property
    def id(self) -> ChannelId:
        """Return which account this is."""
        return self._account.id

    @property
    def webhook_path(self) -> str | None:
        """Return the path Zalo posts to, shared by the accounts of one app."""
        return self._account.webhook_path

    @property
    def capabilities(self) -> Capabilities:
        """Return what an Official Account offers, at the pace and quota Zalo permits it now."""
        per_s, paid_left = self._pace.per_s, self._standing.paid_left
        known = self._capabilities
        if (known.pace.per_s, known.paid_left) != (per_s, paid_left):
            self._capabilities = _capabilities(per_s, paid_left)
        return self._capabilities

    def parse(self, request: WebhookRequest) -> Sequence[Incoming]:
        """Return what the event says.

        Raise `NotForMe` for another account of the app, `BadSignature` for a wrong or stale
        signature, `BadBody` for what is no event.
        """
        return self._doorstep.read(request)

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        """Deliver `message`; return Zalo's ids of its parts, or raise a `SendError`.

        Zalo can neither edit nor delete: what replaces another message goes out as a new one,
        and a recall without words is nothing to do.
        """
        return await self._outbox.send(to, message)

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:
        """Return the texts of every body `message` may be sent as."""
        return self._outbox.echoes(to, message)

    async def fetch(self, media: Media) -> bytes:
        """Return the bytes of something that came in. Raise `MediaRefused` or a `SendError`."""
        return await self._media.fetch(media.handle)

    @property
    def groups(self) -> GroupDesk | None:
        """Return what can be done about groups: Zalo's are made by the account itself."""
        return self._groups

    async def answer_tap(self, tap_id: str) -> None:
        """Do nothing: Zalo shows no waiting sign."""

    async def check(self) -> Sequence[Finding]:
        """Ask Zalo whose account this is and say how long the pair lasts."""
        return await self._checkup.findings(now=self._clock.now())

    async def run(self, receive: Receive) -> None:
        """Keep the token pair fresh while nobody sends, until cancelled."""
        del receive  # Zalo posts to the webhook; there is nothing to fetch.
        while True:
            try:
                await self._tokens.look()
            except SendError as error:
                log.warning(
                    "zalo.token_trouble",
                    extra={"channel_id": self.id, "error": type(error).__name__},
                )
            await self._clock.sleep(LOOK_AT_TOKENS_S)

    async def retire(self) -> None:
        """Do nothing: where Zalo posts to is set by hand, for all accounts of the app."""

    async def close(self) -> None:
        """Wait for a renewal under way; the session is closed by its owner."""
        await self._tokens.close()
        await self._media.close()

    def _upload_refused(self, answer: Answer) -> SendError:
        error = self._refusals.of_upload(answer)
        if error.reason is Reason.NO_QUOTA:
            self._standing.note_uploads_ended()
        return error


def _capabilities(per_s: float, paid_left: int | None) -> Capabilities:
    return Capabilities(
        text_limit=TEXT_LIMIT,
        buttons=BUTTONS_LIMIT,
        pictures=True,
        groups=True,
        pace=Pace(per_s=per_s),
        windows=WINDOWS,
        echoes=True,
        paid_left=paid_left,
    )
