"""What is told apart between the library and the wire: answers of every odd shape."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.channels.telegram.account import Surroundings, TelegramAccount
from bot.channels.telegram.adapter import TelegramChannel
from bot.core.messages import Address, Outgoing
from bot.core.sending import (
    MessageRefused,
    NoAnswer,
    NoConnection,
    PlatformTrouble,
    SendError,
    SlowedDown,
)
from tests.channels.rigs_telegram import CHANNEL_ID
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials, PlatformTime, say_key
from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.stub_clock import StubClock

TO = Address(channel_id=CHANNEL_ID, chat="5100200301")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    id: str
    body: str
    raises: type[SendError]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float | None = None


ROWS = [
    Row(id="a list", body="[]", raises=NoAnswer),
    Row(id="no result", body='{"ok":true}', raises=NoAnswer),
    Row(id="a result that is no message", body='{"ok":true,"result":{}}', raises=NoAnswer),
    Row(id="a result of another kind", body='{"ok":true,"result":7}', raises=NoAnswer),
    Row(id="deep", body="[" * 100_000, raises=NoAnswer),
    Row(
        id="no, with a good status",
        body='{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":3}}',
        raises=SlowedDown,
        after_s=3,
    ),
    Row(id="no, without a code", body='{"ok":false}', raises=MessageRefused),
    Row(
        id="429 of a gateway",
        status=429,
        body="<html>",
        headers={"Retry-After": "9"},
        raises=SlowedDown,
        after_s=9,
    ),
    Row(id="429 without a time", status=429, body="", raises=SlowedDown, after_s=5),
    Row(
        id="429 with a date",
        status=429,
        body="",
        headers={"Retry-After": "Sun, 22 Nov 2026 12:00:00 GMT"},
        raises=SlowedDown,
        after_s=5,
    ),
    Row(id="a redirect", status=302, body="", raises=MessageRefused),
    Row(id="a 503 with rubbish", status=503, body='{"ok', raises=PlatformTrouble),
    Row(id="a 500 of odd types", status=500, body='{"description":1}', raises=PlatformTrouble),
]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def channel_at(url: str, session: aiohttp.ClientSession) -> TelegramChannel:
    account = TelegramAccount(id=CHANNEL_ID, token="123456:invented", api_url=url)
    return TelegramChannel(
        account,
        Surroundings(
            session=session,
            store=MemoryCredentials({}),
            clock=PlatformTime(StubClock()),
            say=say_key,
            attachments=MemoryAttachments(),
        ),
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_an_odd_answer_is_named_for_what_it_is(
    row: Row, session: aiohttp.ClientSession
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=row.status, text=row.body, headers=row.headers)

    server = LoopbackServer(answer)
    await server.start()
    try:
        with pytest.raises(SendError) as caught:
            await channel_at(server.url, session).send(TO, Outgoing(text="một"))
    finally:
        await server.stop()

    assert type(caught.value) is row.raises
    assert caught.value.after_s == row.after_s


@pytest.mark.parametrize("url", ["http://", "not an address", "http://a.invalid:99999"])
async def test_an_address_that_is_none_is_no_connection_and_hides_the_token(
    url: str, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(NoConnection) as caught:
        await channel_at(url, session).send(TO, Outgoing(text="một"))

    assert "invented" not in repr(caught.value) + repr(caught.value.__cause__)
