"""The overview, units, officers, set-aside messages and the audit chain."""

import re
from datetime import timedelta

import pytest

from bot.core.messages import Address, Incoming, IncomingKind
from bot.core.officers import Role
from bot.services.channels.channels import WEB
from tests.console.rig import PASSWORD, Rig

HOME = "/console"
OFFICERS = "/console/can-bo"
ASIDE = "/console/tin-gac-lai"


async def test_the_overview_says_first_what_waits(rig: Rig) -> None:
    await rig.officer("an", *Role)
    await rig.officer("lan", Role.VIEWER)
    await rig.tip("Người lạ xin tiền điện")
    await rig.joined(rig.commune, "chat-1")
    async with rig.signed_in("an") as browser, rig.signed_in("lan") as viewer:
        page = await browser.get(HOME)
        assert "1 tin báo đang chờ" in page.text
        assert "1 người nhận được thông báo" in page.text
        assert "/console/tin-bao?loc=dang-cho" in page.attributes("a", "href")
        seen = await viewer.get(HOME)
    assert "tin báo" not in seen.text
    assert "Không có việc gì đang chờ" in seen.text


async def test_a_unit_is_counted_with_those_under_it(rig: Rig) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("lan", Role.VIEWER)
    await rig.joined(unit, "chat-1")
    await rig.joined(rig.commune, "chat-2")
    async with rig.signed_in("lan") as browser:
        commune = await browser.get(f"/console/don-vi/{rig.commune.id}")
        own = await browser.get(f"/console/don-vi/{unit.id}")
        listed = await browser.get("/console/don-vi")
    assert "Xã Minh Họa: 2 người đang nhận" in commune.text
    assert "Tổ 1: 1 người đang nhận" in own.text
    assert "2 người nhận được thông báo" in listed.text
    assert f"http://127.0.0.1:8080/tham-gia/{unit.join_code}" in own.text
    assert "<svg" in own.html


async def test_contacts_are_changed_by_an_administrator_only(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    await rig.officer("lan", Role.VIEWER)
    page = f"/console/don-vi/{rig.commune.id}"
    async with rig.signed_in("an") as browser, rig.signed_in("lan") as viewer:
        fields = {"name": "Phường Minh Họa", "duty_phone": "0200 000 114", "address": " "}
        assert (await browser.send(page, fields)).location == page
        seen = await viewer.get(page)
        assert "0200 000 114" in seen.text
        assert "duty_phone" not in seen.attributes("input", "name")
        too_long = await browser.send(page, {"name": "x" * 201})
        assert too_long.status == 422
        assert too_long.value("name") == "x" * 201
    unit = (await rig.services.units.all())[0]
    assert (unit.name, unit.contacts) == ("Phường Minh Họa", {"duty_phone": "0200 000 114"})


async def test_a_unit_above_or_beside_is_not_there(rig: Rig) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("an", Role.ADMIN, unit=one)
    async with rig.signed_in("an") as browser:
        for unit in (rig.commune, other):
            page = f"/console/don-vi/{unit.id}"
            assert (await browser.get(page)).status == 404
            assert (await browser.send(page, {"name": "x"}, page=HOME)).status == 404
        assert "Tổ 2" not in (await browser.get("/console/don-vi")).text


async def test_an_administrator_adds_an_officer_who_can_sign_in(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    fields = [
        ("login", "Mai.Moi"),
        ("name", "Mai Minh Họa"),
        ("password", PASSWORD),
        ("unit", rig.commune.id),
        ("role", "announcer"),
        ("role", "moderator"),
    ]
    async with rig.signed_in("an") as browser, rig.browser() as other:
        assert (await browser.send(OFFICERS, fields)).location.startswith(f"{OFFICERS}/")
        listed = await browser.get(OFFICERS)
        assert "Mai Minh Họa" in listed.text
        assert "Soạn thông báo, Xử lý tin báo" in listed.text
        assert (await other.sign_in("mai.moi", PASSWORD)).status == 303


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"role": ""}, "ít nhất một vai trò"),
        ({"unit": "nothing"}, "Chọn một đơn vị"),
        ({"login": "an"}, "đã có người dùng"),
        ({"login": "hai chữ"}, "không có dấu cách"),
        ({"password": "ngắn"}, "từ 12"),
        ({"login": "mai", "password": "mai mai mai mai"}, "không được chứa"),
    ],
)
async def test_a_faulty_officer_is_refused_and_the_form_kept(
    rig: Rig, changed: dict[str, str], says: str
) -> None:
    await rig.officer("an", Role.ADMIN)
    fields = {
        "login": "mai.moi",
        "name": "Mai Minh Họa",
        "password": PASSWORD,
        "unit": rig.commune.id,
        "role": "viewer",
    }
    async with rig.signed_in("an") as browser:
        refused = await browser.send(OFFICERS, {**fields, **changed})
    assert refused.status == 422
    assert says in refused.text
    assert refused.value("name") == "Mai Minh Họa"
    assert refused.value("password") == ""
    assert len(await rig.services.officers.all()) == 1


async def test_an_administrator_of_a_unit_sees_and_adds_only_there(rig: Rig) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("an", Role.ADMIN, unit=unit)
    await rig.officer("lan", Role.ADMIN)
    fields = {"login": "x", "password": PASSWORD, "unit": rig.commune.id, "role": "admin"}
    async with rig.signed_in("an") as browser, rig.signed_in("lan"):
        assert "Cán bộ lan" not in (await browser.get(OFFICERS)).text
        assert (await browser.send(OFFICERS, fields)).status == 422
        assert "Cán bộ lan" not in (await browser.get("/console/nhat-ky")).text


async def _set_aside(rig: Rig) -> int:
    """Put one message aside; return its number."""
    now = rig.clock.now()
    said = Incoming(
        channel_id=WEB, event_id="1", kind=IncomingKind.TEXT, chat="c", text="xin chào"
    )
    await rig.storage.accept([rig.envelopes.arrival(said)])
    async with rig.storage.begin() as work:
        until = now + timedelta(minutes=1)
        row = (await work.inbox.claim(1, owner="x", now=now, lease_until=until))[0]
        await work.inbox.set_aside(row.id, error="UnicodeError", at=now)
        await work.commit()
    return row.id


async def test_a_message_set_aside_is_shown_without_its_words_and_tried_again(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    row_id = await _set_aside(rig)
    async with rig.signed_in("an") as browser:
        page = await browser.get(ASIDE)
        assert "1 tin nhắn gác lại" in page.text
        assert "UnicodeError" in page.text
        assert "xin chào" not in page.text
        assert (await browser.send(f"{ASIDE}/{row_id}/thu-lai", page=ASIDE)).location == ASIDE
        assert "Không có tin nhắn nào" in (await browser.get(ASIDE)).text
        for wrong in (row_id, row_id + 1, "x", "%C2%B2", "9" * 30):
            again = await browser.send(f"{ASIDE}/{wrong}/thu-lai", page=ASIDE)
            assert again.status == 404
    async with rig.storage.read() as work:
        assert await work.inbox.backlog() == 1


async def test_a_message_of_another_units_channel_is_not_there(rig: Rig) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("an", Role.ADMIN, unit=unit)
    row_id = await _set_aside(rig)
    async with rig.signed_in("an") as browser:
        assert "UnicodeError" not in (await browser.get(ASIDE)).text
        assert (await browser.send(f"{ASIDE}/{row_id}/thu-lai", page=ASIDE)).status == 404


async def test_an_officer_gets_a_code_for_the_chat_that_is_to_be_told(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        page = await browser.get("/console/toi")
        assert "Chưa có nơi nhận nào" in page.text
        shown = await browser.send("/console/toi/ma", page="/console/toi")
        found = re.search(r"/lienket ([0-9A-Z]{8})", shown.text)
        assert found is not None
        async with rig.storage.begin() as work:
            to = Address(channel_id=WEB, chat="chat-1")
            await rig.services.notices.link(work, found[1], to)
            await work.commit()
        named = await browser.get("/console/toi")
        (form,) = [one for one in named.attributes("form", "action") if "noi-nhan" in one]
        assert form.startswith("/console/toi/noi-nhan/")
        assert form.endswith("/bo")
        assert (await browser.send(form, page="/console/toi")).location == "/console/toi"
        assert "Chưa có nơi nhận nào" in (await browser.get("/console/toi")).text
        assert (await browser.send(form, page="/console/toi")).status == 404
