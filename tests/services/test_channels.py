"""Accounts: renewed once, removed for good, and none stops the others."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.channels import (
    AccountState,
    ChannelAccount,
    ChannelKind,
    Credentials,
    CredentialStore,
)
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ChannelId
from bot.core.storage import Storage
from bot.services.audit import Audit
from bot.services.channels.channels import Channels, Opener
from bot.services.channels.credentials import RENEWAL_LEASE, StoredCredentials
from tests.builders.town import Town
from tests.fakes import FakeChannel

ZALO = ChannelId("zalo")


def store(town: Town, *, owner: str = "one", storage: Storage | None = None) -> StoredCredentials:
    return StoredCredentials(
        ZALO,
        storage=storage or town.storage,
        envelopes=town.envelopes,
        clock=town.clock,
        chance=town.chance,
        owner=owner,
        report=_unheard,
    )


async def _unheard(channel_id: ChannelId, trouble: str) -> None:
    raise AssertionError("there is nothing to report")


class Platform:
    """Gives a new token for every renewal, slowly."""

    def __init__(self) -> None:
        self.asked = 0

    async def renew(self, held: Credentials) -> Mapping[str, str]:
        self.asked += 1
        number = self.asked
        for _ in range(5):
            await asyncio.sleep(0)
        return {"token": f"renewed {number}"}


async def test_twenty_renewals_at_once_are_one(town: Town) -> None:
    platform, stores = Platform(), [store(town, owner=f"p{number}") for number in range(4)]
    seen = await stores[0].load()
    # The very same callable for all: the lock must not take them for one owner.
    renewal = platform.renew
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(stores[n % 4].renew(seen, renewal)) for n in range(20)]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            town.clock.advance(0.05)
    assert platform.asked == 1
    assert {task.result().values["token"] for task in tasks} == {"renewed 1"}
    assert (await stores[0].load()).version == seen.version + 1


async def test_a_renewal_that_fails_leaves_the_old_pair_and_the_lock_free(town: Town) -> None:
    async def fail(held: Credentials) -> Mapping[str, str]:
        raise ConnectionError("invented")

    credentials = store(town)
    seen = await credentials.load()
    with pytest.raises(ConnectionError):
        await credentials.renew(seen, fail)
    assert await credentials.load() == seen
    assert (await credentials.renew(seen, Platform().renew)).values == {"token": "renewed 1"}


async def test_the_lock_of_a_process_that_died_is_freed_by_time(town: Town) -> None:
    async with town.storage.begin() as work:
        now = town.clock.now()
        assert await work.claims.lease(
            f"renew:{ZALO}", owner="dead", now=now, until=now + RENEWAL_LEASE
        )
        await work.commit()
    credentials = store(town)
    seen = await credentials.load()
    renewed_at: list[datetime] = []

    async def renewal(held: Credentials) -> Mapping[str, str]:
        renewed_at.append(town.clock.now())
        return {}

    async with asyncio.TaskGroup() as group:
        task = group.create_task(credentials.renew(seen, renewal))
        while not task.done():
            await asyncio.sleep(0)
            town.clock.advance(1)
    assert renewed_at[0] >= now + RENEWAL_LEASE


def _channels(town: Town, opener: Opener) -> Channels:
    return Channels(
        storage=town.storage,
        envelopes=town.envelopes,
        audit=Audit(storage=town.storage, clock=town.clock),
        notices=town.notices,
        opener=opener,
        clock=town.clock,
        chance=town.chance,
        owner="two",
    )


async def _account(channels: Channels, channel_id: ChannelId) -> ChannelAccount:
    return next(one for one in await channels.accounts() if one.id == channel_id)


async def test_a_pair_an_officer_gave_during_a_renewal_is_kept(town: Town) -> None:
    credentials = store(town)
    seen = await credentials.load()

    async def renewal(held: Credentials) -> Mapping[str, str]:
        await town.channels.reconnect(
            ZALO, settings={}, credentials={"token": "by hand"}, by="test"
        )
        return {"token": "renewed"}

    assert (await credentials.renew(seen, renewal)).values == {"token": "by hand"}
    assert (await credentials.load()).values == {"token": "by hand"}


async def test_what_is_reported_of_credentials_marks_the_account(town: Town) -> None:
    seen: list[StoredCredentials] = []

    async def opener(account: ChannelAccount, credentials: CredentialStore) -> FakeChannel:
        assert isinstance(credentials, StoredCredentials)
        seen.append(credentials)
        return FakeChannel(account.id)

    channels = _channels(town, opener)
    account = await channels.add(
        kind=ChannelKind.ZALO,
        unit_id=town.commune.id,
        name="thử",
        settings={},
        credentials={},
        by="test",
    )
    await channels.refresh()
    credentials = next(one for one in seen if one.channel_id == account.id)
    await credentials.report("nối lại")
    assert (await _account(channels, account.id)).trouble == "nối lại"
    assert await channels.renewals.count_lost() == 1
    await channels.reconnect(account.id, settings={}, credentials={}, by="test")
    assert await channels.renewals.count_lost() == 0


async def test_what_is_changed_by_hand_during_a_renewal_is_kept_with_the_new_pair(
    town: Town,
) -> None:
    await town.channels.reconnect(
        ZALO, settings={"a": "1"}, credentials={"token": "old", "secret": "old"}, by="test"
    )
    credentials = store(town)

    async def renewal(held: Credentials) -> Mapping[str, str]:
        await town.channels.change(
            ZALO,
            name="tên mới",
            settings={"a": "", "b": "2"},
            secrets={"secret": "new"},
            by="test",
        )
        return {**held.values, "token": "renewed"}

    renewed = await credentials.renew(await credentials.load(), renewal)

    assert renewed.values == {"token": "renewed", "secret": "new"}
    account = await _account(town.channels, ZALO)
    assert (account.name, account.settings["b"], "a" in account.settings) == (
        "tên mới",
        "2",
        False,
    )


async def test_a_check_that_finds_all_well_mends_the_account(town: Town) -> None:
    await town.channels.mark(ZALO, trouble="nối lại")
    await town.channels.check(ZALO)
    assert (await _account(town.channels, ZALO)).state is AccountState.ACTIVE


async def test_whoever_comes_late_gets_the_new_pair_without_asking(town: Town) -> None:
    platform, credentials = Platform(), store(town)
    seen = await credentials.load()
    await credentials.renew(seen, platform.renew)
    assert (await credentials.renew(seen, platform.renew)).values == {"token": "renewed 1"}
    assert platform.asked == 1


async def test_secrets_stand_nowhere_in_the_clear(town: Town) -> None:
    await town.channels.add(
        kind=ChannelKind.TELEGRAM,
        unit_id=town.commune.id,
        name="thử",
        settings={},
        credentials={"token": "123456:invented-bot-token"},
        by="test",
    )
    assert b"invented-bot-token" not in town.on_disk()


async def test_accounts_added_and_removed_elsewhere_are_opened_and_closed(town: Town) -> None:
    account = await town.channels.add(
        kind=ChannelKind.TELEGRAM,
        unit_id=town.commune.id,
        name="thử",
        settings={},
        credentials={},
        by="test",
    )
    assert [channel.id for channel in await town.channels.refresh()] == [account.id]
    assert await town.channels.refresh() == []
    await town.channels.remove(account.id, by="test")
    await town.channels.refresh()
    assert town.open[account.id].is_closed
    with pytest.raises(NotFound):
        town.channels.facts(account.id)


async def test_a_removed_account_stays_removed_whatever_is_reported(town: Town) -> None:
    await town.channels.remove(ZALO, by="test")
    for trouble in ("broken", ""):
        await town.channels.mark(ZALO, trouble=trouble)
        assert ZALO not in {one.id for one in await town.channels.accounts()}


async def test_the_web_channel_cannot_be_removed(town: Town) -> None:
    with pytest.raises(RuleBroken):
        await town.channels.remove(ChannelId("web"), by="test")


async def test_trouble_is_noted_and_taken_back(town: Town) -> None:
    await town.channels.mark(ZALO, trouble="nối lại")
    (zalo,) = [one for one in await town.channels.accounts() if one.id == ZALO]
    assert (zalo.state, zalo.trouble) == (AccountState.BROKEN, "nối lại")
    await town.channels.mark(ZALO, trouble="")
    (zalo,) = [one for one in await town.channels.accounts() if one.id == ZALO]
    assert (zalo.state, zalo.trouble) == (AccountState.ACTIVE, "")


async def test_one_account_that_cannot_be_opened_does_not_stop_the_others(town: Town) -> None:
    async def opener(account: ChannelAccount, credentials: CredentialStore) -> FakeChannel:
        held = (await credentials.load()).values
        return FakeChannel(held["token"])

    channels = _channels(town, opener)
    async with town.storage.begin() as work:
        zalo = await work.channels.get(ZALO)
        sealed = town.envelopes.credentials(ZALO, {})
        await work.channels.save(replace(zalo, sealed_credentials=sealed))
        await work.commit()
    assert len(await channels.refresh()) == 2
    (broken,) = [one for one in await town.channels.accounts() if one.id == ZALO]
    assert broken.state is AccountState.BROKEN


async def test_two_looks_at_once_open_an_account_once(town: Town) -> None:
    await town.channels.close()
    one, two = await asyncio.gather(town.channels.refresh(), town.channels.refresh())
    assert len(one) + len(two) == 3


async def test_an_account_with_new_secrets_is_opened_anew_under_its_old_id(town: Town) -> None:
    await town.channels.refresh()
    before = town.channels.get(ZALO)
    town.clock.advance(1)
    await town.channels.reconnect(ZALO, settings={}, credentials={"token": "new"}, by="machine")
    await town.channels.refresh()
    assert town.channels.get(ZALO) is not before
    after = town.channels.get(ZALO)
    await town.channels.refresh()
    assert town.channels.get(ZALO) is after
