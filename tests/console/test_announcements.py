"""Announcements written, scheduled, sent, watched, stopped."""

from datetime import timedelta

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.ids import DeliveryId
from bot.core.officers import Role
from bot.core.sending import Reason
from bot.services.announcements.announcing import Shown, Wording
from bot.services.announcements.texts import TEXT_LONGEST
from bot.services.channels.channels import WEB
from console import moments
from tests.console.browser import Browser, Seen
from tests.console.rig import Rig

LIST = "/console/thong-bao"
NEW = "/console/thong-bao/moi"


async def _write(browser: Browser, rig: Rig, **fields: str) -> Seen:
    written = {
        "title": "Cắt điện sáng thứ Bảy",
        "text": "Từ 7 giờ đến 11 giờ. Hỏi: 0200 000 000.",
        "unit": rig.commune.id,
        "when": "now",
        "public": "1",
    }
    return await browser.send(NEW, {**written, **fields})


async def _newest(rig: Rig) -> Shown:
    async with rig.storage.read() as work:
        found = await work.announcements.of_units([rig.commune.id])
    return await rig.services.announcements.show(found[0].id, to=None)


async def _sending(browser: Browser, rig: Rig, people: int = 2) -> str:
    """Send to so many people; return the announcement's page."""
    for number in range(people):
        await rig.joined(rig.commune, f"chat-{number}")
    page = (await _write(browser, rig)).location
    return (await browser.send(page)).location


async def _settle(rig: Rig, state: DeliveryState, reason: Reason | None = None) -> None:
    """Let one copy end in a state, as delivery would."""
    now = rig.clock.now()
    until = now + timedelta(minutes=1)
    async with rig.storage.begin() as work:
        rows = await work.deliveries.claim(
            WEB, list(Lane), 1, owner="test", now=now, lease_until=until
        )
        ids: list[DeliveryId] = [row.id for row in rows]
        await work.deliveries.mark_sending(ids, owner="test", attempt_id="a", now=now, until=until)
        outcome = Outcome(delivery_id=ids[0], attempt_id="a", state=state, reason=reason)
        await work.deliveries.record([outcome], at=now)
        await work.commit()


async def test_an_announcement_is_written_looked_at_and_sent(rig: Rig) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    await rig.joined(rig.commune, "chat-1")
    async with rig.signed_in("an") as browser:
        written = await _write(browser, rig)
        assert written.location.endswith("/gui")
        asked = await browser.get(written.location)
        assert "Gửi cho 1 người?" in asked.text
        assert "Thông báo của Xã Minh Họa" in asked.text
        assert (await _newest(rig)).announcement.state is AnnouncementState.DRAFT
        sent = await browser.send(written.location)
        page = await browser.get(sent.location)
        assert "Đã gửi 0/1" in page.text
        await _settle(rig, DeliveryState.SENT)
        page = await browser.get(sent.location)
        assert "Đã gửi 1/1" in page.text
        assert "Đã gửi xong" in page.text
        assert "đã gửi 1/1" in (await browser.get(LIST)).text


async def test_sending_twice_sends_once(rig: Rig) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    await rig.joined(rig.commune, "chat-1")
    async with rig.signed_in("an") as browser:
        page = (await _write(browser, rig)).location
        token = (await browser.get(page)).csrf
        await browser.post(page, {"csrf": token})
        again = await browser.post(page, {"csrf": token})
    assert again.location == page.removesuffix("/gui")
    assert (await _newest(rig)).tally.recipients == 1


@pytest.mark.parametrize("typed", ["2026-11-23T06:30", "23/11/2026 06:30"])
async def test_an_announcement_waits_for_its_local_hour(rig: Rig, typed: str) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    await rig.joined(rig.commune, "chat-1")
    async with rig.signed_in("an") as browser:
        page = (await _write(browser, rig, when="later", due=typed)).location
        assert "Hẹn gửi cho 1 người" in (await browser.get(page)).text
        shown = await browser.get((await browser.send(page)).location)
        assert "Đã hẹn giờ" in shown.text
        assert "ngày mai 06:30" in shown.text
        announcement = (await _newest(rig)).announcement
        assert announcement.due_at is not None
        assert announcement.due_at.isoformat() == "2026-11-22T23:30:00+00:00"
        rig.clock.advance(timedelta(hours=11, minutes=30))
        await rig.services.announcements.start_due()
        await browser.sign_in("an", "bốn từ ghép lại dễ nhớ")
        assert "Đang gửi" in (await browser.get(page.removesuffix("/gui"))).text


FAULTS = [
    ({"title": ""}, "title", "Tiêu đề cần"),
    ({"text": "\u200b \u200f"}, "text", "Nội dung cần"),
    ({"title": "a" * 121}, "title", "120"),
    ({"text": "a" * (TEXT_LONGEST + 1)}, "text", f"từ 1 đến {moments.number(TEXT_LONGEST)}"),
    ({"when": "later", "due": "hôm nào đó"}, "due", "Chọn ngày và giờ gửi"),
    ({"when": "later", "due": ""}, "due", "Chọn ngày và giờ gửi"),
    ({"when": "later", "due": "2020-01-01T00:00"}, "due", "từ bây giờ"),
    ({"when": "later", "due": "9999-12-31T23:59"}, "due", "từ bây giờ"),
    ({"when": "later", "due": "0001-01-01T00:00"}, "due", "Chọn ngày và giờ gửi"),
]


@pytest.mark.parametrize(("fields", "where", "says"), FAULTS)
async def test_a_fault_is_said_and_what_was_typed_is_kept(
    rig: Rig, fields: dict[str, str], where: str, says: str
) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        refused = await _write(browser, rig, **fields)
    assert refused.status == 422
    assert says in refused.text
    assert f"{where}-error" in refused.attributes("p", "id") or f'#{where}"' in refused.html
    assert "Hỏi: 0200 000 000." in refused.text or "text" in fields
    assert refused.value("title") == fields.get("title", "Cắt điện sáng thứ Bảy")


async def test_a_draft_is_changed_before_it_goes(rig: Rig) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        page = (await _write(browser, rig, when="later", due="2026-11-23T06:30")).location
        edit = page.removesuffix("/gui") + "/sua"
        form = await browser.get(edit)
        assert form.value("title") == "Cắt điện sáng thứ Bảy"
        assert form.value("due") == "2026-11-23T06:30"
        changed = {"title": "Đổi giờ cắt điện", "text": "Từ 8 giờ.", "unit": rig.commune.id}
        assert (await browser.send(edit, changed)).location == page
        shown = await _newest(rig)
        assert shown.announcement.title == "Đổi giờ cắt điện"
        assert shown.announcement.due_at is None
        assert not shown.announcement.is_public
        await browser.send(page)
        assert (await browser.send(edit, changed, page=LIST)).status in {403, 422}


async def test_sending_is_held_and_goes_on(rig: Rig) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        page = await _sending(browser, rig)
        await browser.send(f"{page}/tam-dung", page=page)
        assert "Tạm dừng" in (await browser.get(page)).text
        await browser.send(f"{page}/tiep-tuc", page=page)
        assert (await _newest(rig)).announcement.state is AnnouncementState.SENDING


async def test_cancelling_is_asked_and_final(rig: Rig) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        page = await _sending(browser, rig)
        token = (await browser.get(page)).csrf
        await _settle(rig, DeliveryState.SENT)
        asked = await browser.get(f"{page}/huy")
        assert "1 người đã nhận" in asked.text
        assert "1 người còn lại" in asked.text
        await browser.send(f"{page}/huy")
        shown = await browser.get(page)
        assert "Đã hủy" in shown.text
        assert "Thông báo bị hủy" in shown.text
        refused = await browser.post(f"{page}/tiep-tuc", {"csrf": token})
        assert refused.status == 409
        assert (await _newest(rig)).announcement.state is AnnouncementState.CANCELLED


async def test_those_of_whom_nothing_is_known_are_sent_to_again_when_asked(rig: Rig) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        page = await _sending(browser, rig, people=1)
        await _settle(rig, DeliveryState.UNKNOWN, Reason.NO_ANSWER)
        shown = await browser.get(page)
        assert "Chưa rõ 1" in shown.text
        assert "Không có trả lời 1" in shown.text
        assert "nhận hai lần" in (await browser.get(f"{page}/gui-lai")).text
        await browser.send(f"{page}/gui-lai")
        assert (await _newest(rig)).tally.open == 1


async def test_an_overdue_one_asks_for_a_new_hour(rig: Rig) -> None:
    await rig.officer("an", Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        form = (await _write(browser, rig, when="later", due="2026-11-22T19:30")).location
        page = (await browser.send(form)).location
        rig.clock.advance(timedelta(hours=2))
        await rig.services.announcements.start_due()
        assert "quá giờ hẹn" in (await browser.get(page)).text
        bad = await browser.send(f"{page}/doi-gio", {"when": "later", "due": "x"}, page=page)
        assert bad.status == 409
        await browser.send(f"{page}/doi-gio", {"when": "now"}, page=page)
        assert (await _newest(rig)).announcement.state is AnnouncementState.SENDING


async def test_a_unit_that_is_not_ones_own_cannot_be_written_to(rig: Rig) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("an", Role.ANNOUNCER, unit=one)
    wording = Wording(unit_id=other.id, title="Của tổ 2", text="Họp tổ.")
    theirs = await rig.services.announcements.write(wording, by=None)
    async with rig.signed_in("an") as browser:
        assert (await _write(browser, rig, unit=other.id)).status == 404
        for rest in ("", "/gui", "/sua", "/huy", "/tien-do", "/dong", "/ket-qua", "/ket-qua.csv"):
            assert (await browser.get(f"{LIST}/{theirs.id}{rest}")).status == 404
        assert "Của tổ 2" not in (await browser.get(LIST)).text
