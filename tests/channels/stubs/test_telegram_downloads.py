"""Fetching what people sent from the stand-in of Telegram: by a link, for an hour."""

import asyncio
from typing import cast

import pytest

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_files import StoredFile
from tests.channels.stubs.telegram_line import USER, Json, Line

PNG = b"\x89PNG\r\n\x1a\n"
MEGABYTE = 1024 * 1024


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


async def download(line: Line, path: str) -> tuple[int, bytes]:
    async with line.client.get(f"/file/bot{line.stub.token}/{path}") as answer:
        return answer.status, await answer.read()


async def path_of(line: Line, file: StoredFile) -> str:
    return str((await line.call("getFile", file_id=file.file_id)).result["file_path"])


async def test_what_people_send_can_be_fetched_for_an_hour(line: Line) -> None:
    file = line.stub.files.keep("photo", data=PNG + b"bytes")
    line.stub.user_sends_file(USER, file, caption="Ổ gà")
    message = cast(Json, (await line.call("getUpdates")).list[0]["message"])
    handle = cast(list[Json], message["photo"])[-1]["file_id"]
    found = (await line.call("getFile", file_id=handle)).result
    assert found["file_size"] == len(file.data)
    assert await download(line, str(found["file_path"])) == (200, file.data)
    line.stub.clock.advance(3600)
    assert (await download(line, str(found["file_path"])))[0] == 404
    path = await path_of(line, file)
    line.stub.files.expire_links()
    assert (await download(line, path))[0] == 404


async def test_an_album_of_people_comes_in_pieces(line: Line) -> None:
    files = [line.stub.files.keep("photo"), line.stub.files.keep("photo")]
    line.stub.user_sends_album(USER, files, caption="Hai ảnh")
    messages = [cast(Json, u["message"]) for u in (await line.call("getUpdates")).list]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert ["caption" in message for message in messages] == [True, False]


async def test_what_is_too_big_or_unknown_cannot_be_fetched(line: Line) -> None:
    big = line.stub.files.keep("video", size_bytes=20 * MEGABYTE + 1)
    said = await line.call("getFile", file_id=big.file_id)
    assert said.body["description"] == "Bad Request: file is too big"
    assert line.stub.broken_rules == []
    assert (await line.call("getFile", file_id="nope")).status == 400
    assert (await line.call("getFile")).status == 400
    async with line.client.get("/file/bot123456:wrong/photos/file_0.jpg") as answer:
        assert answer.status == 401


async def test_a_video_of_people_can_be_fetched(line: Line) -> None:
    line.stub.user_sends_file(USER, line.stub.files.keep("video", data=b"ftyp"))
    message = cast(Json, (await line.call("getUpdates")).list[0]["message"])
    handle = cast(Json, message["video"])["file_id"]
    found = (await line.call("getFile", file_id=handle)).result
    assert await download(line, str(found["file_path"])) == (200, b"ftyp")


async def test_a_file_may_hide_its_size_and_be_another_than_told(line: Line) -> None:
    file = line.stub.files.keep("document", name="rong.pdf", data=b"%PDF")
    line.stub.files.shows_size = False
    line.stub.files.serves = b"x" * 5000
    found = (await line.call("getFile", file_id=file.file_id)).result
    assert ("file_size" in found, found["file_path"]) == (False, "documents/file_0.pdf")
    assert len((await download(line, str(found["file_path"])))[1]) == 5000


async def test_a_download_may_trickle_in(line: Line) -> None:
    path = await path_of(line, line.stub.files.keep("voice", data=b"x" * 3000))
    line.stub.fail_next(FaultKind.TRICKLE, method="file", delay_s=30)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(download(line, path))
        for _ in range(3):
            await line.stub.clock.wait_for_sleepers(1)
            line.stub.clock.advance(30)
            await asyncio.sleep(0)
    assert waiting.result() == (200, b"x" * 3000)


async def test_a_download_may_never_end(line: Line) -> None:
    path = await path_of(line, line.stub.files.keep("document"))
    line.stub.fail_next(FaultKind.ENDLESS, method="file")
    async with line.client.get(f"/file/bot{line.stub.token}/{path}") as answer:
        got = await answer.content.readexactly(MEGABYTE)
    assert len(got) == MEGABYTE
    line.stub.fail_next(FaultKind.ERROR_500, method="file")
    assert (await download(line, path))[0] == 500
