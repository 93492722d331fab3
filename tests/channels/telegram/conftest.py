"""A stub and what connects an adapter to it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.channels.telegram.account import Surroundings
from bot.channels.telegram.adapter import TelegramChannel
from tests.channels.rigs_telegram import PERSON, account_on
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials, PlatformTime, say_key
from tests.channels.stubs.telegram_stub import TelegramStub


@pytest.fixture
async def stub() -> AsyncIterator[TelegramStub]:
    async with TelegramStub() as running:
        running.person(PERSON, name="Người Thử")
        yield running
        assert list(running.broken_rules) == []
        assert running.faults.is_empty


@pytest.fixture
def attachments() -> MemoryAttachments:
    return MemoryAttachments()


@pytest.fixture
def credentials() -> MemoryCredentials:
    return MemoryCredentials({})


@pytest.fixture
async def surroundings(
    stub: TelegramStub, attachments: MemoryAttachments, credentials: MemoryCredentials
) -> AsyncIterator[Surroundings]:
    async with aiohttp.ClientSession() as session:
        yield Surroundings(
            session=session,
            store=credentials,
            clock=PlatformTime(stub.clock),
            say=say_key,
            attachments=attachments,
        )


@pytest.fixture
def channel(stub: TelegramStub, surroundings: Surroundings) -> TelegramChannel:
    return TelegramChannel(account_on(stub), surroundings)
