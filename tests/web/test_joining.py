"""The ways to us: links of each platform, and the neighbourhood's own group on its join page."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.joining import WaysIn, join_links
from bot.core.channels import ChannelKind
from bot.core.groups import Group, GroupState
from bot.core.ids import ChannelId, GroupId
from bot.core.units import Unit
from bot.web.doors import JoinLink
from tests.builders.town import Town
from tests.web.site import open_site

SITE = "https://binhyen.example"
ROOM = "https://zalo.me/g/bia"
TELEGRAM, ZALO, WEB = ChannelId("telegram"), ChannelId("zalo"), ChannelId("web")


async def settings(town: Town, channel_id: ChannelId, **values: str) -> None:
    async with town.storage.begin() as work:
        account = await work.channels.get(channel_id)
        await work.channels.save(replace(account, settings=values))
        await work.commit()


@pytest.fixture
async def ways(town: Town) -> WaysIn:
    await settings(town, TELEGRAM, username="bia_bot")
    await settings(town, ZALO, oa_id="9001")
    return WaysIn(channels=town.channels, public_url=SITE)


async def test_each_platform_has_its_way_into_the_private_chat(ways: WaysIn) -> None:
    assert await ways.into_chat(TELEGRAM, "togiac") == "https://t.me/bia_bot?start=togiac"
    assert await ways.into_chat(TELEGRAM, "") == "https://t.me/bia_bot"
    assert await ways.into_chat(ZALO, "togiac") == "https://zalo.me/9001"
    for channel_id in (WEB, ChannelId("gone")):
        assert await ways.into_chat(channel_id, "togiac") == f"{SITE}/tro-chuyen"


async def test_a_unit_is_joined_at_once_on_telegram_and_by_its_page_elsewhere(
    ways: WaysIn,
) -> None:
    assert await ways.into_unit(TELEGRAM, "ABC123") == "https://t.me/bia_bot?start=join_ABC123"
    assert await ways.into_unit(ZALO, "ABC123") == f"{SITE}/tham-gia/ABC123"


async def test_only_telegram_lets_a_bot_into_a_group_by_a_link(ways: WaysIn) -> None:
    link = await ways.into_group(TELEGRAM, "ABCD2345")
    assert link == "https://t.me/bia_bot?startgroup=lienket_ABCD2345"
    # Telegram takes at most 64 characters of A-Z a-z 0-9 _ - behind it.
    assert len(link.partition("=")[2]) <= 64
    assert await ways.into_group(ZALO, "ABCD2345") == ""


async def test_a_bot_whose_name_is_not_known_yet_has_the_pages_instead(town: Town) -> None:
    ways = WaysIn(channels=town.channels, public_url=SITE)
    assert await ways.into_chat(TELEGRAM, "togiac") == f"{SITE}/tro-chuyen"
    assert await ways.into_unit(TELEGRAM, "ABC123") == f"{SITE}/tham-gia/ABC123"
    assert await ways.into_group(TELEGRAM, "ABCD2345") == ""


async def test_a_units_open_group_stands_on_its_join_page(town: Town, ways: WaysIn) -> None:
    assert ways.tip_form == f"{SITE}/to-giac"
    rows = [
        ("open", GroupState.LINKED, town.hamlet.id, ROOM),
        ("lapsed", GroupState.LAPSED, town.hamlet.id, "https://zalo.me/g/1"),
        ("gone", GroupState.GONE, town.hamlet.id, "https://zalo.me/g/2"),
        ("no link", GroupState.LINKED, town.hamlet.id, ""),
        ("odd", GroupState.LINKED, town.hamlet.id, "javascript:alert(1)"),
        ("above", GroupState.LINKED, town.commune.id, "https://zalo.me/g/3"),
        ("nobody's", GroupState.SEEN, None, "https://zalo.me/g/4"),
    ]
    async with town.storage.begin() as work:
        for name, state, unit_id, invite_url in rows:
            await work.groups.save(
                Group(
                    id=GroupId(name),
                    channel_id=ZALO,
                    chat=name,
                    name=name,
                    state=state,
                    unit_id=unit_id,
                    invite_url=invite_url,
                    seen_at=town.clock.now(),
                )
            )
        await work.commit()
    links = await join_links(town.channels, town.groups, town.units)(town.hamlet, "ABC123")
    assert [link.url for link in links if link.is_group] == [ROOM]
    assert "THAMGIA ABC123" in {link.typed for link in links}


async def test_a_join_page_offers_the_accounts_of_its_unit_and_of_those_above(
    town: Town, ways: WaysIn
) -> None:
    await town.channels.add(
        kind=ChannelKind.TELEGRAM,
        unit_id=town.hamlet.id,
        name="tổ 1 (bịa)",
        settings={"username": "bia_to1_bot"},
        credentials={},
        by="test",
    )
    links = join_links(town.channels, town.groups, town.units)
    above = {"https://t.me/bia_bot?start=join_ABC123", "https://zalo.me/9001"}
    own = {"https://t.me/bia_to1_bot?start=join_ABC123"}
    assert {link.url for link in await links(town.hamlet, "ABC123")} == above | own
    assert {link.url for link in await links(town.elsewhere, "ABC123")} == above
    assert {link.url for link in await links(town.commune, "ABC123")} == above


async def test_the_join_page_names_a_group_for_what_it_is(tmp_path: Path) -> None:
    async def links(_unit: Unit, _code: str) -> Sequence[JoinLink]:
        return [JoinLink(kind=ChannelKind.ZALO, url=ROOM, is_group=True)]

    async with open_site(tmp_path, join_links=links) as site:
        code = (await site.neighbourhood()).join_code
        async with site.get(f"/tham-gia/{code}") as answer:
            text = await answer.text()
    assert f'href="{ROOM}"' in text
    assert "Vào nhóm Zalo của thôn, tổ" in text
