"""Pictures and files handed in with an announcement, and what is handed in instead of them."""

import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.messages import Attachment, AttachmentKind
from bot.core.officers import Role
from bot.services.announcements.attachments import UPLOAD_MOST_BYTES
from bot.services.announcements.file_kinds import FILE_MOST_BYTES
from tests.console.browser import Browser, Seen
from tests.console.rig import Rig
from tests.pictures import CAMERA, opened, photograph, picture

NEW = "/console/thong-bao/moi"
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
CSV = "họ tên,tổ\nNguyễn Văn Bịa,1\n".encode()


def word(**more: bytes) -> bytes:
    """Return the least that is a Word file, with more parts if asked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
        for name, body in more.items():
            archive.writestr(name, body)
    return out.getvalue()


def written(rig: Rig, **fields: str) -> dict[str, str]:
    plain = {"title": "Bản đồ lánh nạn", "text": "Đi theo hình.", "when": "now", "public": "1"}
    return {**plain, "unit": rig.commune.id, **fields}


async def newest(rig: Rig) -> Attachment | None:
    async with rig.storage.read() as work:
        found = await work.announcements.of_units([rig.commune.id])
    return (await rig.services.announcements.show(found[0].id, to=None)).attachment


@pytest.fixture
async def announcer(rig: Rig) -> None:
    await rig.officer("lan.an", Role.ANNOUNCER)


@pytest.mark.usefixtures("announcer")
async def test_a_photograph_is_made_anew_shown_and_sent(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        taken = photograph()
        kept = await browser.upload(NEW, written(rig), name="IMG_nha-chi-Lan.JPG", body=taken)
        assert (kept.status, kept.location.endswith("/gui")) == (303, True)
        page = await browser.get(kept.location)
        address = kept.location.removesuffix("/gui") + "/kem"
        assert address in page.attributes("img", "src")
        assert "Bản đồ lánh nạn" in page.attributes("img", "alt")
        async with browser.session.get(rig.server.make_url(address)) as response:
            assert response.content_type == "image/jpeg"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers.getall("Content-Security-Policy") == [
                "default-src 'none'; sandbox"
            ]
            assert response.headers["Cache-Control"] == "no-store"
            body = await response.read()
        assert CAMERA.encode() not in body
        assert opened(body).size == (40, 80)
        await browser.send(kept.location)
    attachment = await newest(rig)
    assert attachment is not None
    assert (attachment.kind, attachment.name) == (AttachmentKind.PICTURE, "hinh-anh.jpg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fine:
    id: str
    name: str
    body: bytes
    kept_as: str


OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") * 2
TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv",
}
FINE = [
    Fine(id="pdf", name="Báo cáo.pdf", body=PDF, kept_as="Báo-cáo.pdf"),
    Fine(id="pdf by another name", name="a.exe", body=PDF, kept_as="a-exe.pdf"),
    Fine(id="folders", name="../../etc/x.PDF", body=PDF, kept_as="x.pdf"),
    Fine(id="windows folders", name="C:\\tin\\x.pdf", body=PDF, kept_as="x.pdf"),
    Fine(id="no name left", name="<>.pdf", body=PDF, kept_as="tep.pdf"),
    Fine(id="signs", name='a"b\r\n;c.pdf', body=PDF, kept_as="a-b-c.pdf"),
    Fine(id="hidden turn", name="tin\u202efdp.exe.pdf", body=PDF, kept_as="tinfdp-exe.pdf"),
    Fine(id="docx", name="x.docx", body=word(), kept_as="x.docx"),
    Fine(id="doc", name="x.doc", body=OLD_WORD, kept_as="x.doc"),
    Fine(id="csv", name="x.csv", body=CSV, kept_as="x.csv"),
]


@pytest.mark.usefixtures("announcer")
@pytest.mark.parametrize("case", FINE, ids=lambda case: case.id)
async def test_a_file_goes_by_what_it_is_under_a_clean_name(rig: Rig, case: Fine) -> None:
    kept = await rig.services.attachments.keep(case.name, case.body)
    assert (kept.kind, kept.name) == (AttachmentKind.FILE, case.kept_as)
    assert (kept.media_type, kept.size_bytes) == (
        TYPES[case.kept_as.rpartition(".")[2]],
        len(case.body),
    )
    async with rig.signed_in("lan.an") as browser:
        sent = await browser.upload(NEW, written(rig), name="x.csv", body=case.body)
        assert sent.status == 303
        page = await browser.get(sent.location)
        assert "Tệp kèm:" in page.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    id: str
    name: str
    body: bytes
    says: str


WRONG = [
    Wrong(id="svg", name="x.jpg", body=b"<svg onload=alert(1)>", says="Chỉ gửi được ảnh"),
    Wrong(id="html", name="x.csv", body=b"\xef\xbb\xbf <html>", says="Chỉ gửi được ảnh"),
    Wrong(id="program", name="x.pdf", body=b"MZ\x90\x00" * 9, says="Chỉ gửi được ảnh"),
    Wrong(id="half a picture", name="x.jpg", body=photograph()[:700], says="Không đọc được ảnh"),
    Wrong(id="gif", name="x.gif", body=picture(kind="GIF", mode="P"), says="Chỉ gửi được ảnh"),
    Wrong(id="half a pdf", name="x.pdf", body=PDF[:-8], says="bị hỏng"),
    Wrong(id="half a docx", name="x.docx", body=word()[:-30], says="bị hỏng"),
    Wrong(id="a mere zip", name="x.docx", body=b"PK\x05\x06" + bytes(18), says="Chỉ gửi được ảnh"),
    Wrong(id="macros", name="x.docx", body=word(**{"word/vbaProject.bin": b"m"}), says="macro"),
    Wrong(
        id="old macros",
        name="x.doc",
        body=OLD_WORD + "_VBA_PROJECT".encode("utf-16-le"),
        says="macro",
    ),
    Wrong(id="spreadsheet", name="x.doc", body=OLD_WORD[:8] + b"Workbook", says="Chỉ gửi được"),
    Wrong(id="latin table", name="x.csv", body="họ,tên".encode("utf-16"), says="UTF-8"),
    Wrong(id="binary table", name="x.csv", body=b"a,b\x00c\n", says="Chỉ gửi được ảnh"),
    Wrong(id="empty table", name="x.csv", body=b" \n", says="Chỉ gửi được ảnh"),
    Wrong(id="open quotes", name="x.csv", body=b'a,"b\nc', says="bị hỏng"),
    Wrong(id="too large", name="x.pdf", body=PDF + bytes(FILE_MOST_BYTES), says="Tối đa 5 MB"),
]


@pytest.mark.usefixtures("announcer")
@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
async def test_what_cannot_go_out_is_refused_with_the_reason(rig: Rig, case: Wrong) -> None:
    async with rig.signed_in("lan.an") as browser:
        seen = await browser.upload(NEW, written(rig), name=case.name, body=case.body)
        assert (seen.status, case.says in seen.text) == (422, True)
        assert seen.value("title") == "Bản đồ lánh nạn"
        assert seen.attributes("input", "aria-invalid") == ["true"]
    async with rig.storage.read() as work:
        assert await work.announcements.of_units([rig.commune.id]) == []


@pytest.mark.usefixtures("announcer")
async def test_a_form_without_a_file_is_as_before(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        assert (await browser.upload(NEW, written(rig))).status == 303
    assert await newest(rig) is None


@pytest.mark.usefixtures("announcer")
async def test_a_file_once_handed_in_is_kept_while_the_words_are_mended(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        seen = await browser.upload(NEW, written(rig, title=" "), name="a.pdf", body=PDF)
        assert (seen.status, "Đang kèm: a.pdf" in seen.text) == (422, True)
        fields = written(rig, attachment=seen.value("attachment"))
        kept = await browser.upload(NEW, fields)
        assert kept.status == 303
        attachment = await newest(rig)
        assert attachment is not None
        # Changed once more, it stays; left out by its box, it is gone.
        change = kept.location.removesuffix("/gui") + "/sua"
        assert (await browser.get(change)).value("attachment") == attachment.id
        await browser.upload(change, fields)
        assert await newest(rig) == attachment
        await browser.upload(change, {**fields, "drop": "1"})
        assert await newest(rig) is None


@pytest.mark.usefixtures("announcer")
async def test_a_made_up_attachment_is_not_there(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        assert (await browser.upload(NEW, written(rig, attachment="x" * 32))).status == 404
        seen = await browser.upload(NEW, written(rig, attachment="x", title=""))
        assert (seen.status, "Đang kèm" in seen.text) == (422, False)


@pytest.mark.usefixtures("announcer")
async def test_a_file_of_another_unit_is_not_shown(rig: Rig) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("minh", Role.ANNOUNCER, unit=unit)
    async with rig.signed_in("lan.an") as browser:
        kept = await browser.upload(NEW, written(rig), name="a.pdf", body=PDF)
    async with rig.signed_in("minh") as browser:
        address = kept.location.removesuffix("/gui") + "/kem"
        assert (await browser.get(address)).status == 404


# --- the way in -------------------------------------------------------------------------------


async def test_a_stranger_and_one_who_may_not_hand_in_nothing(rig: Rig) -> None:
    await rig.officer("hoa", Role.VIEWER)
    async with rig.browser() as stranger:
        seen = await stranger.upload(NEW, {}, name="a.pdf", body=PDF, token="x")
        assert (seen.status, seen.location) == (303, "/console/dang-nhap")
    async with rig.signed_in("hoa") as viewer:
        seen = await viewer.upload(NEW, {}, name="a.pdf", body=PDF, token="x")
        assert seen.status == 403


@pytest.mark.usefixtures("announcer")
async def test_a_form_in_parts_needs_its_token_too(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        seen = await browser.upload(NEW, written(rig), name="a.pdf", body=PDF, token="wrong")
        assert seen.status == 403


@pytest.mark.usefixtures("announcer")
async def test_more_than_any_picture_has_is_not_read_to_its_end(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        body = bytes(UPLOAD_MOST_BYTES + 1)
        assert (await browser.upload(NEW, written(rig), name="a.jpg", body=body)).status == 413
        fields = written(rig, text="a" * 70_000)
        assert (await browser.upload(NEW, fields)).status == 413


@pytest.mark.usefixtures("announcer")
async def test_other_forms_take_no_parts(rig: Rig) -> None:
    async with rig.signed_in("lan.an") as browser:
        kept = await browser.upload(NEW, written(rig))
        seen = await browser.upload(kept.location, {}, name="a.pdf", body=PDF)
        assert seen.status == 415


END = b"\r\n--b--\r\n"
HEAD = b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx'
RUBBISH = {
    "nothing": b"",
    "no boundary": b"hello",
    "never ending": HEAD,
    "only the end": b"--b--\r\n",
    "no names": b"--b\r\n\r\nx\r\n--b--\r\n",
    "parts in parts": b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--" + END,
    "many parts": (HEAD + b"\r\n") * 60 + b"--b--\r\n",
    "wrong length": HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: 900\r\n\r\n") + END,
    "long head": b"--b\r\nX: " + b"a" * 20_000 + b"\r\n\r\nx\r\n--b--\r\n",
}


async def raw(
    browser: Browser, body: bytes, kind: str = "multipart/form-data; boundary=b"
) -> Seen:
    return await browser.post(NEW, body, headers={"Content-Type": kind})


@pytest.mark.usefixtures("announcer")
@pytest.mark.parametrize("body", RUBBISH.values(), ids=RUBBISH.keys())
async def test_rubbish_is_refused_and_breaks_nothing(rig: Rig, body: bytes) -> None:
    async with rig.signed_in("lan.an") as browser:
        assert (await raw(browser, body)).status in {400, 403}
        assert (await raw(browser, body, "multipart/form-data")).status == 400


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(0, 400), at=st.integers(0, 400), noise=st.binary(max_size=30))
@pytest.mark.usefixtures("announcer")
async def test_a_damaged_form_is_refused(rig: Rig, cut: int, at: int, noise: bytes) -> None:
    whole = (
        HEAD + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n" + PDF + b"\r\n--b--\r\n"
    )
    damaged = (whole[:at] + noise + whole[at:])[: len(whole) - cut]
    # Only so many strange browsers may sign in within a quarter of an hour.
    rig.clock.advance(timedelta(minutes=16))
    async with rig.browser() as browser:
        await browser.sign_in("lan.an", "bốn từ ghép lại dễ nhớ")
        assert (await raw(browser, damaged)).status in {400, 403, 413}
