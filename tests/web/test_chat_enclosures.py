"""Pictures, files, codes in the chat: shown to the browser that has the letter, to nobody else."""

import base64

from bot.core.ids import AttachmentId
from bot.core.messages import Attachment, AttachmentKind, Code
from bot.services.qr_codes import picture as drawn
from tests.web.ear import hearing
from tests.web.site import Site, cookie

PICTURE = b"\xff\xd8 invented \xff\xd9"


async def kept(site: Site, kind: AttachmentKind, name: str, media_type: str) -> Attachment:
    attachment = Attachment(
        id=AttachmentId("invented"),
        kind=kind,
        name=name,
        media_type=media_type,
        size_bytes=len(PICTURE),
    )
    async with site.storage.begin() as work:
        await work.attachments.add(attachment, PICTURE, at=site.clock.now())
        await work.commit()
    return attachment


def address(attachment_id: AttachmentId) -> str:
    return f"/tro-chuyen/kem/{attachment_id}"


async def test_a_picture_is_shown_to_whom_the_letter_is_for(site: Site) -> None:
    picture = await kept(site, AttachmentKind.PICTURE, "cảnh báo.jpg", "image/jpeg")
    token, stranger = await site.opened_chat(), await site.opened_chat()
    await site.answer(token, "Coi chừng lừa đảo", attachment=picture)

    async with site.get("/tro-chuyen", headers=cookie(token)) as page:
        shown = await page.text()
    assert f'src="{address(picture.id)}"' in shown
    async with site.get(address(picture.id), headers=cookie(token)) as answer:
        assert (answer.status, await answer.read()) == (200, PICTURE)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''c%E1")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for headers in (cookie(stranger), {}):
        async with site.get(address(picture.id), headers=headers) as refused:
            assert refused.status == 404
    async with site.get(address(AttachmentId("never")), headers=cookie(token)) as refused:
        assert refused.status == 404


async def test_a_file_is_a_link_that_saves_it(site: Site) -> None:
    file = await kept(site, AttachmentKind.FILE, "lich-hop.pdf", "application/pdf")
    token = await site.opened_chat()
    await site.answer(token, "Lịch họp kèm theo", attachment=file)

    async with site.get("/tro-chuyen", headers=cookie(token)) as page:
        assert f'href="{address(file.id)}">lich-hop.pdf</a>' in await page.text()
    async with site.get(address(file.id), headers=cookie(token)) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment;")


async def test_a_code_stands_in_the_page_itself_until_it_was_seen(site: Site) -> None:
    token = await site.opened_chat()
    code = Code(content="ABCD-EFGH", label="Mã QR của mã tin")
    await site.answer(token, "Mã tin: ABCD-EFGH", is_secret=True, code=code)
    source = "data:image/png;base64," + base64.b64encode(drawn("ABCD-EFGH")).decode()

    async with hearing(site, token) as ear:
        name, letter = await ear.next()
        while name != "letter":
            name, letter = await ear.next()
    assert letter["code"] == {"src": source, "label": "Mã QR của mã tin"}
    async with site.get("/tro-chuyen", headers=cookie(token)) as page:
        assert f'src="{source}" alt="Mã QR của mã tin"' in (await page.text()).replace(
            "&#43;", "+"
        )
    async with site.post(
        "/tro-chuyen/da-xem", json={"n": str(letter["n"])}, headers=cookie(token)
    ):
        pass
    async with site.get("/tro-chuyen", headers=cookie(token)) as page:
        assert "data:image/png" not in await page.text()
