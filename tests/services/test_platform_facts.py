"""What a platform tells of an account is kept with it, and who leaves a platform says so there."""

import pytest

from bot.core.channels import ChannelAccount, ChannelKind
from bot.core.errors import NotFound
from bot.core.ids import ChannelId
from bot.services.channels.credentials import StoredCredentials
from tests.builders.town import Town


async def account_of(town: Town) -> ChannelAccount:
    return await town.channels.add(
        kind=ChannelKind.TELEGRAM,
        unit_id=town.commune.id,
        name="thử",
        settings={"mode": "polling"},
        credentials={"token": "123456:invented"},
        by="test",
    )


def credentials(town: Town, channel_id: ChannelId) -> StoredCredentials:
    async def unheard(channel_id: ChannelId, trouble: str) -> None:
        raise AssertionError("there is nothing to report")

    return StoredCredentials(
        channel_id,
        storage=town.storage,
        envelopes=town.envelopes,
        clock=town.clock,
        chance=town.chance,
        owner="one",
        report=unheard,
    )


async def settings_of(town: Town, channel_id: ChannelId) -> dict[str, str]:
    (found,) = [one for one in await town.channels.accounts() if one.id == channel_id]
    return dict(found.settings)


async def test_a_user_name_is_kept_with_the_settings_and_the_channel_opened_with_it(
    town: Town,
) -> None:
    account = await account_of(town)
    await town.channels.refresh()
    store = credentials(town, account.id)

    await store.learned("username", "binh_yen_bot")

    assert await settings_of(town, account.id) == {**account.settings, "username": "binh_yen_bot"}
    assert [channel.id for channel in await town.channels.refresh()] == [account.id]
    await store.learned("username", "binh_yen_bot")
    assert await town.channels.refresh() == []
    assert (await store.load()).values == {"token": "123456:invented"}


async def test_a_removed_account_learns_nothing(town: Town) -> None:
    account = await account_of(town)
    await town.channels.remove(account.id, by="test")

    await credentials(town, account.id).learned("username", "binh_yen_bot")

    assert account.id not in {one.id for one in await town.channels.accounts()}


async def test_an_account_that_is_removed_is_told_to_its_platform(town: Town) -> None:
    account = await account_of(town)

    await town.channels.remove(account.id, by="test")

    assert town.open[account.id].is_retired
    assert town.open[account.id].is_closed


async def test_what_was_never_there_is_told_to_nobody(town: Town) -> None:
    account = await account_of(town)
    with pytest.raises(NotFound):
        await town.channels.remove(ChannelId("nobody"), by="test")

    assert account.id not in town.open
