"""The page that a receipt opens: reading, writing, correcting, taking back, a receipt changed."""

import io
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.core.tips import Report, Tip, TipCategory
from bot.services.tips.reading.access import Reader
from bot.services.tips.talk import Letter, Said
from tests.pictures import CAMERA, photograph
from tests.web.site import Site

WHAT = "Có người bán ma túy ở ngõ 3 vào tối thứ bảy."
QUESTION = "Bà con nhớ thêm biển số xe không?"
ANSWER = "Dạ xe màu đỏ, biển số con không rõ."
REVEALING = "Nhà tôi số 5 ngay đó."
RECEIPT = re.compile(r'id="receipt">([0-9A-Z-]+)<')
SURE = re.compile(r'name="sure" value="([^"]+)"')


@pytest.fixture
async def receipt(site: Site, reader: Reader) -> str:
    """The receipt of a tip about which officers asked something and showed a picture."""
    report = Report(category=TipCategory.DRUGS, what=WHAT)
    submission = await site.receiving.intake.submit(report, await site.home())
    async with site.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    tip = await the_tip(site)
    letter = Letter(text=QUESTION, pictures=(b"a sketch of officers",))
    await site.reading.talks.say(tip.id, reader, letter)
    return submission.receipt.text


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files would lie."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


async def tips(site: Site) -> list[Tip]:
    return list(await site.reading.queue.metadata(await site.home(), by="test"))


async def the_tip(site: Site) -> Tip:
    (tip,) = await tips(site)
    return tip


async def said(site: Site, reader: Reader) -> Sequence[Said]:
    return (await site.reading.desk.open((await the_tip(site)).id, reader)).said


async def changed(site: Site, *, is_held: bool = False, is_handed: bool = False) -> None:
    async with site.storage.begin() as work:
        await work.tips.save(replace(await the_tip(site), is_held=is_held, is_handed=is_handed))
        await work.commit()


def form_of(receipt: str, pictures: Sequence[bytes] = (), **fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in {"code": receipt, "act": "write", **fields}.items():
        form.add_field(name, value, content_type="text/plain")
    for one in pictures:
        form.add_field("pictures", io.BytesIO(one), filename="anh.jpg", content_type="image/jpeg")
    return form


async def posted(site: Site, data: object, *, status: int = 200) -> str:
    async with site.post("/theo-doi", data=data) as answer:
        text: str = await answer.text()
        assert answer.status == status, text
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    return text


async def test_what_officers_say_and_show_stands_on_the_page(site: Site, receipt: str) -> None:
    page = await posted(site, {"code": receipt.lower()})
    assert QUESTION in page
    assert "data:image/jpeg;base64," in page
    assert WHAT not in page
    # A receipt never stands where a browser would keep it.
    assert receipt not in "".join(re.findall(r'(?:href|action|src)="([^"]*)"', page))


async def test_an_answer_reaches_the_officers(site: Site, reader: Reader, receipt: str) -> None:
    page = await posted(site, form_of(receipt, text=ANSWER))
    assert "Đã gửi thêm vào tin" in page
    assert ANSWER in page
    question, answer = await said(site, reader)
    assert (question.text, answer.text, answer.is_correction) == (QUESTION, ANSWER, False)


async def test_a_page_loaded_anew_sends_nothing_twice(
    site: Site, reader: Reader, receipt: str
) -> None:
    for _ in range(2):
        await posted(site, form_of(receipt, text=ANSWER))
    assert len(await said(site, reader)) == 2


async def test_something_told_before_is_put_right(
    site: Site, reader: Reader, receipt: str
) -> None:
    page = await posted(site, form_of(receipt, text="Không phải ngõ 3, ngõ 4", correction="1"))
    assert "Sửa lại:" in page
    assert (await said(site, reader))[-1].is_correction


async def test_pictures_come_cleaned_and_never_lie_in_a_file(
    site: Site,
    reader: Reader,
    receipt: str,
    spool: Path,
) -> None:
    page = await posted(site, form_of(receipt, [photograph()], text=ANSWER))
    assert "kèm 1 ảnh" in page
    (picture,) = (await said(site, reader))[-1].pictures
    assert picture.startswith(b"\xff\xd8")
    assert CAMERA.encode() not in picture
    assert os.listdir(spool) == []  # noqa: PTH208 - a look at a folder of the test's own


async def test_a_picture_alone_is_enough(site: Site, reader: Reader, receipt: str) -> None:
    await posted(site, form_of(receipt, [photograph()], text=""))
    assert len((await said(site, reader))[-1].pictures) == 1


async def test_what_cannot_be_cleaned_is_refused_and_the_words_stay(
    site: Site, reader: Reader, receipt: str
) -> None:
    page = await posted(site, form_of(receipt, [b"poison"], text=ANSWER), status=400)
    assert ANSWER in page
    assert len(await said(site, reader)) == 1


@pytest.mark.parametrize("text", ["", "x" * 3_001])
async def test_nothing_and_too_much_are_not_sent(
    site: Site, reader: Reader, receipt: str, text: str
) -> None:
    await posted(site, form_of(receipt, text=text), status=400)
    assert len(await said(site, reader)) == 1


async def test_what_may_reveal_the_writer_is_pointed_at_first(
    site: Site, reader: Reader, receipt: str
) -> None:
    page = await posted(site, form_of(receipt, text=REVEALING))
    assert "Nhà tôi số 5" in page
    assert len(await said(site, reader)) == 1
    sure = SURE.search(page)
    assert sure is not None
    await posted(site, form_of(receipt, text=REVEALING, sure=sure[1]))
    assert (await said(site, reader))[-1].text == REVEALING


async def test_danger_brings_the_number_and_the_words_go_on(
    site: Site, reader: Reader, receipt: str
) -> None:
    page = await posted(site, form_of(receipt, text="cháy nhà rồi cứu với"))
    assert page.index('href="tel:114"') < page.index(QUESTION)
    assert len(await said(site, reader)) == 2


async def test_a_tip_is_taken_back_after_a_second_thought(site: Site, receipt: str) -> None:
    page = await posted(site, {"code": receipt, "act": "ask_withdraw"})
    assert "không lấy lại được" in page
    assert len(await tips(site)) == 1
    page = await posted(site, {"code": receipt, "act": "withdraw"})
    assert "Đã xóa hẳn" in page
    assert await tips(site) == []
    assert "Không tìm thấy" in await posted(site, {"code": receipt})


async def test_a_held_tip_stays_and_that_is_said(site: Site, receipt: str) -> None:
    await changed(site, is_held=True)
    page = await posted(site, {"code": receipt, "act": "withdraw"}, status=409)
    assert "chưa xóa được" in page
    assert len(await tips(site)) == 1


async def test_a_receipt_somebody_else_has_seen_is_changed_first(
    site: Site, reader: Reader, receipt: str
) -> None:
    await changed(site, is_handed=True)
    page = await posted(site, form_of(receipt, text=ANSWER))
    assert QUESTION not in page
    assert "<svg" in page
    assert len(await said(site, reader)) == 1
    found = RECEIPT.search(page)
    assert found is not None
    fresh = found[1]
    exchange = {"code": receipt, "fresh": fresh, "act": "exchange"}
    # However often it is sent, as when a page is loaded anew.
    for _ in range(2):
        page = await posted(site, exchange)
        assert "Từ giờ chỉ mã mới" in page
        assert QUESTION in page
    assert "Không tìm thấy" in await posted(site, {"code": receipt})
    assert QUESTION in await posted(site, {"code": fresh})


@pytest.mark.parametrize("fresh", ["", "AAAA", "x" * 500, "<b>"])
async def test_a_receipt_nobody_drew_changes_nothing(site: Site, receipt: str, fresh: str) -> None:
    await changed(site, is_handed=True)
    page = await posted(site, {"code": receipt, "fresh": fresh, "act": "exchange"})
    assert RECEIPT.search(page)
    assert "<b>" not in page
    assert (await site.receiving.talks.follow(receipt)) is not None


@pytest.mark.parametrize("act", ["write", "withdraw", "ask_withdraw", "exchange", "nonsense", ""])
async def test_a_wrong_receipt_opens_nothing(site: Site, receipt: str, act: str) -> None:
    wrong = site.vault.receipts.new().text
    page = await posted(site, form_of(wrong, text=ANSWER, act=act))
    assert "Không tìm thấy tin nào" in page
    assert QUESTION not in page
    assert len(await tips(site)) == 1
