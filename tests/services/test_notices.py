"""Telling officers in their own chat what will not wait."""

import hashlib
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.core.channels import Finding
from bot.core.errors import NotFound
from bot.core.groups import GroupState
from bot.core.ids import ChannelId
from bot.core.messages import Address
from bot.core.officers import Officer, Role
from bot.core.units import Unit
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.reminders import AGAIN_AFTER
from bot.services.one_time_codes import CODE_LIFE
from tests.builders.opening import open_town
from tests.builders.town import PASSWORD, Town
from tests.storage import nouns

TELEGRAM = ChannelId("telegram")
ZALO = ChannelId("zalo")
HERE = Address(channel_id=TELEGRAM, chat="officer-chat")
TROUBLE = "Zalo không còn nhận kết nối."


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


async def officer(
    town: Town, login: str = "an", *, role: Role = Role.ADMIN, unit: Unit | None = None
) -> Officer:
    new = NewOfficer(
        login=login,
        name="Cán Bộ Bịa",
        password=PASSWORD,
        unit_id=(unit or town.commune).id,
        roles=frozenset({role}),
    )
    return await town.officers.add(new, by="test")


async def linked(town: Town, one: Officer, to: Address = HERE) -> None:
    code = await town.notices.make_code(one)
    async with town.storage.begin() as work:
        await town.notices.link(work, code, to)
        await work.commit()


async def told(town: Town) -> list[str]:
    return [message.text for message in await town.outbox()]


async def test_a_broken_channel_is_told_over_another_and_so_is_its_mending(town: Town) -> None:
    await linked(town, await officer(town))
    await town.channels.mark(ZALO, trouble=TROUBLE)
    (broken,) = await told(town)
    assert "zalo (bịa)" in broken
    assert "Xã Bịa" in broken
    assert TROUBLE in broken
    await town.channels.mark(ZALO, trouble="")
    (mended,) = await told(town)
    assert "zalo (bịa)" in mended


async def test_the_same_trouble_is_told_once_an_hour(town: Town) -> None:
    await linked(town, await officer(town))
    for _ in range(3):
        await town.channels.mark(ZALO, trouble=TROUBLE)
        await town.channels.mark(ZALO, trouble="")
    assert len(await told(town)) == 2
    town.clock.advance(timedelta(hours=1))
    await town.channels.mark(ZALO, trouble=TROUBLE)
    assert len(await told(town)) == 1


async def test_nothing_is_told_over_the_channel_that_is_broken(town: Town) -> None:
    await linked(town, await officer(town))
    await town.channels.mark(TELEGRAM, trouble=TROUBLE)
    assert await told(town) == []


@pytest.mark.parametrize(
    ("role", "is_above"),
    [
        pytest.param(Role.ANNOUNCER, True, id="another role"),
        pytest.param(Role.ADMIN, False, id="another unit"),
    ],
)
async def test_only_who_answers_for_the_channel_is_told(
    town: Town, role: Role, *, is_above: bool
) -> None:
    await linked(
        town, await officer(town, role=role, unit=town.commune if is_above else town.hamlet)
    )
    await town.channels.mark(ZALO, trouble=TROUBLE)
    assert await told(town) == []


async def test_a_code_links_once_and_only_for_half_an_hour(town: Town) -> None:
    one = await officer(town)
    old = await town.notices.make_code(one)
    late = await town.notices.make_code(one)
    assert not await town.notices.knows(old)
    assert await town.notices.knows(f" {late[:4].lower()}-{late[4:]} ")
    town.clock.advance(CODE_LIFE)
    assert not await town.notices.knows(late)
    for code in (old, late, "", "ZZZZZZZZ"):
        async with town.storage.begin() as work:
            await town.notices.link(work, code, HERE)
            await work.commit()
    assert await town.notices.chats_of(one) == []


async def test_a_code_cannot_be_found_by_trying_all_against_a_stolen_database(town: Town) -> None:
    code = await town.notices.make_code(await officer(town))
    assert hashlib.sha256(code.encode()).hexdigest().encode() not in town.on_disk()
    assert code.encode() not in town.on_disk()


async def test_the_same_chat_linked_again_is_told_once(town: Town) -> None:
    one = await officer(town)
    await linked(town, one)
    await linked(town, one)
    (chat,) = await town.notices.chats_of(one)
    await town.channels.mark(ZALO, trouble=TROUBLE)
    assert len(await told(town)) == 1
    assert HERE.chat.encode() not in town.on_disk()
    await town.notices.unlink(chat.id, by=one)
    assert await town.notices.chats_of(one) == []


async def test_nobody_unlinks_the_chat_of_another(town: Town) -> None:
    one, other = await officer(town), await officer(town, "binh")
    await linked(town, one)
    (chat,) = await town.notices.chats_of(one)
    with pytest.raises(NotFound):
        await town.notices.unlink(chat.id, by=other)
    assert len(await town.notices.chats_of(one)) == 1


async def connected(town: Town, days_ago: int) -> None:
    """Let Zalo's pair be as old as that."""
    renewed_at = town.clock.now() - timedelta(days=days_ago)
    await town.channels.reconnect(
        ZALO,
        settings={},
        credentials={"refresh_token": "bịa", "renewed_at": renewed_at.isoformat()},
        by="test",
    )


async def test_what_a_check_finds_is_told_once_a_week(town: Town) -> None:
    await linked(town, await officer(town))
    town.channel("telegram").findings = (
        Finding(is_well=True, what="Kết nối được."),
        Finding(is_well=False, what="Webhook trỏ đi nơi khác.", fix="Nối lại kênh."),
    )
    for _ in range(2):
        await town.reminders.check_channels()
    (heard,) = await told(town)
    assert "telegram (bịa)" in heard
    assert "Webhook trỏ đi nơi khác. Nối lại kênh." in heard
    town.clock.advance(AGAIN_AFTER)
    await town.reminders.check_channels()
    assert len(await told(town)) == 1


async def test_a_channel_that_cannot_send_was_told_already(town: Town) -> None:
    await linked(town, await officer(town))
    town.channel("zalo").findings = (Finding(is_well=False, what="Hỏng."),)
    await town.channels.mark(ZALO, trouble=TROUBLE)
    assert len(await told(town)) == 1
    await town.reminders.check_channels()
    assert await told(town) == []


async def group(town: Town, **changes: object) -> None:
    values = {"unit_id": town.hamlet.id, "state": GroupState.LINKED, **changes}
    async with town.storage.begin() as work:
        await work.groups.save(nouns.group(**values))  # type: ignore[arg-type] # fields by name
        await work.commit()


@pytest.mark.parametrize(("days", "times"), [(59, 0), (60, 1)])
async def test_a_connection_that_grows_old_is_told_once_a_week(
    town: Town, days: int, times: int
) -> None:
    await linked(town, await officer(town))
    await connected(town, days)
    for _ in range(2):
        await town.reminders.look()
    heard = await told(town)
    assert len(heard) == times
    assert all(f"{days} ngày" in text for text in heard)
    town.clock.advance(AGAIN_AFTER)
    await town.reminders.look()
    assert len(await told(town)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({}, [], id="without an end"),
        pytest.param({"lapses_on": date(2026, 12, 7)}, [], id="in 15 days"),
        pytest.param({"lapses_on": date(2026, 12, 6)}, ["06/12/2026"], id="in 14 days"),
        pytest.param({"state": GroupState.LAPSED}, ["hết hạn"], id="lapsed"),
        pytest.param({"state": GroupState.LAPSED, "unit_id": None}, [], id="of nobody"),
    ],
)
async def test_a_group_that_lapses_is_told_in_time(
    town: Town, changes: dict[str, object], words: list[str]
) -> None:
    await linked(town, await officer(town))
    await group(town, **changes)
    await town.reminders.look()
    heard = await told(town)
    assert len(heard) == len(words)
    assert all(
        word in text and "Tổ 1 Bịa" in text for word, text in zip(words, heard, strict=True)
    )
