"""Corrections and recalls: told before they are done, shown afterwards, once only."""

import pytest

from bot.core.announcements import Announcement
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.officers import Role
from bot.services.channels.channels import WEB
from tests.console.browser import Browser
from tests.console.rig import Rig
from tests.pictures import photograph

LIST = "/console/thong-bao"
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(autouse=True)
async def announcer(rig: Rig) -> None:
    await rig.officer("lan.an", Role.ANNOUNCER)
    for number in range(3):
        await rig.joined(rig.commune, f"chat-{number}")


async def published(browser: Browser, rig: Rig, *, sent: int = 3, body: bytes = b"") -> str:
    """Send an announcement, so many copies of it to their end; return its page."""
    fields = {"title": "Cắt điện", "text": "Từ 7 giờ.", "unit": rig.commune.id, "public": "1"}
    draft = await browser.upload(f"{LIST}/moi", fields, name="x.pdf", body=body)
    page = (await browser.send(draft.location)).location
    now = rig.clock.now()
    async with rig.storage.begin() as work:
        rows = await work.deliveries.claim(
            WEB, list(Lane), sent, owner="test", now=now, lease_until=now.replace(year=2100)
        )
        ids = [row.id for row in rows]
        until = now.replace(year=2100)
        await work.deliveries.mark_sending(ids, owner="test", attempt_id="a", now=now, until=until)
        outcomes = [
            Outcome(delivery_id=one, attempt_id="a", state=DeliveryState.SENT) for one in ids
        ]
        await work.deliveries.record(outcomes, at=now)
        await work.commit()
    return page


async def newest(rig: Rig) -> Announcement:
    async with rig.storage.read() as work:
        found = await work.announcements.of_units([rig.commune.id])
        return next(one for one in found if one.amends) if len(found) > 1 else found[0]


async def test_a_correction_is_told_sent_and_shown(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        page = await published(browser, rig)
        assert f"{page}/dinh-chinh" in (await browser.get(page)).attributes("a", "href")
        form = await browser.get(f"{page}/dinh-chinh")
        assert "3 người và nhóm đã nhận bản cũ" in form.text
        assert form.value("title") == "Cắt điện"
        fields = {"title": "Cắt điện", "text": "Từ 8 giờ."}
        done = await browser.upload(f"{page}/dinh-chinh", fields)
        assert (done.status, done.location != page) == (303, True)
        correction = await browser.get(done.location)
        assert "Đính chính cho Cắt điện" in correction.text
        assert "Từ 8 giờ." in correction.text
        first = await browser.get(page)
        assert "Đã đính chính" in first.text
        assert f"{page}/thu-hoi" not in first.attributes("a", "href")
        listed = await browser.get(LIST)
        assert "đã đính chính" in listed.text
        assert (await browser.get(f"{page}/dinh-chinh")).location == page


async def test_a_correction_that_corrects_nothing_keeps_what_was_typed(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        page = await published(browser, rig)
        same = {"title": "Cắt điện", "text": "Từ 7 giờ."}
        seen = await browser.upload(f"{page}/dinh-chinh", same)
        assert (seen.status, "giống hệt bản đã gửi" in seen.text) == (422, True)
        seen = await browser.upload(f"{page}/dinh-chinh", {"title": "", "text": "Từ 8 giờ."})
        assert (seen.status, "Từ 8 giờ." in seen.text) == (422, True)
        seen = await browser.upload(f"{page}/dinh-chinh", same, name="x.exe", body=b"MZ")
        assert (seen.status, "Chỉ gửi được ảnh" in seen.text) == (422, True)


async def test_what_went_with_it_is_kept_changed_or_left_out(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        page = await published(browser, rig, body=PDF)
        form = await browser.get(f"{page}/dinh-chinh")
        assert "Đang kèm: x.pdf" in form.text
        fields = {"title": "Cắt điện", "text": "Từ 8 giờ."}
        kept = {**fields, "attachment": form.value("attachment")}
        done = await browser.upload(f"{page}/dinh-chinh", kept)
        assert (await newest(rig)).attachment_id == form.value("attachment")
        done = await browser.upload(f"{done.location}/dinh-chinh", {**kept, "drop": "1"})
        assert "Tệp kèm" not in (await browser.get(done.location)).text
        done = await browser.upload(
            f"{done.location}/dinh-chinh", fields, name="a.jpg", body=photograph()
        )
        assert f"{done.location}/kem" in (await browser.get(done.location)).attributes(
            "img", "src"
        )


async def test_a_recall_is_told_done_and_shown(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        page = await published(browser, rig, sent=2)
        asked = await browser.get(f"{page}/thu-hoi")
        assert "2 người và nhóm đã nhận" in asked.text
        assert "1 người chưa nhận sẽ không nhận nữa" in asked.text
        done = await browser.send(f"{page}/thu-hoi")
        recall = await browser.get(done.location)
        assert "không còn hiệu lực: Cắt điện" in recall.text
        assert "Có điều sai?" not in recall.text
        assert "Đã thu hồi" in (await browser.get(page)).text
        # A second press, from a page left open.
        assert (await browser.post(f"{page}/thu-hoi", {"csrf": asked.csrf})).location == page


async def test_what_was_not_sent_has_nothing_to_correct(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        fields = {"title": "Cắt điện", "text": "Từ 7 giờ.", "unit": rig.commune.id}
        draft = await browser.upload(f"{LIST}/moi", fields)
        page = draft.location.removesuffix("/gui")
        seen = await browser.get(page)
        assert "Có điều sai?" not in seen.text
        assert "Nếu gửi bây giờ" in seen.text
        assert (await browser.get(f"{page}/thu-hoi")).location == page


async def test_one_stopped_half_way_is_only_taken_back(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        page = await published(browser, rig, sent=1)
        await browser.send(f"{page}/huy")
        seen = await browser.get(page)
        assert f"{page}/dinh-chinh" not in seen.attributes("a", "href")
        assert f"{page}/thu-hoi" in seen.attributes("a", "href")
        fields = {"title": "Cắt điện", "text": "Từ 8 giờ."}
        seen = await browser.upload(f"{page}/dinh-chinh", fields)
        assert (seen.status, "đã hủy nên không đính chính được" in seen.text) == (422, True)


async def test_nothing_goes_with_what_has_nothing(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        page = await published(browser, rig)
        assert (await browser.get(f"{page}/kem")).status == 404
