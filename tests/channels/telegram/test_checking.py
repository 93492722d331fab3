"""What a check tells of the way updates come in."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from bot.channels.telegram.account import Mode, Surroundings, TelegramAccount
from bot.channels.telegram.adapter import TelegramChannel
from tests.channels.rigs_telegram import CHANNEL_ID, account_on
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials, PlatformTime, say_key
from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.telegram_webhook import WebhookTarget

PUBLIC_URL = "https://xa.example.invalid"
ME = {"id": 123456, "is_bot": True, "first_name": "Bot Thử", "username": "thu_nghiem_bot"}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def test_somebody_who_sets_a_webhook_while_we_poll_is_told(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    stub.webhook.point_at(WebhookTarget(url="https://example.invalid/hook"))

    findings = await TelegramChannel(account_on(stub), surroundings).check()

    assert [finding.what for finding in findings if not finding.is_well] == [
        "telegram_webhook_in_the_way"
    ]
    assert findings[-1].fix == "telegram_webhook_in_the_way_fix"


@pytest.mark.parametrize(
    ("ago_s", "waiting", "is_well"),
    [(60, 0, False), (7200, 0, True), (7200, 3, False)],
    ids=["a minute ago", "hours ago", "hours ago and still waiting"],
)
async def test_a_failure_of_long_ago_is_no_finding(
    session: aiohttp.ClientSession, *, ago_s: int, waiting: int, is_well: bool
) -> None:
    """Telegram tells of the last failure for ever, however well it went since."""
    clock = StubClock()
    account = TelegramAccount(
        id=CHANNEL_ID, token="123456:invented", mode=Mode.WEBHOOK, public_url=PUBLIC_URL
    )
    info = {
        "url": account.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": waiting,
        "last_error_date": int(clock.now().timestamp()) - ago_s,
        "last_error_message": "Wrong response from the webhook: 502 Bad Gateway",
    }

    async def answer(request: web.Request) -> web.Response:
        is_me = request.path.endswith("getMe")
        return web.json_response({"ok": True, "result": ME if is_me else info})

    server = LoopbackServer(answer)
    await server.start()
    try:
        channel = TelegramChannel(
            replace(account, api_url=server.url),
            Surroundings(
                session=session,
                store=MemoryCredentials({}),
                clock=PlatformTime(clock),
                say=say_key,
                attachments=MemoryAttachments(),
            ),
        )
        findings = await channel.check()
    finally:
        await server.stop()

    assert [finding.is_well for finding in findings] == [True, is_well]
