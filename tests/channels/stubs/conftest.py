"""Stubs with somebody in them, and an ear for webhooks, for the tests of the stubs alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

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
    # A morning in the middle of a month: no night and no new month unless a test wants one.
    morning = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
    stub = ZaloStub(clock=StubClock(started_at=morning, frozen=True))
    async with stub, aiohttp.ClientSession(stub.url) as client:
        person = stub.person()
        person.last_interaction_at = stub.clock.now()
        yield ZaloLine(stub=stub, client=client, person=person)
