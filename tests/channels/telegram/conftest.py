"""A stub and what connects an adapter to it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.channels.telegram.account import Surroundings
from tests.channels.rigs_telegram import PERSON
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials, PlatformTime, say_key
from tests.channels.stubs.telegram_stub import TelegramStub


@pytest.fixture
async def stub() -> AsyncIterator[TelegramStub]:
    async with TelegramStub() as running:
        running.person(PERSON, name="Người Thử")
        yield running
        assert list(running.broken_rules) == []


@pytest.fixture
async def surroundings(stub: TelegramStub) -> AsyncIterator[Surroundings]:
    async with aiohttp.ClientSession() as session:
        yield Surroundings(
            session=session,
            store=MemoryCredentials({}),
            clock=PlatformTime(stub.clock),
            say=say_key,
            attachments=MemoryAttachments(),
        )
