"""The bulletin: pictures, files, corrections and recalls, for people and for machines."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bot.core.announcements import Amendment, Announcement, AnnouncementState
from bot.core.messages import Attachment
from bot.services.announcements.attachments import Attachments
from bot.vault.cleaning import PictureCleaner
from tests.pictures import photograph
from tests.web.site import Site

PDF = b"%PDF-1.7\n%%EOF\n"


async def kept(site: Site, name: str, body: bytes) -> Attachment:
    attachments = Attachments(storage=site.storage, cleaning=PictureCleaner(), clock=site.clock)
    return await attachments.keep(name, body)


async def with_picture(site: Site, **changes: Any) -> tuple[Announcement, str]:  # noqa: ANN401 - handed on as it is
    picture = await kept(site, "a.jpg", photograph())
    one = await site.publish("Tìm trẻ lạc", attachment_id=picture.id, **changes)
    return one, f"/thong-bao/{one.slug}/kem/{picture.id}"


async def corrected(site: Site, one: Announcement, text: str) -> Announcement:
    later = site.clock.now() + timedelta(hours=1)
    return await site.publish(
        one.title, text, amends=one.id, amendment=Amendment.CORRECTION, started_at=later
    )


async def test_a_picture_is_shown_and_served_as_one(site: Site) -> None:
    one, address = await with_picture(site)
    async with site.get(f"/thong-bao/{one.slug}") as page:
        html = await page.text()
        assert f'src="{address}"' in html
        assert 'alt="Tìm trẻ lạc"' in html
    async with site.get(address) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert (await answer.read()).startswith(b"\xff\xd8\xff")
    async with site.get("/") as front:
        assert "có ảnh" in await front.text()


async def test_a_file_is_handed_out_to_be_kept_and_never_as_a_page(site: Site) -> None:
    file = await kept(site, "Lịch trực.pdf", PDF)
    one = await site.publish("Lịch trực", attachment_id=file.id)
    async with site.get(f"/thong-bao/{one.slug}") as page:
        assert "Tải tệp kèm: Lịch-trực.pdf" in await page.text()
    async with site.get(f"/thong-bao/{one.slug}/kem/{file.id}") as answer:
        assert answer.headers["Content-Type"] == "application/pdf"
        told = answer.headers["Content-Disposition"]
        assert told == "attachment; filename*=UTF-8''L%E1%BB%8Bch-tr%E1%BB%B1c.pdf"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert await answer.read() == PDF


@pytest.mark.parametrize(
    "changes",
    [
        {"is_public": False},
        {"started_at": None, "state": AnnouncementState.SCHEDULED},
        {"state": AnnouncementState.CANCELLED},
    ],
    ids=["not public", "not started", "cancelled"],
)
async def test_what_is_not_public_gives_out_nothing(site: Site, changes: dict[str, Any]) -> None:
    _, address = await with_picture(site, **changes)
    async with site.get(address) as answer:
        assert answer.status == 404


async def test_a_picture_of_another_announcement_is_not_there(site: Site) -> None:
    _, address = await with_picture(site)
    other = await site.publish("Tin khác")
    attachment_id = address.rpartition("/")[2]
    async with site.get(f"/thong-bao/{other.slug}/kem/{attachment_id}") as answer:
        assert answer.status == 404


async def test_the_address_of_an_earlier_text_leads_to_the_correction(site: Site) -> None:
    one = await site.publish("Cắt điện", "Từ 7 giờ.")
    later = await corrected(site, one, "Từ 8 giờ.")
    async with site.get(f"/thong-bao/{one.slug}?lang=en") as answer:
        there = answer.headers["Location"]
        assert (answer.status, there) == (302, f"/thong-bao/{later.slug}?lang=en")
    async with site.get(f"/thong-bao/{later.slug}") as page:
        text = await page.text()
    assert "Đã đính chính" in text
    assert "Từ 8 giờ." in text
    async with site.get("/") as front:
        text = await front.text()
    assert ("Từ 8 giờ." in text, "Từ 7 giờ." in text) == (True, False)


async def test_what_was_taken_back_says_so_and_no_more(site: Site) -> None:
    one, address = await with_picture(site, text="Điều đã nói.")
    recall = await site.publish(one.title, "", amends=one.id, amendment=Amendment.RECALL)
    for slug in (one.slug, recall.slug):
        async with site.get(f"/thong-bao/{slug}") as page:
            text = await page.text()
            assert (page.status, "đã được rút lại" in text) == (410, True)
            assert "Điều đã nói." not in text
            assert one.title not in text
    async with site.get(address) as answer:
        assert answer.status == 404
    for path in ("/", "/feed.xml"):
        async with site.get(path) as answer:
            assert one.title not in await answer.text()


async def test_the_feed_tells_of_the_picture_and_of_the_correction_as_news(site: Site) -> None:
    one, address = await with_picture(site)
    plain = await site.publish("Cắt điện", "Từ 7 giờ.")
    later = await corrected(site, plain, "Từ 8 giờ.")
    async with site.get("/feed.xml") as answer:
        items = ET.fromstring(await answer.read()).findall("channel/item")  # noqa: S314 - our own
    by_title = {item.findtext("title"): item for item in items}
    assert len(items) == 2
    enclosure = by_title[one.title].find("enclosure")
    assert enclosure is not None
    assert enclosure.get("url") == f"http://binhyen.test{address}"
    assert (enclosure.get("type"), int(enclosure.get("length", 0)) > 0) == ("image/jpeg", True)
    item = by_title["Cắt điện"]
    assert item.findtext("guid") == f"http://binhyen.test/thong-bao/{later.slug}"
    assert item.findtext("description") == "Từ 8 giờ."


async def test_a_correction_without_the_picture_gives_it_out_no_more(site: Site) -> None:
    one, address = await with_picture(site)
    later = await corrected(site, one, "Đã tìm thấy.")
    assert later.attachment_id is None
    attachment_id = address.rpartition("/")[2]
    for slug in (one.slug, later.slug):
        async with site.get(f"/thong-bao/{slug}/kem/{attachment_id}") as answer:
            assert answer.status == 404
