"""Four eyes at the pages: what waits is seen, approved, sent back, or goes alone with a reason."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.ids import AnnouncementId
from bot.core.officers import Role
from bot.core.units import Unit
from bot.services.announcements.announcing import Shown, Wording
from tests.console.browser import Browser, Seen
from tests.console.rig import Rig

LIST = "/console/thong-bao"
WHY = "Vỡ đê, không gọi được ai"


@pytest.fixture
async def hamlet(rig: Rig) -> Unit:
    """Let there be a writer, a second officer who may not write, and somebody to be reached."""
    await rig.officer("viet", Role.ANNOUNCER)
    await rig.officer("duyet", Role.APPROVER)
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.joined(unit, "chat-1")
    return unit


async def proposed(browser: Browser, unit: Unit, **fields: str) -> str:
    """Put something urgent before a second officer; return its page."""
    asked = {"title": "Nước lên", "text": "Lên chỗ cao.", "unit": unit.id, "urgent": "1"}
    draft = await browser.send(f"{LIST}/moi", {**asked, **fields})
    return (await browser.send(draft.location)).location


async def shown(rig: Rig, page: str) -> Shown:
    one = AnnouncementId(page.rpartition("/")[2])
    return await rig.services.announcements.show(one, to=None)


async def state(rig: Rig, page: str) -> AnnouncementState:
    return (await shown(rig, page)).announcement.state


async def approve(browser: Browser, page: str) -> Seen:
    mark = (await browser.get(page)).value("mark")
    return await browser.send(f"{page}/duyet", {"mark": mark}, page=page)


async def test_a_second_officer_sees_what_it_is_and_lets_it_go(rig: Rig, hamlet: Unit) -> None:
    async with rig.signed_in("viet") as writer, rig.signed_in("duyet") as second:
        page = await proposed(writer, hamlet)
        seen = await second.get(page)
        for words in (
            "Chờ anh/chị duyệt. Cán bộ viet soạn.",
            "Duyệt là gửi cho 1 người",
            "KHẨN – Tổ 1",
            "Nơi nhận Tổ 1",
            "Duyệt và gửi",
            "Trả lại để sửa",
        ):
            assert words in seen.text
        assert (await approve(second, page)).location == page
        assert await state(rig, page) is AnnouncementState.SENDING
        assert "Cán bộ duyet duyệt hôm nay 19:00" in (await writer.get(page)).text


async def test_what_waits_for_somebody_is_counted_and_stands_first(rig: Rig, hamlet: Unit) -> None:
    async with rig.signed_in("viet") as writer, rig.signed_in("duyet") as second:
        page = await proposed(writer, hamlet)
        home = await second.get("/console")
        assert "1 thông báo chờ anh/chị duyệt" in home.text
        assert page in home.attributes("a", "href")
        assert "chờ anh/chị duyệt" not in (await writer.get("/console")).text
        assert "Chờ duyệt" in (await writer.get("/console")).text
        await proposed(writer, hamlet, title="Nước lên nữa")
        assert "2 thông báo chờ anh/chị duyệt" in (await second.get(LIST)).text
        assert LIST in (await second.get("/console")).attributes("a", "href")
        assert "chờ anh/chị duyệt" not in (await writer.get(LIST)).text


async def test_a_change_since_then_is_not_approved_unseen(rig: Rig, hamlet: Unit) -> None:
    async with rig.signed_in("viet") as writer, rig.signed_in("duyet") as second:
        page = await proposed(writer, hamlet)
        mark = (await second.get(page)).value("mark")
        form = await writer.get(f"{page}/sua")
        assert "Lưu lại thì thành bản nháp" in form.text
        changed = {"title": "Nước lên", "text": "Ở yên trong nhà.", "unit": hamlet.id}
        draft = await writer.send(f"{page}/sua", {**changed, "urgent": "1"})
        assert await state(rig, page) is AnnouncementState.DRAFT
        token = (await second.get("/console/toi")).csrf
        early = await second.post(f"{page}/duyet", {"csrf": token, "mark": mark})
        assert (early.status, "không chờ duyệt" in early.text) == (409, True)
        await writer.send(draft.location)
        late = await second.post(f"{page}/duyet", {"csrf": token, "mark": mark})
        assert (late.status, "vừa được sửa" in late.text) == (409, True)
        assert "Ở yên trong nhà." in late.text
        assert await state(rig, page) is AnnouncementState.PROPOSED


async def test_it_is_sent_back_with_what_to_mend(rig: Rig, hamlet: Unit) -> None:
    async with rig.signed_in("viet") as writer, rig.signed_in("duyet") as second:
        page = await proposed(writer, hamlet)
        nothing = await second.send(f"{page}/tra-lai", {"reason": " "}, page=page)
        assert (nothing.status, "phải ghi cần sửa gì" in nothing.text) == (409, True)
        assert "reason-error" in nothing.attributes("p", "id")
        reason = {"reason": "Ghi rõ chỗ nào cao."}
        assert (await second.send(f"{page}/tra-lai", reason, page=page)).location == page
        for path in (page, f"{page}/sua", f"{page}/gui"):
            assert "Ghi rõ chỗ nào cao." in (await writer.get(path)).text
        assert "Cán bộ duyet trả lại hôm nay" in (await writer.get(page)).text
        again = await writer.send(f"{page}/gui")
        assert "Ghi rõ chỗ nào cao." not in (await writer.get(again.location)).text


async def test_the_writer_waits_and_may_take_it_back(rig: Rig, hamlet: Unit) -> None:
    async with rig.signed_in("viet") as writer:
        page = await proposed(writer, hamlet)
        waiting = await writer.get(page)
        assert "Chờ một cán bộ khác duyệt." in waiting.text
        assert "Duyệt và gửi" not in waiting.text
        offered = waiting.attributes("a", "href")
        assert {f"{page}/sua", f"{page}/huy", f"{page}/gui-gap"} <= set(offered)
        await writer.send(f"{page}/huy")
        assert await state(rig, page) is AnnouncementState.CANCELLED


async def test_nobody_approves_what_they_wrote(rig: Rig, hamlet: Unit) -> None:
    await rig.officer("ca.hai", Role.ANNOUNCER, Role.APPROVER)
    async with rig.signed_in("ca.hai") as browser:
        page = await proposed(browser, hamlet)
        seen = await browser.get(page)
        assert "Chờ một cán bộ khác duyệt." in seen.text
        mark = (await shown(rig, page)).announcement.mark
        refused = await browser.send(f"{page}/duyet", {"mark": mark}, page=page)
    assert (refused.status, "không tự duyệt được" in refused.text) == (409, True)
    assert await state(rig, page) is AnnouncementState.PROPOSED


async def test_an_approver_of_another_unit_cannot_look(rig: Rig, hamlet: Unit) -> None:
    other = await rig.unit("to-2", "Tổ 2")
    await rig.officer("xa", Role.APPROVER, unit=other)
    async with rig.signed_in("viet") as writer, rig.signed_in("xa") as stranger:
        page = await proposed(writer, hamlet)
        token = (await stranger.get("/console")).csrf
        assert (await stranger.get(page)).status == 404
        for what in ("duyet", "tra-lai"):
            assert (await stranger.post(f"{page}/{what}", {"csrf": token})).status == 404


async def test_what_goes_to_more_than_ones_own_unit_is_approved_above(
    rig: Rig, hamlet: Unit
) -> None:
    other = await rig.unit("to-2", "Tổ 2")
    await rig.officer("to.mot", Role.APPROVER, unit=hamlet)
    async with rig.signed_in("viet") as writer, rig.signed_in("to.mot") as below:
        page = await proposed(writer, hamlet, more=other.id)
        assert (await below.get(page)).status == 404
        assert "chờ anh/chị duyệt" not in (await below.get("/console")).text


async def test_what_could_not_be_read_at_its_hour_is_a_draft_that_says_why(
    rig: Rig, hamlet: Unit
) -> None:
    wording = Wording(
        unit_id=hamlet.id,
        title="Họp",
        text="Gọi {{ so_truc }}.",
        due_at=rig.clock.now() + timedelta(hours=1),
    )
    await _duty_phone(rig, hamlet, "0201 bịa")
    one = await rig.services.announcements.write(wording, by=None)
    await rig.services.announcements.release(one.id, by=None)
    await _duty_phone(rig, hamlet, "")
    rig.clock.advance(timedelta(hours=1))
    await rig.services.announcements.start_due()
    async with rig.signed_in("viet") as writer:
        for page in (f"{LIST}/{one.id}", f"{LIST}/{one.id}/gui", f"{LIST}/{one.id}/sua"):
            assert "Chưa có gì để điền vào so_truc ở Tổ 1." in (await writer.get(page)).text
        home = await writer.get("/console")
        assert "1 thông báo cần sửa rồi gửi lại" in home.text
        assert f"{LIST}/{one.id}" in home.attributes("a", "href")
        for page in ("/console", LIST):
            assert "Cần sửa" in (await writer.get(page)).text
        seen = await writer.get(f"{LIST}/{one.id}")
        assert "Đến giờ hôm nay 20:00 mà chưa gửi cho ai." in seen.text
        refused = await writer.send(f"{LIST}/{one.id}/gui")
        assert (refused.status, "so_truc ở Tổ 1" in refused.text) == (409, True)


async def _duty_phone(rig: Rig, unit: Unit, phone: str) -> None:
    async with rig.storage.begin() as work:
        await work.units.save(replace(unit, contacts={"duty_phone": phone}))
        await work.commit()


async def test_in_an_emergency_the_writer_goes_on_alone_with_a_reason(
    rig: Rig, hamlet: Unit
) -> None:
    async with rig.signed_in("viet") as writer, rig.signed_in("duyet") as second:
        page = await proposed(writer, hamlet)
        asked = await writer.get(f"{page}/gui-gap")
        assert "Mọi cán bộ duyệt của đơn vị và cấp trên được báo ngay" in asked.text
        empty = await writer.send(f"{page}/gui-gap", {"reason": " "})
        assert (empty.status, "phải ghi lý do" in empty.text) == (422, True)
        assert "#reason" in empty.attributes("a", "href")
        assert (await second.get(f"{page}/gui-gap")).status == 403
        assert (await writer.send(f"{page}/gui-gap", {"reason": WHY})).location == page
        assert await state(rig, page) is AnnouncementState.SENDING
        for browser in (writer, second):
            seen = await browser.get(page)
            assert "Gửi không chờ duyệt. Cán bộ viet quyết định" in seen.text
            assert WHY in seen.text
        assert (await writer.get(f"{page}/gui-gap")).location == page


async def test_what_has_an_hour_goes_at_its_hour(rig: Rig, hamlet: Unit) -> None:
    hour = {"when": "later", "due": "2026-11-22T21:00"}
    async with rig.signed_in("viet") as writer, rig.signed_in("duyet") as second:
        page = await proposed(writer, hamlet, **hour)
        assert "Duyệt và hẹn gửi" in (await second.get(page)).text
        await approve(second, page)
        assert await state(rig, page) is AnnouncementState.SCHEDULED
        rig.clock.advance(timedelta(hours=2))
        await rig.services.announcements.start_due()
        assert await state(rig, page) is AnnouncementState.SENDING


async def test_a_correction_to_many_says_that_it_waits(rig: Rig, hamlet: Unit) -> None:
    async with rig.signed_in("viet") as writer, rig.signed_in("duyet") as second:
        page = await proposed(writer, hamlet)
        await approve(second, page)
        form = await writer.get(f"{page}/dinh-chinh")
        assert "Gửi bản đính chính đi duyệt" in form.text
        new = {"title": "Nước lên", "text": "Nước đã rút."}
        correction = (await writer.send(f"{page}/dinh-chinh", new)).location
        waiting = await writer.get(correction)
        assert f"{correction}/sua" not in waiting.attributes("a", "href")
        assert (await writer.get(f"{correction}/sua")).location == correction
        await second.send(f"{correction}/tra-lai", {"reason": "Chưa chắc."}, page=correction)
        assert "không gửi nữa" in (await writer.get(correction)).text
