"""The page before sending: the plan, who is behind its numbers, a trial copy, the button."""

from datetime import timedelta

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.messages import Address
from bot.core.officers import Officer, Role
from bot.core.units import Unit
from bot.services.announcements.announcing import Shown, Wording
from bot.services.channels.channels import WEB
from tests.console.approvals_town import charging
from tests.console.browser import Seen
from tests.console.rig import ALONE, Rig

LIST = "/console/thong-bao"


@pytest.fixture
async def units(rig: Rig) -> list[Unit]:
    await rig.officer("lan.an", Role.ANNOUNCER)
    return [await rig.unit(f"to-{number}", f"Tổ {number}") for number in range(1, 3)]


async def planned(rig: Rig, **changes: object) -> AnnouncementId:
    asked = {"unit_id": rig.commune.id, "title": "Họp tổ", "text": "Họp.", **changes}
    written = await rig.services.announcements.write(
        Wording(**asked),  # type: ignore[arg-type]  # whatever field is named
        by=await officer(rig),
    )
    return written.id


async def officer(rig: Rig, login: str = "lan.an") -> Officer:
    return next(one for one in await rig.services.officers.all() if one.login == login)


async def shown(rig: Rig, announcement_id: AnnouncementId) -> Shown:
    return await rig.services.announcements.show(announcement_id, to=None)


def links(page: Seen, channel_id: ChannelId) -> dict[str, str]:
    part = f"/ke-hoach/{channel_id}/"
    return {path.rpartition("/")[2]: path for path in page.attributes("a", "href") if part in path}


# --- the plan ----------------------------------------------------------------------------------


async def test_every_number_leads_to_the_people_behind_it(rig: Rig, units: list[Unit]) -> None:
    channel_id = await charging(rig, units)
    draft = await planned(rig)
    async with rig.signed_in("lan.an") as browser:
        page = await browser.get(f"{LIST}/{draft}/gui")
        assert "Gửi cho 5 người" in page.text
        assert "tối đa 110 đ" in page.text
        found = links(page, channel_id)
        # Nobody has blocked the account, so that number leads nowhere.
        assert set(found) == {"free", "paid", "closed", "doubled", "opted_out"}
        for path in found.values():
            behind = await browser.get(path)
            rows = [tag for tag, attributes in behind.tags if attributes.get("scope") == "row"]
            assert behind.text.count("người ") >= 1
            assert f"{len(rows)} người" in behind.text
        doubled = await browser.get(found["doubled"])
        assert "HO-017" in doubled.text
        assert "Số 17, ngõ 4" in doubled.text
        empty = await browser.get(found["free"].replace("/free", "/blocked"))
        assert "0 người đã chặn" in empty.text
        for path in ("/nothing", "/free/x", "/FREE"):
            missing = await browser.get(found["free"].replace("/free", path))
            assert missing.status == 404


async def test_long_lists_are_cut_into_pages(
    rig: Rig, units: list[Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.pages.sending.PAGE_LINES", 2)
    for number in range(5):
        await rig.joined(units[0], f"chat-{number}")
    draft = await planned(rig)
    path: str | None = f"{LIST}/{draft}/ke-hoach/{WEB}/free"
    pages = []
    async with rig.signed_in("lan.an") as browser:
        while path is not None:
            page = await browser.get(path)
            assert "5 người" in page.text
            rows = [one for _, one in page.tags if one.get("scope") == "row"]
            pages.append(len(rows))
            path = next((one for one in page.attributes("a", "href") if "?sau=" in one), None)
    assert pages == [2, 2, 1]


async def test_a_viewer_sees_a_plan_and_a_stranger_to_the_unit_does_not(
    rig: Rig, units: list[Unit]
) -> None:
    await rig.officer("xem", Role.VIEWER)
    await rig.officer("to.hai", Role.APPROVER, unit=units[1])
    draft = await planned(rig, unit_id=units[0].id)
    path = f"{LIST}/{draft}/ke-hoach/{WEB}/free"
    async with rig.signed_in("xem") as browser, rig.signed_in("to.hai") as stranger:
        assert (await browser.get(path)).status == 200
        assert (await stranger.get(path)).status == 404
        await rig.services.announcements.release(draft, by=None)
        assert (await browser.get(path)).location == f"{LIST}/{draft}"


async def test_a_price_that_nobody_entered_is_said_with_where_to_enter_it(
    rig: Rig, units: list[Unit]
) -> None:
    channel_id = await charging(rig, units, price=None)
    draft = await planned(rig)
    await rig.officer("quan.tri", Role.ADMIN, Role.ANNOUNCER)
    async with rig.signed_in("lan.an") as browser, rig.signed_in("quan.tri") as admin:
        page = await browser.get(f"{LIST}/{draft}/gui")
        assert "Chưa tính được" in page.text
        assert "Người quản trị nhập ở mục Kênh" in page.text
        there = f"/console/kenh/{channel_id}/gia"
        assert there in (await admin.get(f"{LIST}/{draft}/gui")).attributes("a", "href")
        for typed in ("x", "-1", "1000001", "1" * 40):
            refused = await admin.send(there, {"price": typed})
            assert (refused.status, "từ 0 đến 1.000.000" in refused.text) == (422, True)
            assert refused.value("price") == typed
        assert (await admin.send(there, {"price": "1.250"})).status == 303
        assert "Tối đa 2.500 đ" in (await browser.get(f"{LIST}/{draft}/gui")).text
        listed = await admin.get("/console/kenh")
        assert "Giá một tin tính phí: 1.250 đ" in listed.text
        await admin.send(there, {"price": ""})
        assert "Chưa tính được" in (await browser.get(f"{LIST}/{draft}/gui")).text
        assert (await admin.get(f"/console/kenh/{WEB}/gia")).status == 404


async def test_the_night_is_told_of_what_meets_it(rig: Rig, units: list[Unit]) -> None:
    await rig.joined(units[0], "chat")
    evening = rig.clock.now() + timedelta(hours=4)
    calm, urgent = await planned(rig, due_at=evening), await planned(rig, is_urgent=True)
    async with rig.signed_in("lan.an") as browser:
        page = await browser.get(f"{LIST}/{calm}/gui")
        assert "Nghỉ từ 22:00 đến 06:00" in page.text
        assert "Bắt đầu ngày mai 06:00" in page.text
        assert "Nghỉ từ" not in (await browser.get(f"{LIST}/{urgent}/gui")).text
        assert "Nghỉ từ" not in (await browser.get(f"{LIST}/{await planned(rig)}/gui")).text


async def test_the_text_is_read_as_each_unit_reads_it(rig: Rig, units: list[Unit]) -> None:
    await rig.services.units.set_contacts(
        rig.commune.id, "Xã Minh Họa", {"duty_phone": "0200 000 113"}, by="machine"
    )
    await rig.services.units.set_contacts(
        units[1].id, "Tổ 2", {"duty_phone": "0200 000 222"}, by="machine"
    )
    draft = await planned(rig, text="Gọi {{ so_truc }}.")
    async with rig.signed_in("lan.an") as browser:
        page = await browser.get(f"{LIST}/{draft}/gui")
        assert "Gọi 0200 000 113." in page.text
        # The commune and the first neighbourhood read the same.
        assert page.attributes("option", "value") == [rig.commune.id, units[1].id]
        assert "Xã Minh Họa và 1 đơn vị giống vậy" in page.text
        other = await browser.get(f"{LIST}/{draft}/gui?don-vi={units[1].id}")
        assert "Gọi 0200 000 222." in other.text
        assert (await browser.get(f"{LIST}/{draft}/gui?don-vi=x")).status == 200
        await rig.services.units.set_contacts(rig.commune.id, "Xã Minh Họa", {}, by="machine")
        gone = await browser.get(f"{LIST}/{draft}/gui")
        assert "Ở Xã Minh Họa và 1 đơn vị nữa không còn gì để điền vào so_truc" in gone.text


# --- a trial copy --------------------------------------------------------------------------------


async def name_chat(rig: Rig, login: str) -> None:
    code = await rig.services.notices.make_code(await officer(rig, login))
    async with rig.storage.begin() as work:
        await rig.services.notices.link(work, code, Address(channel_id=WEB, chat=login))
        await work.commit()


async def test_a_trial_goes_to_ones_own_chat_or_says_what_is_missing(
    rig: Rig, units: list[Unit]
) -> None:
    draft = await planned(rig, text="Của {{ ten_don_vi }}.")
    async with rig.signed_in("lan.an") as browser:
        page = f"{LIST}/{draft}/gui"
        refused = await browser.send(f"{LIST}/{draft}/gui-thu", page=page)
        assert (refused.status, "chưa nối khung trò chuyện nào" in refused.text) == (409, True)
        assert "/console/toi" in refused.attributes("a", "href")
        await name_chat(rig, "lan.an")
        done = await browser.send(f"{LIST}/{draft}/gui-thu", {"don-vi": units[1].id}, page=page)
        assert done.location.endswith("#gui-thu")
        told = await browser.get(done.location.partition("#")[0])
        assert "Đã gửi thử đến 1 nơi nhận" in told.text
        assert "Của Tổ 2." in told.text
    assert (await shown(rig, draft)).announcement.state is AnnouncementState.DRAFT


async def test_a_trial_of_a_text_that_nothing_fills_is_refused(
    rig: Rig, units: list[Unit]
) -> None:
    contacts = {"duty_phone": "0200 000 113"}
    await rig.services.units.set_contacts(rig.commune.id, "Xã", contacts, by="machine")
    draft = await planned(rig, text="Gọi {{ so_truc }}.")
    await rig.services.units.set_contacts(rig.commune.id, "Xã", {}, by="machine")
    async with rig.signed_in("lan.an") as browser:
        token = (await browser.get("/console/toi")).csrf
        refused = await browser.post(f"{LIST}/{draft}/gui-thu", {"csrf": token})
    assert (refused.status, "chưa có gì để điền" in refused.text) == (409, True)


# --- the button --------------------------------------------------------------------------------


async def test_the_button_says_what_will_happen(rig: Rig, units: list[Unit]) -> None:
    for number in range(ALONE):
        await rig.joined(units[0], f"chat-{number}")
    few = await planned(rig)
    await _sends(rig, few, f"Gửi cho {ALONE} người", AnnouncementState.SENDING)
    await rig.joined(units[0], "one-more")
    await _sends(rig, await planned(rig), "Gửi đi duyệt", AnnouncementState.PROPOSED)
    urgent = await planned(rig, is_urgent=True, unit_id=units[1].id)
    await _sends(rig, urgent, "Gửi đi duyệt", AnnouncementState.PROPOSED)


async def _sends(rig: Rig, draft: AnnouncementId, button: str, ends: AnnouncementState) -> None:
    async with rig.signed_in("lan.an") as browser:
        page = await browser.get(f"{LIST}/{draft}/gui")
        assert button in page.text
        mark = page.value("mark")
        done = await browser.send(f"{LIST}/{draft}/gui", {"mark": mark})
        assert done.location == f"{LIST}/{draft}"
    assert (await shown(rig, draft)).announcement.state is ends


async def test_what_was_changed_since_it_was_looked_at_does_not_go(
    rig: Rig, units: list[Unit]
) -> None:
    draft = await planned(rig)
    async with rig.signed_in("lan.an") as browser:
        page = await browser.get(f"{LIST}/{draft}/gui")
        changed = Wording(unit_id=rig.commune.id, title="Họp tổ", text="Đổi giờ.")
        await rig.services.announcements.revise(draft, changed, by=None)
        refused = await browser.send(f"{LIST}/{draft}/gui", {"mark": page.value("mark")})
    assert (refused.status, "vừa được sửa" in refused.text) == (409, True)
    assert "Đổi giờ." in refused.text
    assert (await shown(rig, draft)).announcement.state is AnnouncementState.DRAFT
