"""Several processes over one PostgreSQL: started once, renewed once, one account at set-up."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bot.core.channels import Credentials
from bot.core.ids import ChannelId
from bot.core.officers import Role
from bot.services.channels.credentials import StoredCredentials
from bot.services.officers.accounts import NewOfficer
from tests.builders.opening import open_town
from tests.builders.town import PASSWORD, Town

ZALO = ChannelId("zalo")


@pytest.fixture
async def town(tmp_path: Path, postgres_url: str) -> AsyncIterator[Town]:
    async with open_town(tmp_path, url=postgres_url) as opened:
        yield opened


async def test_clocks_that_strike_together_start_an_announcement_once(town: Town) -> None:
    for chat in "abc":
        await town.member("web", chat)
    announcement = await town.announced(due_at=town.clock.now())
    again = await asyncio.gather(*(town.announcements.start_due() for _ in range(8)))
    assert sum(again) <= 1
    assert await town.tally(announcement.id) == {"waiting": 3}


async def _unheard(channel_id: ChannelId, trouble: str) -> None:
    raise AssertionError("there is nothing to report")


async def test_an_account_marked_while_it_is_renewed_keeps_the_new_pair(town: Town) -> None:
    store = StoredCredentials(
        ZALO,
        storage=town.storage,
        envelopes=town.envelopes,
        clock=town.clock,
        chance=town.chance,
        owner="one",
        report=_unheard,
    )

    async def renewal(held: Credentials) -> Mapping[str, str]:
        return {"token": f"{held.version}"}

    for number in range(10):
        seen = await store.load()
        await asyncio.gather(
            store.renew(seen, renewal), town.channels.mark(ZALO, trouble=f"t{number}")
        )
        newest = await store.load()
        assert newest.values == {"token": f"{seen.version}"}
        assert newest.version == seen.version + 1


async def test_two_uses_of_the_link_at_once_make_one_account(town: Town) -> None:
    await town.founded()
    token = town.vault.setup.token
    officers = [
        NewOfficer(
            login=login,
            name="Người Bịa",
            password=PASSWORD,
            unit_id=town.commune.id,
            roles=frozenset({Role.ADMIN}),
        )
        for login in ("mot", "hai")
    ]
    await asyncio.gather(
        *(town.setting_up.finish(token, one) for one in officers), return_exceptions=True
    )
    assert len(await town.officers.all()) == 1


async def test_messages_are_handled_once_and_in_order_by_several(town: Town) -> None:
    talk = town.talk("telegram")
    await town.reception().receive([talk.incoming(f"/huy {number}") for number in range(6)])
    workers = [town.conversations(owner=f"w{number}") for number in range(3)]
    for _ in range(8):
        await asyncio.gather(*(worker.step() for worker in workers))
    assert len(await town.outbox()) == 6
