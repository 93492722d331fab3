"""The form as it is sent without scripts: pictures cleaned on arrival, hints before it is kept."""

import asyncio
import io
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.desk import OpenedTip
from tests.pictures import CAMERA, opened, photograph, picture
from tests.web.site import Site

WHAT = "Có người bán ma túy ở ngõ 3 vào tối thứ bảy."
BETRAYING = WHAT + " Số điện thoại của tôi là 0912 345 678."
TOLD = {"category": "drugs", "what": WHAT, "where": "Ngõ 3"}


def body_of(pictures: Sequence[bytes], **changes: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in {**TOLD, **changes}.items():
        form.add_field(name, value, content_type="text/plain")
    for one in pictures:
        form.add_field("pictures", io.BytesIO(one), filename="anh.jpg", content_type="image/jpeg")
    if not pictures:
        # As browsers send a field for files that was left empty.
        form.add_field("pictures", b"", filename="", content_type="application/octet-stream")
    return form


async def tips_of(site: Site) -> int:
    return len(await site.reading.queue.metadata(await site.home(), by="test"))


async def opened_tip(site: Site, reader: Reader) -> OpenedTip:
    (tip,) = await site.reading.queue.metadata(await site.home(), by="test")
    return await site.reading.desk.open(tip.id, reader)


async def test_pictures_are_cleaned_on_arrival_and_sealed(site: Site, reader: Reader) -> None:
    async with site.post("/to-giac", data=body_of([photograph(), picture(kind="PNG")])) as answer:
        assert answer.status == 200, await answer.text()
    found = await opened_tip(site, reader)
    assert len(found.pictures) == 2
    assert CAMERA.encode() not in found.pictures[0]
    assert opened(found.pictures[0]).size == (40, 80)


async def test_an_empty_field_for_pictures_is_no_picture(site: Site, reader: Reader) -> None:
    async with site.post("/to-giac", data=body_of([])) as answer:
        assert answer.status == 200
    assert (await opened_tip(site, reader)).pictures == ()


async def test_no_picture_is_laid_into_a_temporary_file(
    site: Site, reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # aiohttp's own reading of forms would fail here, for want of a folder.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    large = picture((2000, 2000), kind="BMP")
    async with site.post("/to-giac", data=body_of([large])) as answer:
        assert answer.status == 200
    assert len((await opened_tip(site, reader)).pictures) == 1


REFUSED = {
    "no picture": [b"MZ no picture at all"],
    "a broken one": [photograph()[:200]],
    "one of several": [photograph(), b"GIF89a nonsense"],
    "too large": [b"\xff" * 20_000_001],
    "too many": [picture()] * 11,
}


@pytest.mark.parametrize("pictures", REFUSED.values(), ids=REFUSED)
@pytest.mark.usefixtures("reader")
async def test_a_file_that_cannot_be_cleaned_is_refused_and_what_was_typed_is_kept(
    site: Site, pictures: list[bytes]
) -> None:
    async with site.post("/to-giac", data=body_of(pictures)) as answer:
        text = await answer.text()
    assert answer.status == 400
    assert 'href="#pictures"' in text
    assert WHAT in text
    assert "chọn lại ảnh" in text
    assert await tips_of(site) == 0


@pytest.mark.usefixtures("reader")
async def test_more_than_anybody_needs_is_answered_with_what_was_typed(site: Site) -> None:
    async with site.post("/to-giac", data=body_of([b"\xff" * 19_000_000] * 6)) as answer:
        text = await answer.text()
    assert answer.status == 400
    assert WHAT in text
    assert await tips_of(site) == 0


@pytest.mark.usefixtures("reader")
async def test_pictures_that_come_before_the_words_are_not_lost_silently(site: Site) -> None:
    form = aiohttp.FormData()
    form.add_field("pictures", io.BytesIO(picture()), filename="a.jpg", content_type="image/jpeg")
    for name, value in TOLD.items():
        form.add_field(name, value)
    async with site.post("/to-giac", data=form) as answer:
        assert answer.status == 400
    assert await tips_of(site) == 0


async def test_what_may_betray_is_pointed_at_once_and_sent_if_wanted(
    site: Site, reader: Reader
) -> None:
    async with site.post("/to-giac", data=body_of([picture()], what=BETRAYING)) as answer:
        text = await answer.text()
    assert await tips_of(site) == 0
    assert "“0912 345 678”" in text
    assert BETRAYING in text
    assert "chọn lại ảnh" in text
    sure = re.search(r'name="sure" value="([^"]+)"', text)
    assert sure is not None
    async with site.post("/to-giac", data=body_of([], what=BETRAYING, sure=sure[1])) as answer:
        assert 'id="receipt"' in await answer.text()
    assert (await opened_tip(site, reader)).report.what == BETRAYING


@pytest.mark.usefixtures("reader")
async def test_what_is_new_in_a_changed_text_is_pointed_at_again(site: Site) -> None:
    async with site.post("/to-giac", data=body_of([], what=BETRAYING)) as answer:
        sure = re.search(r'name="sure" value="([^"]+)"', await answer.text())
    assert sure is not None
    more = BETRAYING + " Nhà tôi số 12."
    async with site.post("/to-giac", data=body_of([], what=more, sure=sure[1])) as answer:
        assert 'name="sure"' in await answer.text()
    # Taken out again: nothing is asked a second time.
    async with site.post("/to-giac", data=body_of([], sure=sure[1])) as answer:
        assert 'id="receipt"' in await answer.text()


@pytest.mark.usefixtures("reader")
async def test_words_alone_are_bounded_too(site: Site) -> None:
    async with site.post("/to-giac", data=body_of([], what="x" * 70_000)) as answer:
        assert answer.status == 400
    form = aiohttp.FormData()
    for number in range(100):
        form.add_field(f"f{number}", "x", content_type="text/plain")
    async with site.post("/to-giac", data=form) as answer:
        assert answer.status == 400
    assert await tips_of(site) == 0


@pytest.mark.usefixtures("reader")
async def test_a_line_that_is_too_slow_loses_no_word(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.picture_form.UPLOAD_S", 0.5)
    answered = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        for name, value in TOLD.items():
            yield f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
            yield value.encode() + b"\r\n"
        yield b'--x\r\nContent-Disposition: form-data; name="pictures"; filename="a"\r\n\r\n'
        for _ in range(4):
            yield b"\xff" * 100_000
        await answered.wait()

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with site.post("/to-giac", data=slowly(), headers=headers) as answer:
        text = await answer.text()
        answered.set()
    assert answer.status == 400
    assert WHAT in text
    assert "chậm quá" in text
    assert await tips_of(site) == 0


@pytest.mark.usefixtures("reader")
async def test_when_many_send_pictures_at_once_the_next_waits_and_loses_no_word(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.tip_door.MOST_UPLOADS", 0)
    async with site.post("/to-giac", data=body_of([picture()])) as answer:
        text = await answer.text()
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "10"
    assert WHAT in text
    assert "chọn lại ảnh" in text
    # Words alone take no such place.
    async with site.post("/to-giac", data=body_of([])) as answer:
        assert answer.status == 200


@pytest.mark.usefixtures("reader")
async def test_a_tip_about_an_officer_needs_an_inspectorate(site: Site) -> None:
    async with site.post("/to-giac", data=body_of([], about_officer="1")) as answer:
        text = await answer.text()
    assert answer.status == 400
    assert 'href="#about_officer"' in text
    assert WHAT in text
    assert await tips_of(site) == 0


@pytest.mark.parametrize("path", ["/to-giac", "/to-giac/kin"])
async def test_a_line_that_breaks_off_leaves_nothing_behind_and_no_word_in_a_log(
    site: Site, reader: Reader, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server = urlsplit(site.url)
    coming, going = await asyncio.open_connection(server.hostname, server.port)
    going.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        'Content-Disposition: form-data; name="record"; filename="a"\r\n\r\n'.encode()
        + b"\xff" * 300_000
    )
    await going.drain()
    going.close()
    await coming.read()
    # The next is served as if nothing had been.
    async with site.post("/to-giac", data=body_of([picture()])) as answer:
        assert answer.status == 200
    assert (await opened_tip(site, reader)).report.what == WHAT
    assert path not in caplog.text
    assert "http.failed" not in caplog.text
    assert "http.unavailable" not in caplog.text
