"""Groups in the console: listed, linked by a code, made, filled, let go."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest

from bot.core.channels import ChannelKind, FoundGroup
from bot.core.groups import Group, GroupState
from bot.core.ids import ChannelId, GroupId
from bot.core.officers import Role
from bot.core.sending import NoConnection
from bot.core.units import Unit
from console.pages import groups
from tests.console.checked_channel import CheckedChannel
from tests.console.rig import Rig
from tests.group_builder import FakeDesk, asset

GROUPS = "/console/nhom"
CODE, SYNC = "/console/nhom/ma", "/console/nhom/cap-nhat"
NAME = "An ninh tổ 1 (bịa)"
LINK = "https://zalo.me/g/bia"


async def telegram(rig: Rig) -> ChannelId:
    account = await rig.services.channels.add(
        kind=ChannelKind.TELEGRAM,
        unit_id=rig.commune.id,
        name="@bia_bot",
        settings={},
        credentials={},
        by="machine",
    )
    return account.id


async def zalo(rig: Rig, desk: FakeDesk) -> ChannelId:
    """Return an account whose groups are made by officers."""
    channel_id = await rig.channel("OA Bịa")
    await rig.services.channels.refresh()
    cast(CheckedChannel, rig.services.channels.get(channel_id)).groups = desk
    return channel_id


async def kept(rig: Rig, channel_id: ChannelId, **changes: object) -> Group:
    """Keep a group as it might stand."""
    group = Group(
        id=GroupId("g1"),
        channel_id=channel_id,
        chat="-100",
        name=NAME,
        seen_at=rig.clock.now(),
    )
    group = replace(group, **changes)  # type: ignore[arg-type] # fields by name
    async with rig.storage.begin() as work:
        await work.groups.save(group)
        await work.commit()
    return group


async def now(rig: Rig, group_id: str = "g1") -> Group:
    async with rig.storage.read() as work:
        return await work.groups.get(GroupId(group_id))


def linked(unit: Unit) -> dict[str, object]:
    return {"state": GroupState.LINKED, "unit_id": unit.id}


async def test_groups_are_listed_with_state_unit_and_members(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    channel_id = await telegram(rig)
    await kept(rig, channel_id, **linked(rig.commune), members=34, most_members=50)
    async with rig.signed_in("lan") as browser:
        page = await browser.get(GROUPS)
        one = await browser.get(f"{GROUPS}/g1")
    assert "1 nhóm đang nhận thông báo" in page.text
    assert all(words in page.text for words in (NAME, "Xã Minh Họa", "Telegram", "34/50 người"))
    assert "Tạo mã" not in page.text
    assert NAME in one.text
    assert "Gỡ khỏi đơn vị" not in one.text


async def test_nobody_sees_a_group_of_another_unit(rig: Rig) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("an", Role.ADMIN, unit=one)
    await kept(rig, await telegram(rig), **linked(other))
    async with rig.signed_in("an") as browser:
        assert NAME not in (await browser.get(GROUPS)).text
        assert (await browser.get(f"{GROUPS}/g1")).status == 404
        for act in ("gan", "go", "moi", "roi", "quen"):
            refused = await browser.send(f"{GROUPS}/g1/{act}", {"unit": one.id}, page=GROUPS)
            assert refused.status == 404
    assert (await now(rig)).unit_id == other.id


async def test_a_code_is_shown_once_with_the_link_that_brings_it(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    unit = await rig.unit("to-1", "Tổ 1")
    await telegram(rig)
    async with rig.signed_in("an") as browser:
        shown = await browser.send(CODE, {"unit": unit.id}, page=GROUPS)
        assert "Mã cho Tổ 1, dùng một lần" in shown.text
        assert "/lienket " in shown.text
        assert "/lienket " not in (await browser.get(GROUPS)).text
        strange = await browser.send(CODE, {"unit": "nobody"}, page=GROUPS)
    assert strange.status == 404


async def test_a_group_is_moved_unlinked_and_forgotten(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    unit = await rig.unit("to-1", "Tổ 1")
    await kept(rig, await telegram(rig), **linked(rig.commune))
    page = f"{GROUPS}/g1"
    async with rig.signed_in("an") as browser:
        assert (await browser.send(f"{page}/gan", {"unit": unit.id}, page=page)).status == 303
        assert (await now(rig)).unit_id == unit.id
        refused = await browser.send(f"{page}/quen", page=page)
        assert refused.status == 409
        assert "vẫn ở trong nhóm này" in refused.text
        assert (await browser.send(f"{page}/roi", page=page)).status == 303
        assert (await now(rig)).state is GroupState.GONE
        assert "Không còn trong nhóm" in (await browser.get(page)).text
        assert (await browser.send(f"{page}/quen", page=page)).location == GROUPS
        assert (await browser.get(page)).status == 404


async def test_a_unit_shows_its_groups(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    unit = f"/console/don-vi/{rig.commune.id}"
    async with rig.signed_in("lan") as browser:
        assert "Chưa có nhóm nào" in (await browser.get(unit)).text
        await kept(rig, await telegram(rig), **linked(rig.commune))
        seen = await browser.get(unit)
    assert NAME in seen.text
    assert f"{GROUPS}/g1" in seen.attributes("a", "href")


async def test_an_unlinked_group_stays_and_says_how_to_link_it(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    await kept(rig, await telegram(rig), **linked(rig.commune))
    page = f"{GROUPS}/g1"
    async with rig.signed_in("an") as browser:
        await browser.send(f"{page}/go", page=page)
        shown = await browser.get(page)
        assert "Chưa gắn đơn vị" in shown.text
        refused = await browser.send(f"{page}/gan", {"unit": rig.commune.id}, page=page)
    assert "Nhóm này chưa xác nhận" in refused.text
    assert (await now(rig)).state is GroupState.SEEN


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [
        (13, GroupState.LINKED, "hết hạn ngày"),
        (-3, GroupState.LAPSED, "đã hết hạn"),
        (90, GroupState.LINKED, ""),
    ],
)
async def test_what_is_not_paid_for_much_longer_is_said_first(
    rig: Rig, days: int, state: GroupState, words: str
) -> None:
    await rig.officer("lan", Role.VIEWER)
    lapses_on = (rig.clock.now() + timedelta(days=days)).date()
    about = {**linked(rig.commune), "state": state, "lapses_on": lapses_on}
    await kept(rig, await telegram(rig), **about)
    async with rig.signed_in("lan") as browser:
        listed, one = await browser.get(GROUPS), await browser.get(f"{GROUPS}/g1")
        first = await browser.get("/console")
    is_told = "1 nhóm đã hết hạn hoặc sắp hết hạn" in listed.text
    assert is_told == bool(words)
    assert ("nhóm hết hạn hoặc sắp hết hạn" in first.text) == is_told
    assert words in one.text
    assert ("Gia hạn" in listed.text) == bool(words)


async def test_platforms_are_asked_how_groups_stand(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    desk = FakeDesk(there={"gmf": FoundGroup(chat="gmf", name=NAME, members=3)})
    await zalo(rig, desk)
    async with rig.signed_in("an") as browser:
        asked = await browser.send(SYNC, page=GROUPS)
        assert "1 nhóm, 1 nhóm mới thấy" in asked.text
        assert NAME in asked.text
        desk.trouble = NoConnection("máy chủ im lặng")
        troubled = await browser.send(SYNC, page=GROUPS)
    assert "OA Bịa" in troubled.text
    assert "máy chủ im lặng" in troubled.text


async def test_a_group_is_made_from_a_free_asset_and_filled(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    unit = await rig.unit("to-1", "Tổ 1")
    desk = FakeDesk(kept=[asset(until=date(2027, 12, 31)), asset("used", is_free=False)])
    channel_id = await zalo(rig, desk)
    await rig.joined(unit, "7001", channel_id)
    form = f"{GROUPS}/lap"
    fields = {"name": NAME, "unit": unit.id, "asset": f"{channel_id}:goi-50", "admin": "6001"}
    async with rig.signed_in("an") as browser:
        shown = await browser.get(form)
        assert shown.attributes("option", "value").count(f"{channel_id}:used") == 0
        wrong = await browser.send(form, {**fields, "admin": " "})
        assert wrong.status == 422
        assert wrong.value("name") == NAME
        assert "quản trị viên tài khoản" in wrong.text
        assert desk.made == []
        made = await browser.send(form, fields)
        assert made.status == 303
        page = made.location.split("/")[-1]
        seen = await browser.get(made.location)
        assert "1/50 người" in seen.text
        assert "31/12/2027" in seen.text
        assert LINK in seen.attributes("a", "href")
        assert "<svg" in seen.html
        invited = await browser.send(f"{made.location}/moi", page=made.location)
    assert "Đã gửi lời mời cho 1 người" in invited.text
    assert desk.made == [(NAME, "goi-50", ("6001",))]
    assert desk.invited == ["7001"]
    assert (await now(rig, page)).unit_id == unit.id


async def test_where_no_group_can_be_made_the_page_says_what_is_missing(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        assert "Chưa có tài khoản Zalo nào" in (await browser.get(f"{GROUPS}/lap")).text
        desk = FakeDesk()
        await zalo(rig, desk)
        assert "Không còn gói nhóm nào trống" in (await browser.get(f"{GROUPS}/lap")).text
        desk.trouble = NoConnection("máy chủ im lặng")
        assert "máy chủ im lặng" in (await browser.get(f"{GROUPS}/lap")).text


async def test_a_group_of_ours_is_not_left_from_here(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    desk = FakeDesk()
    await kept(rig, await zalo(rig, desk), **linked(rig.commune))
    page = f"{GROUPS}/g1"
    async with rig.signed_in("an") as browser:
        assert "Rời nhóm" not in (await browser.get(page)).text
        refused = await browser.send(f"{page}/roi", page=page)
    assert "giải tán cả nhóm" in refused.text
    assert desk.left == []


async def test_a_platform_that_refuses_an_invitation_is_quoted(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    desk = FakeDesk()
    channel_id = await zalo(rig, desk)
    await kept(rig, channel_id, **linked(rig.commune))
    await rig.joined(rig.commune, "7001", channel_id)
    desk.trouble = NoConnection("máy chủ im lặng")
    page = f"{GROUPS}/g1"
    async with rig.signed_in("an") as browser:
        refused = await browser.send(f"{page}/moi", page=page)
    assert refused.status == 409
    assert "Nền tảng không làm được việc này: máy chủ im lặng" in refused.text


# --- a platform that takes longer than a page may ----------------------------------------------


async def done_late(rig: Rig, desk: FakeDesk) -> None:
    """Let the platform answer after the page has gone."""
    assert desk.gate is not None
    desk.gate.set()
    await rig.services.group_desks.acts.close()


async def test_a_group_that_is_made_late_is_still_linked(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.officer("an", Role.ADMIN)
    desk = FakeDesk(kept=[asset()], gate=asyncio.Event())
    channel_id = await zalo(rig, desk)
    fields = {"name": NAME, "unit": rig.commune.id, "asset": f"{channel_id}:goi-50", "admin": "1"}
    async with rig.signed_in("an") as browser:
        await browser.get(f"{GROUPS}/lap")
        monkeypatch.setattr(groups, "_PLATFORM_LIMIT_S", 0.1)
        slow = await browser.send(f"{GROUPS}/lap", fields)
        assert "vẫn đang làm" in slow.text
        assert NAME not in slow.text
        await done_late(rig, desk)
        assert NAME in (await browser.get(GROUPS)).text
    (listed,) = await rig.services.groups.all(None)
    assert (listed.group.state, listed.unit) == (GroupState.LINKED, rig.commune)


@pytest.mark.parametrize("act", ["moi", "roi"])
async def test_an_act_that_is_done_late_still_stands_on_record(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    await rig.officer("an", Role.ADMIN)
    desk = FakeDesk(can_make=act == "moi", gate=asyncio.Event())
    channel_id = await zalo(rig, desk)
    await kept(rig, channel_id, **linked(rig.commune))
    await rig.joined(rig.commune, "7001", channel_id)
    page = f"{GROUPS}/g1"
    monkeypatch.setattr(groups, "_PLATFORM_LIMIT_S", 0.1)
    async with rig.signed_in("an") as browser:
        slow = await browser.send(f"{page}/{act}", page=page)
        assert slow.status == 409
        assert "vẫn đang làm" in slow.text
    await done_late(rig, desk)
    noted = {entry.record.act for entry in await rig.services.audit.newest()}
    assert {"moi": "group.invite", "roi": "group.leave"}[act] in noted
    assert (desk.invited, desk.left) == ((["7001"], []) if act == "moi" else ([], ["-100"]))
