"""A tip taken out as PDF: read back, looked at, and nothing in it that must stay here."""

import base64
import re

import pypdfium2
import pytest
from nacl.public import PrivateKey, SealedBox

from bot.core.officers import Role
from tests.console.rig import Rig
from tests.console.test_tip_acts import act, page_of
from tests.pictures import CAMERA, photograph

REPORT = "Ông Tư bán hàng cấm ở ngõ nhỏ. Ữ ẵ ộ ị ỹ Ằ đ Đ. <b>không đậm</b> & <script> 🚒 \u202eđảo"


def text_of(body: bytes) -> str:
    document = pypdfium2.PdfDocument(body)
    try:
        return " ".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def folded(text: str) -> str:
    return " ".join(text.split())


async def taken(rig: Rig, page: str, **fields: str) -> tuple[int, str, bytes]:
    async with rig.signed_in("mai") as browser:
        csrf = (await browser.get(page)).csrf
        data = {"csrf": csrf, "purpose": "pass_on", **fields}
        url = rig.server.make_url(f"{page}/pdf")
        async with browser.session.post(url, data=data) as answer:
            return answer.status, answer.content_type, await answer.read()


async def test_a_pdf_says_what_was_told_with_every_mark_and_bears_who_took_it_out(
    rig: Rig,
) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip(REPORT, pictures=(photograph(), b"no picture"))
    async with rig.signed_in("mai") as browser:
        await act(browser, tip, "/ghi-chu", {"note": "điều nội bộ"})
        await act(browser, tip, "/tra-loi", {"text": "Bà con nhớ hôm nào không?"})
    status, kind, body = await taken(rig, page_of(tip))
    assert (status, kind) == (200, "application/pdf")
    text = folded(text_of(body))
    assert (
        "Ông Tư bán hàng cấm ở ngõ nhỏ. Ữ ẵ ộ ị ỹ Ằ đ Đ. <b>không đậm</b> & <script> [?] đảo"
        in text
    )
    assert "Bà con nhớ hôm nào không?" in text
    assert f"{tip.reference} · Cán bộ mai · 22/11/2026" in text
    assert "chuyển cơ quan khác" in text
    assert "điều nội bộ" not in text
    assert not re.search(r"\d\d?:\d\d", text)
    (entry,) = (one for one in await rig.services.audit.newest() if one.record.act == "tip.export")
    assert dict(entry.record.facts) == {"form": "pdf", "purpose": "pass_on"}
    assert f"số {entry.number}" in text
    assert "Ảnh 2: không mở được" in text


async def test_a_pdf_holds_clean_pictures_and_no_moment(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Có ảnh kèm", pictures=(photograph(),))
    _, _, body = await taken(rig, page_of(tip))
    assert CAMERA.encode() not in body
    document = pypdfium2.PdfDocument(body)
    images = [one for page in document for one in page.get_objects() if one.type == 3]
    assert len(images) == 1
    told = document.get_metadata_dict()
    document.close()
    assert "2026" not in told["CreationDate"] + told["ModDate"]
    assert told["Author"] == ""


async def test_a_pdf_sealed_to_a_key_is_opened_by_it_alone(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip(REPORT)
    private = PrivateKey.generate()
    key = base64.b64encode(bytes(private.public_key)).decode()
    status, kind, body = await taken(rig, page_of(tip), key=key)
    assert (status, kind) == (200, "application/octet-stream")
    assert not body.startswith(b"%PDF")
    assert "Ông Tư" in text_of(SealedBox(private).decrypt(body))
    entries = [one.record for one in await rig.services.audit.newest()]
    (entry,) = (one for one in entries if one.act == "tip.export")
    assert entry.facts["key"] == key[:8]


async def test_only_what_was_left_uncovered_is_in_it(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip(REPORT, pictures=(photograph(),))
    async with rig.signed_in("mai") as browser:
        await act(browser, tip, "/tra-loi", {"text": "Nhà ông Tư ở đâu ạ?"})
        await act(browser, tip, "/che", {"words": "Ông Tư"})
    _, _, body = await taken(rig, page_of(tip))
    text = folded(text_of(body))
    assert "bán hàng cấm" in text
    assert "Ông Tư" not in text
    assert "ông Tư ở đâu" not in text
    assert "Bản đã che bớt" in text
    assert b"/Subtype /Image" not in body


@pytest.mark.parametrize("purpose", ["", "vì thích", "COURT"])
async def test_without_a_reason_none_is_made(rig: Rig, purpose: str) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip(REPORT)
    status, _, body = await taken(rig, page_of(tip), purpose=purpose)
    assert status == 422
    assert "vì việc gì" in body.decode()


async def test_a_long_story_takes_pages_each_with_its_mark(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    what = "\n".join(f"Dòng thứ {number} " + "x" * 300 for number in range(12))
    tip = await rig.tip(what)
    _, _, body = await taken(rig, page_of(tip))
    document = pypdfium2.PdfDocument(body)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    assert len(pages) > 1
    assert all(tip.reference in page and "Cán bộ mai" in page for page in pages)
    assert "Dòng thứ 11" in pages[-1]
