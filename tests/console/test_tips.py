"""The queue of tips, one tip opened, one tip moved."""

from datetime import timedelta

import pytest

from bot.core.officers import Role
from bot.core.tips import Tip, TipState
from tests.console.rig import Rig

QUEUE = "/console/tin-bao"


def _page(tip: Tip) -> str:
    return f"{QUEUE}/{tip.id}"


async def _state(rig: Rig, tip: Tip) -> TipState:
    async with rig.storage.read() as work:
        return (await work.tips.get(tip.id)).state


async def test_the_queue_shows_what_waits_urgent_first(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    calm = await rig.tip("Người lạ xin tiền điện")
    urgent = await rig.tip("Đang cạy cửa", is_urgent=True)
    async with rig.signed_in("mai") as browser:
        page = await browser.get(QUEUE)
    assert "2 tin báo đang chờ" in page.text
    links = page.attributes("a", "href")
    assert links.index(_page(urgent)) < links.index(_page(calm))
    assert "xin tiền điện" not in page.text


async def test_a_tip_is_opened_with_what_its_sender_will_read(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        page = await browser.get(_page(tip))
    assert "Người lạ xin tiền điện" in page.text
    assert "đầu ngõ 12" in page.text
    assert "Đã nhận, đang chờ cán bộ xem." in page.text
    assert "Đang được kiểm tra, xác minh." in page.text


async def test_opening_stands_in_the_audit_chain(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        await browser.get(_page(tip))
    acts = [(one.record.act, one.record.subject) for one in await rig.services.audit.newest()]
    assert ("tip.open", tip.id) in acts


async def test_a_tip_is_moved_to_its_end(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        move = f"{_page(tip)}/chuyen"
        assert (await browser.send(move, {"to": "in_verification"}, page=_page(tip))).status == 303
        closing = {"to": "resolved", "reason": "Đã mời lên làm việc"}
        assert (await browser.send(move, closing, page=_page(tip))).location == _page(tip)
        page = await browser.get(_page(tip))
    assert await _state(rig, tip) is TipState.RESOLVED
    assert "Đã mời lên làm việc" in page.text
    assert "Đã giải quyết xong" in page.text


async def test_closing_without_a_reason_is_refused_beside_the_form(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        refused = await browser.send(f"{_page(tip)}/chuyen", {"to": "spam"}, page=_page(tip))
    assert refused.status == 422
    assert "phải ghi lý do" in refused.text
    assert await _state(rig, tip) is TipState.NEW


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"to": "nothing", "reason": "thử"},
        {"to": "resolved", "reason": "chưa xác minh đã đóng"},
        {"to": "in_verification", "reason": "dài" * 500},
    ],
    ids=["no choice", "no such state", "not lawful from here", "too long"],
)
async def test_what_may_not_be_leaves_the_tip_and_keeps_the_words(
    rig: Rig, fields: dict[str, str]
) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        refused = await browser.send(f"{_page(tip)}/chuyen", fields, page=_page(tip))
    assert refused.status == 422
    assert fields.get("reason", "") in refused.html
    assert await _state(rig, tip) is TipState.NEW


async def test_without_the_key_in_memory_the_password_is_asked_again(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        # What a restart of the program forgets.
        rig.services.sign_ins._in_hand._keys.clear()
        locked = await browser.get(_page(tip))
        assert "Nhập lại mật khẩu" in locked.text
        assert "xin tiền điện" not in locked.text
        again = {
            "login": "mai",
            "password": "bốn từ ghép lại dễ nhớ",
            "tiep": locked.value("tiep"),
        }
        opened = await browser.send("/console/dang-nhap", again, page=_page(tip))
        assert opened.location == _page(tip)
        assert "xin tiền điện" in (await browser.get(_page(tip))).text


async def test_a_tip_from_before_the_officer_says_why_it_stays_closed(rig: Rig) -> None:
    tip = await rig.tip("Người lạ xin tiền điện")
    # Set-up is over: nobody at the machine holds a key any more.
    rig.vault.setup.destroy()
    await rig.officer("mai", Role.MODERATOR)
    async with rig.signed_in("mai") as browser:
        page = await browser.get(_page(tip))
    assert page.status == 403
    assert "trước khi anh/chị được trao khóa" in page.text


async def test_a_tip_of_another_unit_is_not_there(rig: Rig) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("mai", Role.MODERATOR, unit=one)
    tip = await rig.tip("Người lạ xin tiền điện", unit=other)
    async with rig.signed_in("mai") as browser:
        assert (await browser.get(_page(tip))).status == 404
        assert _page(tip) not in (await browser.get(f"{QUEUE}?loc=tat-ca")).html
        moved = await browser.send(f"{_page(tip)}/chuyen", {"to": "spam"}, page=QUEUE)
        assert moved.status == 404


async def test_arrival_is_told_as_people_tell_it(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        assert "hôm nay 19:00" in (await browser.get(_page(tip))).text
        rig.clock.advance(timedelta(hours=7))
        assert "hôm qua 19:00" in (await browser.get(_page(tip))).text
