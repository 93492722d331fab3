"""Zalo in the contract of all channels."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import msgspec

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.adapter import Surroundings, ZaloChannel
from bot.channels.zalo.pairs import ACCESS_TOKEN, EXPIRES_AT
from bot.channels.zalo.signature import SIGNATURE_HEADER, signature
from bot.core.channels import WebhookRequest
from bot.core.ids import ChannelId
from bot.core.messages import Address, Incoming
from bot.core.sending import (
    ChannelBroken,
    MessageRefused,
    NoAnswer,
    NotNow,
    PersonUnreachable,
    PlatformTrouble,
    Reason,
    SendError,
    SlowedDown,
)
from bot.services.channels.credentials import REFRESH_TOKEN
from tests.channels.rigs import FailureCase, PlatformRig, Shown
from tests.channels.stand_ins import (
    Doorstep,
    MemoryAttachments,
    MemoryCredentials,
    NoChance,
    PlatformTime,
    say_key,
)
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_oauth import ACCESS_LIFE_S
from tests.channels.stubs.zalo_stub import EchoTiming, ZaloStub

CHANNEL_ID = ChannelId("za1")
PAYLOADS = Path(__file__).parent / "zalo" / "payloads"
# Long enough for a busy machine, short enough for the tests of silence.
SHORT_LIMIT_S = 1.0
MESSAGES = "/v3.0/oa/message/cs"

_TIMESTAMP = re.compile(rb'"timestamp"\s*:\s*"?([^",}\s]*)')


def account_on(stub: ZaloStub) -> ZaloAccount:
    return ZaloAccount(
        id=CHANNEL_ID,
        app_id=stub.app.app_id,
        oa_id=stub.oa.oa_id,
        app_secret=stub.app.app_secret,
        oa_secret=stub.app.webhook_secret,
        api_url=stub.url,
        oauth_url=stub.url,
    )


def pair_of(stub: ZaloStub) -> dict[str, str]:
    """Return the living pair as it is kept after a renewal."""
    expires_at = stub.clock.now() + timedelta(seconds=ACCESS_LIFE_S)
    return {
        ACCESS_TOKEN: stub.tokens.access_token,
        REFRESH_TOKEN: stub.tokens.refresh_token,
        EXPIRES_AT: expires_at.isoformat(),
    }


def signed_by(account: ZaloAccount, body: bytes) -> WebhookRequest:
    """Return `body` with the signature Zalo would give it, whatever stands in it."""
    found = _TIMESTAMP.search(body)
    timestamp = found[1].decode(errors="replace") if found else ""
    mac = signature(
        app_id=account.app_id, body=body, timestamp=timestamp, secret=account.signing_secret
    )
    return WebhookRequest(headers={SIGNATURE_HEADER: f"mac={mac}"}, body=body)


class ZaloRig:
    """An Official Account on the stub."""

    def __init__(
        self,
        *,
        channel: ZaloChannel,
        account: ZaloAccount,
        stub: ZaloStub,
        doorstep: Doorstep,
        surroundings: Surroundings,
    ) -> None:
        assert isinstance(surroundings.clock, PlatformTime)
        assert isinstance(surroundings.store, MemoryCredentials)
        assert isinstance(surroundings.attachments, MemoryAttachments)
        self.channel = channel
        self.account = account
        self.stub = stub
        self.store = surroundings.store
        self.attachments = surroundings.attachments
        self.time = surroundings.clock
        self.person = stub.person()
        self.person.last_interaction_at = stub.clock.now()
        self.address = Address(channel_id=CHANNEL_ID, chat=self.person.user_id)
        self.secrets = (
            stub.app.app_secret,
            stub.app.webhook_secret,
            stub.tokens.access_token,
            stub.tokens.refresh_token,
        )
        ids = {"APP_ID": account.app_id, "OA_ID": account.oa_id, "NOW": str(stub.clock.now_ms())}
        self.payloads = [filled(path, ids) for path in sorted(PAYLOADS.glob("*.json"))]
        self._doorstep = doorstep
        self._surroundings = surroundings

    def shown(self) -> Sequence[Shown]:
        return [
            Shown(
                text=sent.text,
                buttons=tuple(button.title for button in sent.buttons),
                has_file=sent.file is not None,
            )
            for sent in self.stub.sent
        ]

    async def person_writes(self, text: str) -> Incoming:
        (incoming,) = self.channel.parse(await self.posted(text))
        return incoming

    async def person_taps(self, button: str) -> Incoming:
        await self.stub.user_taps(self.stub.sent[-1], button)
        (incoming,) = self.channel.parse(await self._doorstep.next())
        return incoming

    async def posted(self, text: str) -> WebhookRequest:
        await self.stub.user_says(self.person, text)
        return await self._doorstep.next()

    async def next_post(self) -> WebhookRequest:
        """Return the oldest request of the platform that was not taken yet."""
        return await self._doorstep.next()

    def signed(self, body: bytes) -> WebhookRequest:
        return signed_by(self.account, body)

    def forgeries(self, request: WebhookRequest) -> Sequence[WebhookRequest]:
        given = request.headers[SIGNATURE_HEADER]
        others = ("", "mac=", given[:-1], given[::-1], given + "0", "mac=" + "0" * 64, "é\udcff")
        return [
            WebhookRequest(headers={}, body=request.body),
            WebhookRequest(headers=request.headers, body=request.body + b" "),
            WebhookRequest(headers=request.headers, body=request.body.strip()),
            *(WebhookRequest(headers={SIGNATURE_HEADER: o}, body=request.body) for o in others),
        ]

    @asynccontextmanager
    async def another(self) -> AsyncIterator[ZaloChannel]:
        """Open the same account as another process would."""
        channel = ZaloChannel(self.account, self._surroundings)
        yield channel
        await channel.close()

    async def vanish(self) -> None:
        await self.stub.go_down()

    def complaints(self) -> Sequence[object]:
        left = [] if self.stub.faults.is_empty else ["a scripted trouble did not happen"]
        return [*self.stub.broken_rules, *left]


def filled(path: Path, ids: dict[str, str]) -> bytes:
    """Return a payload with the stub's ids in its places."""
    text = path.read_text(encoding="utf-8")
    for name, value in ids.items():
        text = text.replace(f"<{name}>", value)
    assert msgspec.json.decode(text) is not None
    return text.encode()


@asynccontextmanager
async def open_zalo_rig() -> AsyncIterator[ZaloRig]:
    async with ZaloStub() as stub, Doorstep() as doorstep, aiohttp.ClientSession() as session:
        stub.webhook.url = doorstep.url
        stub.echo = EchoTiming.NEVER
        stub.oa.about["avatar"] = "https://s120-ava-talk.zadn.vn/invented.jpg"
        surroundings = Surroundings(
            session=session,
            store=MemoryCredentials(pair_of(stub)),
            clock=PlatformTime(stub.clock),
            chance=NoChance(),
            say=say_key,
            attachments=MemoryAttachments(stub.clock.now),
            call_limit_s=SHORT_LIMIT_S,
        )
        account = account_on(stub)
        channel = ZaloChannel(account, surroundings)
        yield ZaloRig(
            channel=channel,
            account=account,
            stub=stub,
            doorstep=doorstep,
            surroundings=surroundings,
        )
        await channel.close()


@asynccontextmanager
async def open_zalo() -> AsyncIterator[PlatformRig]:
    async with open_zalo_rig() as rig:
        yield rig


def _fault(kind: FaultKind, raises: type[SendError], reason: Reason) -> FailureCase:
    return FailureCase(
        id=kind.value,
        happens=lambda stub: stub.fail_next(kind, method=MESSAGES),
        raises=raises,
        reason=reason,
    )


def _code(code: int, raises: type[SendError], reason: Reason = Reason.REFUSED) -> FailureCase:
    return FailureCase(
        id=f"error {code}",
        happens=lambda stub: stub.fail_next(FaultKind.REFUSED, method=MESSAGES, code=code),
        raises=raises,
        reason=reason,
    )


FAILURES = [
    # Tried again once an echo had time to tell whether it went out after all.
    _fault(FaultKind.ERROR_500, PlatformTrouble, Reason.PLATFORM_ERROR),
    _fault(FaultKind.HTML_502, PlatformTrouble, Reason.PLATFORM_ERROR),
    _fault(FaultKind.RUBBISH, NoAnswer, Reason.NO_ANSWER),
    _fault(FaultKind.EMPTY, NoAnswer, Reason.NO_ANSWER),
    _fault(FaultKind.ENDLESS, NoAnswer, Reason.NO_ANSWER),
    _fault(FaultKind.CLOSE_BEFORE, NoAnswer, Reason.NO_ANSWER),
    _fault(FaultKind.CLOSE_AFTER, NoAnswer, Reason.NO_ANSWER),
    _fault(FaultKind.HANG, NoAnswer, Reason.NO_ANSWER),
    _code(-32, SlowedDown, Reason.SLOWED_DOWN),
    _code(-100, MessageRefused),
    _code(-200, PlatformTrouble, Reason.PLATFORM_ERROR),
    _code(-201, MessageRefused),
    _code(-204, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-205, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-209, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-210, MessageRefused),
    _code(-211, NotNow, Reason.NO_QUOTA),
    _code(-212, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-213, NotNow, Reason.NO_WINDOW),
    _code(-214, PlatformTrouble, Reason.PLATFORM_ERROR),
    _code(-217, PersonUnreachable, Reason.BLOCKED),
    _code(-218, NotNow, Reason.TOO_MANY),
    _code(-219, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-221, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-223, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-224, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-227, PersonUnreachable, Reason.DEACTIVATED),
    _code(-230, NotNow, Reason.NO_WINDOW),
    _code(-232, NotNow, Reason.NO_WINDOW),
    _code(-233, MessageRefused),
    _code(-234, SlowedDown, Reason.SLOWED_DOWN),
    _code(-235, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-237, MessageRefused),
    _code(-238, MessageRefused),
    _code(-240, MessageRefused),
    _code(-241, MessageRefused),
    _code(-242, ChannelBroken, Reason.PLATFORM_ERROR),
    _code(-244, NotNow, Reason.OPTED_OUT),
    _code(-248, MessageRefused),
    _code(-249, MessageRefused),
    _code(-320, NotNow, Reason.NO_QUOTA),
    _code(-321, NotNow, Reason.NO_QUOTA),
    _code(-403, PersonUnreachable, Reason.NOT_FOUND),
    _code(-1340, MessageRefused),
    _code(-1341, MessageRefused),
    _code(-1472, NotNow, Reason.TOO_MANY),
    _code(-7777, MessageRefused),
]
