"""Stubs with somebody in them, and an ear for webhooks, for the tests of the stubs alone."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_line import GROUP, USER
from tests.channels.stubs.telegram_line import Line as TelegramLine
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_line import Line as ZaloLine
from tests.channels.stubs.zalo_stub import ZaloStub


@pytest.fixture
async def ear() -> AsyncIterator[WebhookEar]:
    async with WebhookEar() as listening:
        yield listening


@pytest.fixture
async def telegram_line() -> AsyncIterator[TelegramLine]:
    stub = TelegramStub(clock=StubClock(frozen=True))
    async with stub, aiohttp.ClientSession(stub.url) as client:
        stub.person(USER)
        stub.person(GROUP)
        yield TelegramLine(stub=stub, client=client)


@pytest.fixture
async def zalo_line() -> AsyncIterator[ZaloLine]:
    stub = ZaloStub(clock=StubClock(frozen=True))
    async with stub, aiohttp.ClientSession(stub.url) as client:
        person = stub.person()
        person.last_interaction_at = stub.clock.now()
        yield ZaloLine(stub=stub, client=client, person=person)
