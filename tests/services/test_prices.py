"""What a paid message costs: entered by officers, kept through everything else that changes."""

import pytest

from bot.core.channels import PRICE
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ChannelId
from bot.services.channels.channels import merged
from bot.services.channels.prices import PRICE_MOST
from tests.builders.town import Town

ZALO = ChannelId("zalo")


async def price(town: Town) -> str | None:
    return next(one for one in await town.channels.accounts() if one.id == ZALO).settings.get(
        PRICE
    )


async def test_a_price_is_entered_changed_and_taken_away(town: Town) -> None:
    for dong, kept in ((55, "55"), (0, "0"), (PRICE_MOST, str(PRICE_MOST)), (None, None)):
        await town.channels.prices.enter(ZALO, dong, by="test")
        assert await price(town) == kept
    (newest, *_) = await town.audit.newest()
    assert (newest.record.act, newest.record.subject) == ("channel.price", ZALO)


@pytest.mark.parametrize("dong", [-1, PRICE_MOST + 1])
async def test_what_is_no_price_is_refused(town: Town, dong: int) -> None:
    with pytest.raises(RuleBroken, match="price_wrong"):
        await town.channels.prices.enter(ZALO, dong, by="test")


async def test_a_price_outlives_new_secrets_and_settings(town: Town) -> None:
    await town.channels.prices.enter(ZALO, 55, by="test")
    account = next(one for one in await town.channels.accounts() if one.id == ZALO)
    settings = merged(account, {"app_id": "7"})
    await town.channels.reconnect(ZALO, settings=settings, credentials={}, by="test")
    assert await price(town) == "55"
    await town.channels.change(ZALO, name="x", settings={"a": "b"}, secrets={}, by="test")
    assert await price(town) == "55"


async def test_a_price_opens_no_channel_anew(town: Town) -> None:
    await town.channels.refresh()
    opened = town.channels.get(ZALO)
    await town.channels.prices.enter(ZALO, 55, by="test")
    assert await town.channels.refresh() == []
    assert town.channels.get(ZALO) is opened


async def test_an_account_out_of_use_has_no_price(town: Town) -> None:
    await town.channels.remove(ZALO, by="test")
    with pytest.raises(NotFound):
        await town.channels.prices.enter(ZALO, 55, by="test")
