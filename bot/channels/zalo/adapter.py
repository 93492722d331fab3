"""One Official Account behind the port of all channels.

What comes in is read at the `doorstep`; what goes out is shaped in
`rendering`, codes are named in `errors`, the token pair is kept in `tokens`. Pace and repeats are
left to delivery.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

import aiohttp
import msgspec

from bot.channels.zalo.account import Say, ZaloAccount
from bot.channels.zalo.calls import CALL_LIMIT_S, Answer, ZaloCalls
from bot.channels.zalo.checking import Checkup
from bot.channels.zalo.doorstep import Doorstep
from bot.channels.zalo.errors import (
    BUTTON_CODES,
    TOKEN_CODES,
    error_of,
    until_next_minute_s,
)
from bot.channels.zalo.pairs import ACCESS_TOKEN
from bot.channels.zalo.rendering import BUTTONS_LIMIT, TEXT_LIMIT, Body, render
from bot.channels.zalo.tokens import TokenKeeper
from bot.core.channels import (
    AttachmentStore,
    Capabilities,
    ChannelKind,
    Credentials,
    CredentialStore,
    Finding,
    GroupDesk,
    Pace,
    Receive,
    WebhookRequest,
)
from bot.core.errors import MediaRefused
from bot.core.ids import ChannelId
from bot.core.messages import Address, Incoming, Media, Outgoing
from bot.core.sending import MessageRefused, SendError, SlowedDown
from bot.core.time import Chance, Clock
from bot.core.windows import WindowRule

log: Final = logging.getLogger(__name__)
T = TypeVar("T")

# Often enough that a token never gets under its three hours unseen.
LOOK_AT_TOKENS_S: Final = 1800.0
_JITTER_MS: Final = 3000
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


class _Sent(msgspec.Struct):
    message_id: str | int = ""


class ZaloChannel:
    """One Official Account, ready to use."""

    kind: Final = ChannelKind.ZALO
    # The platform's own test of a webhook wants 200 even for what it signs badly.
    refusal_status: Final = 200

    def __init__(self, account: ZaloAccount, surroundings: Surroundings) -> None:
        self._account = account
        self._clock = surroundings.clock
        self._chance = surroundings.chance
        self._say = surroundings.say
        self._calls = ZaloCalls(surroundings.session, limit_s=surroundings.call_limit_s)
        self._tokens = TokenKeeper(
            account,
            store=surroundings.store,
            calls=self._calls,
            clock=surroundings.clock,
            say=surroundings.say,
        )
        self._checkup = Checkup(
            account, call=lambda path: self._api("GET", path), tokens=self._tokens, say=self._say
        )
        self._doorstep = Doorstep(account, surroundings.clock)
        self._held_until_s: float | None = None

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
        """Return what an Official Account offers."""
        return Capabilities(
            text_limit=TEXT_LIMIT,
            buttons=BUTTONS_LIMIT,
            pictures=True,
            groups=True,
            pace=Pace(per_s=self._account.per_s),
            windows=WINDOWS,
            echoes=True,
        )

    def parse(self, request: WebhookRequest) -> Sequence[Incoming]:
        """Return what the event says.

        Raise `NotForMe` for another account of the app, `BadSignature` for a wrong or stale
        signature, `BadBody` for what is no event.
        """
        return self._doorstep.read(request)

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        """Deliver `message`; return Zalo's ids of its parts, or raise a `SendError`."""
        rendered = render(message, is_group=to.is_group)
        if not rendered.bodies:
            raise MessageRefused("empty text")
        ids, answer = await self._send_all(to, rendered.bodies)
        if answer.code in BUTTON_CODES and rendered.fallback:
            # Not every account may use buttons; the same choices go out as numbered lines.
            ids, answer = await self._send_all(to, rendered.fallback)
        if answer.code != 0:
            raise self._error_of(answer, is_group=to.is_group)
        return ids

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:
        """Return the texts of every body `message` may be sent as."""
        rendered = render(message, is_group=to.is_group)
        return [str(body["text"]) for body in (*rendered.bodies, *rendered.fallback)]

    async def fetch(self, media: Media) -> bytes:
        """Raise `MediaRefused`: nothing is fetched yet."""
        raise MediaRefused("not fetched")

    @property
    def groups(self) -> GroupDesk | None:
        """Return what can be done about groups."""
        return None

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

    async def close(self) -> None:
        """Wait for a renewal under way; the session is closed by its owner."""
        await self._tokens.close()

    async def _send_all(
        self, to: Address, bodies: Sequence[Body]
    ) -> tuple[tuple[str, ...], Answer]:
        """Send one body after another; return Zalo's ids, and the first refusal or last answer."""
        path = "/v3.0/oa/group/message" if to.is_group else "/v3.0/oa/message/cs"
        recipient = {"group_id" if to.is_group else "user_id": to.chat}
        ids: list[str] = []
        answer = Answer(code=0)
        for body in bodies:
            raw = msgspec.json.encode({"recipient": recipient, "message": body})
            answer = await self._api("POST", path, raw)
            if answer.code != 0:
                break
            ids.append(_message_id(answer.data))
        return tuple(ids), answer

    async def _api(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Call the API with a token that works, renewing it once if need be."""
        self._check_hold()
        url = self._account.api_url.rstrip("/") + path
        credentials = await self._tokens.current()
        answer = await self._call(method, url, credentials, body)
        if answer.code in TOKEN_CODES:
            credentials = await self._tokens.after_refusal(credentials)
            answer = await self._call(method, url, credentials, body)
        if answer.code in TOKEN_CODES:
            raise await self._tokens.refused_again(credentials)
        return answer

    async def _call(
        self, method: str, url: str, credentials: Credentials, body: bytes | None
    ) -> Answer:
        token = credentials.values.get(ACCESS_TOKEN, "").strip()
        answer = await self._calls.api(method, url, headers=self._headers(token), body=body)
        if answer.remaining_calls == 0:
            pause_s = until_next_minute_s(self._clock.now())
            self._held_until_s = self._clock.monotonic() + pause_s
        return answer

    def _headers(self, token: str) -> Mapping[str, str]:
        proof = hmac.digest(self._account.app_secret.encode(), token.encode(), hashlib.sha256)
        return {"access_token": token, "appsecret_proof": proof.hex()}

    def _check_hold(self) -> None:
        if self._held_until_s is None:
            return
        left_s = self._held_until_s - self._clock.monotonic()
        if left_s > 0:
            raise SlowedDown(left_s, text="X-RateLimit-Remain 0")
        self._held_until_s = None

    def _error_of(self, answer: Answer, *, is_group: bool) -> SendError:
        return error_of(
            answer,
            is_group=is_group,
            now=self._clock.now(),
            jitter_s=self._chance.below(_JITTER_MS) / 1000,
            say=self._say,
        )


def _message_id(data: bytes) -> str:
    return str(_decoded(data, _Sent).message_id)


def _decoded(data: bytes, kind: type[T]) -> T:
    """Return what can be read of `data`; all its fields may be missing."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return kind()
