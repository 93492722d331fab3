"""Telegram in the contract of all channels."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.channels.telegram.account import Mode, Surroundings, TelegramAccount
from bot.channels.telegram.adapter import SECRET_HEADER, TelegramChannel
from bot.channels.telegram.addressing import Myself
from bot.core.channels import WebhookRequest
from bot.core.ids import ChannelId
from bot.core.messages import Address, Incoming
from bot.core.sending import (
    ChannelBroken,
    MessageRefused,
    NoAnswer,
    PersonUnreachable,
    PlatformTrouble,
    Reason,
    SendError,
    SlowedDown,
)
from tests.channels.rigs import FailureCase, PlatformRig, Shown
from tests.channels.stand_ins import (
    Doorstep,
    MemoryAttachments,
    MemoryCredentials,
    PlatformTime,
    say_key,
)
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_stub import TelegramStub

PERSON = 5_100_200_301
SECRET = "secret-of-the-webhook_1"
PAYLOADS = Path(__file__).parent / "telegram" / "payloads"
CHANNEL_ID = ChannelId("tg1")
SHORT_LIMIT_S = 0.3
MYSELF = Myself(id=123456, username="thu_nghiem_bot")


def account_on(
    stub: TelegramStub, *, mode: Mode = Mode.POLLING, public_url: str = ""
) -> TelegramAccount:
    return TelegramAccount(
        id=CHANNEL_ID,
        token=stub.token,
        secret_token=SECRET,
        mode=mode,
        api_url=stub.url,
        public_url=public_url,
    )


class TelegramRig:
    """A bot in webhook mode on the stub."""

    def __init__(
        self,
        channel: TelegramChannel,
        stub: TelegramStub,
        doorstep: Doorstep,
        attachments: MemoryAttachments,
    ) -> None:
        self.channel = channel
        self.attachments = attachments
        self.stub = stub
        self._doorstep = doorstep
        self.address = Address(channel_id=CHANNEL_ID, chat=str(PERSON))
        self.secrets = (stub.token, stub.token.partition(":")[2], SECRET)
        # The other notice of a move is the same event under the same id, on purpose.
        twice = PAYLOADS / "moved_to_the_new_group.json"
        self.payloads = [
            path.read_bytes() for path in sorted(PAYLOADS.glob("*.json")) if path != twice
        ]

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
        await self.stub.user_says(PERSON, text)
        return await self._doorstep.next()

    def signed(self, body: bytes) -> WebhookRequest:
        return WebhookRequest(headers={SECRET_HEADER: SECRET}, body=body)

    def forgeries(self, request: WebhookRequest) -> Sequence[WebhookRequest]:
        return [
            WebhookRequest(headers={SECRET_HEADER: given}, body=request.body)
            for given in ("", "x", SECRET[:-1], SECRET + "1", SECRET.upper(), "báo\udcff")
        ] + [WebhookRequest(headers={}, body=request.body)]

    async def vanish(self) -> None:
        await self.stub.go_down()

    def complaints(self) -> Sequence[object]:
        left = [] if self.stub.faults.is_empty else ["a scripted trouble did not happen"]
        return [*self.stub.broken_rules, *left]


@asynccontextmanager
async def open_telegram() -> AsyncIterator[PlatformRig]:
    async with TelegramStub() as stub, Doorstep() as doorstep, aiohttp.ClientSession() as session:
        attachments = MemoryAttachments()
        surroundings = Surroundings(
            session=session,
            store=MemoryCredentials({}),
            clock=PlatformTime(stub.clock),
            say=say_key,
            attachments=attachments,
            call_limit_s=SHORT_LIMIT_S,
        )
        account = account_on(stub, mode=Mode.WEBHOOK, public_url=doorstep.url)
        channel = TelegramChannel(account, surroundings)
        await channel.run(_nobody)
        stub.person(PERSON, name="Người Thử")
        yield TelegramRig(channel, stub, doorstep, attachments)
        await channel.close()


async def _nobody(arrived: Sequence[Incoming]) -> None:
    raise AssertionError("a webhook is set, nothing is fetched")


def _refused(
    code: int, text: str, raises: type[SendError], reason: Reason = Reason.REFUSED
) -> FailureCase:
    return FailureCase(
        id=f"{code} {text or 'without a text'}",
        happens=lambda stub: stub.fail_next(FaultKind.REFUSED, code=code, text=text),
        raises=raises,
        reason=reason,
    )


def _fault(kind: FaultKind, raises: type[SendError], reason: Reason) -> FailureCase:
    return FailureCase(
        id=kind.value, happens=lambda stub: stub.fail_next(kind), raises=raises, reason=reason
    )


FAILURES = [
    _fault(FaultKind.ERROR_500, PlatformTrouble, Reason.PLATFORM_ERROR),
    _fault(FaultKind.HTML_502, PlatformTrouble, Reason.PLATFORM_ERROR),
    _fault(FaultKind.RUBBISH, NoAnswer, Reason.NO_ANSWER),
    _fault(FaultKind.CLOSE_BEFORE, NoAnswer, Reason.NO_ANSWER),
    _fault(FaultKind.CLOSE_AFTER, NoAnswer, Reason.NO_ANSWER),
    _fault(FaultKind.HANG, NoAnswer, Reason.NO_ANSWER),
    FailureCase(
        id="429",
        happens=lambda stub: stub.fail_next(FaultKind.REFUSED, code=429, retry_after_s=7),
        raises=SlowedDown,
        reason=Reason.SLOWED_DOWN,
    ),
    _refused(401, "Unauthorized", ChannelBroken, Reason.PLATFORM_ERROR),
    _refused(404, "Not Found", ChannelBroken, Reason.PLATFORM_ERROR),
    _refused(409, "Conflict: scripted", PlatformTrouble, Reason.PLATFORM_ERROR),
    _refused(503, "Service Unavailable", PlatformTrouble, Reason.PLATFORM_ERROR),
    _refused(504, "Gateway Timeout", NoAnswer, Reason.NO_ANSWER),
    _refused(400, "Bad Request: chat not found", PersonUnreachable, Reason.NOT_FOUND),
    _refused(400, "Bad Request: user not found", PersonUnreachable, Reason.NOT_FOUND),
    _refused(400, "Bad Request: PEER_ID_INVALID", PersonUnreachable, Reason.NOT_FOUND),
    _refused(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        PersonUnreachable,
        Reason.NOT_FOUND,
    ),
    _refused(
        400, "Bad Request: group chat was deactivated", PersonUnreachable, Reason.DEACTIVATED
    ),
    _refused(403, "Forbidden: bot was blocked by the user", PersonUnreachable, Reason.BLOCKED),
    _refused(403, "Forbidden: user is deactivated", PersonUnreachable, Reason.DEACTIVATED),
    _refused(
        403,
        "Forbidden: bot can't initiate conversation with a user",
        PersonUnreachable,
        Reason.NOT_FOUND,
    ),
    _refused(403, "Forbidden: bot was kicked from the group chat", PersonUnreachable, Reason.LEFT),
    _refused(
        403,
        "Forbidden: bot is not a member of the supergroup chat",
        PersonUnreachable,
        Reason.LEFT,
    ),
    _refused(403, "Forbidden: the group chat was deleted", PersonUnreachable, Reason.DEACTIVATED),
    _refused(403, "Forbidden: something new", MessageRefused),
    _refused(400, "Bad Request: message is too long", MessageRefused),
    _refused(400, "Bad Request: message text is empty", MessageRefused),
    _refused(413, "Request Entity Too Large", MessageRefused),
]
