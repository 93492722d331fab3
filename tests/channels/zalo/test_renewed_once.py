"""Twenty sends at the moment of expiry, from one process or from several: exactly one renewal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.channels.zalo.adapter import Surroundings, ZaloChannel
from bot.channels.zalo.calls import CALL_LIMIT_S
from bot.channels.zalo.pairs import ACCESS_TOKEN
from bot.channels.zalo.renewal import ASK_AGAIN_AFTER_S
from bot.clock import RealChance, RealClock
from bot.core.channels import ChannelKind
from bot.core.ids import ChannelId
from bot.core.messages import Address, Outgoing
from bot.services.channels.credentials import RENEWAL_LEASE, StoredCredentials
from bot.storage.store import open_store
from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.channels.rigs_zalo import account_on, pair_of
from tests.channels.stand_ins import MemoryAttachments, say_key
from tests.channels.stubs.zalo_stub import EchoTiming, ZaloStub

SENDS = 20


@asynccontextmanager
async def _processes(
    town: Town, url: str, stub: ZaloStub, count: int
) -> AsyncIterator[list[ZaloChannel]]:
    """Open the same account as `count` processes would: a connection to the database each."""
    account = await town.channels.add(
        kind=ChannelKind.ZALO,
        unit_id=town.commune.id,
        name="thử",
        settings={"oa_id": stub.oa.oa_id},
        credentials=pair_of(stub),
        by="test",
    )
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        channels = []
        for number in range(count):
            store = StoredCredentials(
                account.id,
                storage=await stack.enter_async_context(open_store(url)),
                envelopes=town.envelopes,
                clock=RealClock(),
                chance=RealChance(),
                owner=f"p{number}",
                report=_unheard,
            )
            channels.append(_channel(account.id, stub, session, store))
        yield channels
        for channel in channels:
            await channel.close()


async def _unheard(channel_id: ChannelId, trouble: str) -> None:
    assert trouble == ""


def _channel(
    channel_id: ChannelId,
    stub: ZaloStub,
    session: aiohttp.ClientSession,
    store: StoredCredentials,
) -> ZaloChannel:
    return ZaloChannel(
        replace(account_on(stub), id=channel_id),
        Surroundings(
            session=session,
            store=store,
            clock=RealClock(),
            chance=RealChance(),
            say=say_key,
            attachments=MemoryAttachments(),
        ),
    )


@pytest.mark.parametrize("processes", [1, 2, 4])
async def test_twenty_sends_at_the_moment_of_expiry_are_one_renewal(
    tmp_path: Path, database_url: str, processes: int
) -> None:
    async with ZaloStub() as stub, open_town(tmp_path, url=database_url) as town:
        stub.echo = EchoTiming.NEVER
        async with _processes(town, database_url, stub, processes) as channels:
            people = [stub.person() for _ in range(SENDS)]
            # Expired at Zalo while our own record says otherwise: all learn of it at once.
            stub.clock.advance(26 * 3600)
            for person in people:
                person.last_interaction_at = stub.clock.now()

            async with asyncio.TaskGroup() as group:
                for number, person in enumerate(people):
                    to = Address(channel_id=channels[0].id, chat=person.user_id)
                    channel = channels[number % processes]
                    group.create_task(channel.send(to, Outgoing(text="Cắt điện sáng mai")))

            assert stub.oauth.refreshes == 1
            assert len(stub.sent) == SENDS
            assert stub.broken_rules == []
            kept = await town.channels.secrets(channels[0].id)
            assert kept[ACCESS_TOKEN] == stub.tokens.access_token


def test_the_lock_outlives_the_slowest_renewal_and_a_difference_of_clocks() -> None:
    slowest_s = 2 * CALL_LIMIT_S + ASK_AGAIN_AFTER_S
    assert RENEWAL_LEASE.total_seconds() >= slowest_s + 60
