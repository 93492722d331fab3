"""Pictures, documents and albums on the stand-in of Telegram: how they are sent."""

import io
import json
from dataclasses import dataclass, field
from typing import cast

import aiohttp
import pytest

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_line import GROUP, USER, Json, Line, Said

PNG = b"\x89PNG\r\n\x1a\n"
MEGABYTE = 1024 * 1024


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a form."""

    under: str
    data: bytes = field(repr=False)
    name: str = "anh.png"


async def upload(line: Line, method: str, *parts: Part, **fields: str) -> Said:
    form = aiohttp.FormData({"chat_id": str(USER), **fields}, quote_fields=False)
    for part in parts:
        form.add_field(part.under, io.BytesIO(part.data), filename=part.name)
    async with line.client.post(f"/bot{line.stub.token}/{method}", data=form) as answer:
        return Said(status=answer.status, body=await answer.json(), headers=dict(answer.headers))


async def test_a_picture_goes_up_once_and_again_by_its_handle(line: Line) -> None:
    said = await upload(
        line, "sendPhoto", Part(under="photo", data=PNG + b"x" * 100), caption="Cổng làng"
    )
    sizes = cast(list[Json], said.result["photo"])
    assert line.stub.files.find(str(sizes[0]["file_id"])).size_bytes == 108
    assert (sizes[-1]["file_size"], said.result["caption"]) == (108, "Cổng làng")
    again = await line.call("sendPhoto", chat_id=USER, photo=sizes[-1]["file_id"])
    assert again.status == 200
    files = [sent.file for sent in line.stub.sent]
    assert [file.size_bytes for file in files if file] == [108, 0]
    assert files[1] is not None
    assert files[1].reference == sizes[-1]["file_id"]
    assert line.stub.broken_rules == []


async def test_a_file_name_keeps_its_vietnamese_letters(line: Line) -> None:
    part = Part(under="document", data=b"x", name='Kế "hoạch" 2026.docx')
    said = await upload(line, "sendDocument", part)
    assert cast(Json, said.result["document"])["file_name"] == 'Kế "hoạch" 2026.docx'


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    id: str
    method: str
    part: Part
    status: int
    says: str


BAD = [
    Bad(
        id="photo over 10 MB",
        method="sendPhoto",
        part=Part(under="photo", data=PNG + bytes(10 * MEGABYTE)),
        status=400,
        says="too big for a photo",
    ),
    Bad(
        id="document over 50 MB",
        method="sendDocument",
        part=Part(under="document", data=bytes(50 * MEGABYTE + 1)),
        status=413,
        says="Request Entity Too Large",
    ),
    Bad(
        id="empty file",
        method="sendDocument",
        part=Part(under="document", data=b""),
        status=400,
        says="must be non-empty",
    ),
    Bad(
        id="photo that is no picture",
        method="sendPhoto",
        part=Part(under="photo", data=b"%PDF-1.7"),
        status=400,
        says="IMAGE_PROCESS_FAILED",
    ),
    Bad(
        id="file under another name",
        method="sendPhoto",
        part=Part(under="document", data=PNG),
        status=400,
        says="no photo in the request",
    ),
]


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.id)
async def test_a_file_that_cannot_be_is_refused(line: Line, case: Bad) -> None:
    said = await upload(line, case.method, case.part)
    assert (said.status, case.says in str(said.body["description"])) == (case.status, True)
    assert len(line.stub.broken_rules) == 1
    assert line.stub.sent == []


async def test_a_handle_serves_for_its_own_kind_alone(line: Line) -> None:
    handle = line.stub.files.keep("document").file_id
    said = await line.call("sendPhoto", chat_id=USER, photo=handle)
    assert "can't use file of type Document as Photo" in str(said.body["description"])
    said = await line.call("sendPhoto", chat_id=USER, photo="AgAD-nope")
    assert "wrong file identifier" in str(said.body["description"])
    for where in ("attach://missing", "https://example.org/a.png"):
        assert (await line.call("sendPhoto", chat_id=USER, photo=where)).status == 400


async def test_a_voice_and_a_place_can_be_sent(line: Line) -> None:
    said = await upload(line, "sendVoice", Part(under="voice", data=b"OggS", name="a.ogg"))
    assert "voice" in said.result
    place: Json = {"latitude": 21.0, "longitude": 105.8}
    said = await line.call("sendLocation", chat_id=USER, **place)
    assert said.result["location"] == place
    for wrong in ({"latitude": 91}, {"longitude": "đông"}):
        assert (await line.call("sendLocation", chat_id=USER, **(place | wrong))).status == 400


def album_of(*names: str, kind: str = "photo") -> list[Json]:
    return [{"type": kind, "media": f"attach://{name}"} for name in names]


async def test_an_album_is_several_messages_with_one_mark(line: Line) -> None:
    media = album_of("a", "b")
    media[0]["caption"] = "<b>Hai ảnh</b>"
    media[0]["parse_mode"] = "HTML"
    parts = [Part(under=name, data=PNG + name.encode()) for name in ("a", "b")]
    said = await upload(line, "sendMediaGroup", *parts, media=json.dumps(media))
    assert len({message["media_group_id"] for message in said.list}) == 1
    assert [sent.text for sent in line.stub.sent] == ["Hai ảnh", ""]
    assert len({sent.album for sent in line.stub.sent}) == 1
    line.stub.clock.advance(5)
    handles = [cast(list[Json], message["photo"])[-1]["file_id"] for message in said.list]
    again = [{"type": "photo", "media": handle} for handle in handles]
    assert (await line.call("sendMediaGroup", chat_id=USER, media=again)).status == 200
    assert line.stub.broken_rules == []


WRONG_ALBUMS: list[tuple[str, object, str]] = [
    ("one", album_of("a"), "2-10 items"),
    ("eleven", album_of(*"abcdefghijk"), "too many messages"),
    ("pictures among documents", album_of("a") + album_of("b", kind="document"), "in the album"),
    ("voices", album_of("a", "b", kind="voice"), "in the album"),
    ("no list", {}, "Array of InputMedia"),
    ("missing part", album_of("a", "z"), "media not found"),
    (
        "caption too long",
        [album_of("a")[0] | {"caption": "a" * 1025}, album_of("b")[0]],
        "caption is too long",
    ),
]


@pytest.mark.parametrize(
    ("name", "media", "says"), WRONG_ALBUMS, ids=[row[0] for row in WRONG_ALBUMS]
)
async def test_an_album_that_cannot_be_is_refused(
    line: Line, name: str, media: object, says: str
) -> None:
    parts = [Part(under=name, data=PNG + name.encode()) for name in ("a", "b")]
    said = await upload(line, "sendMediaGroup", *parts, media=json.dumps(media))
    assert (said.status, says in str(said.body["description"])) == (400, True)
    assert line.stub.sent == []
    assert len(line.stub.broken_rules) == 1


async def test_two_pictures_of_one_size_may_be_in_one_album(line: Line) -> None:
    parts = [Part(under=name, data=PNG + bytes(200_000)) for name in ("a", "b")]
    media = json.dumps(album_of("a", "b"))
    assert (await upload(line, "sendMediaGroup", *parts, media=media)).status == 200


async def test_an_album_has_no_keyboard(line: Line) -> None:
    handle = line.stub.files.keep("photo").file_id
    media = [{"type": "photo", "media": handle}] * 2
    markup: Json = {"inline_keyboard": []}
    said = await line.call("sendMediaGroup", chat_id=USER, media=media, reply_markup=markup)
    assert said.status == 400


async def test_an_album_counts_as_many_messages_in_a_group(line: Line) -> None:
    handle = line.stub.files.keep("photo").file_id
    media = [{"type": "photo", "media": handle}] * 10
    statuses = []
    for _ in range(3):
        statuses.append((await line.call("sendMediaGroup", chat_id=GROUP, media=media)).status)
        line.stub.clock.advance(1)
    assert statuses == [200, 200, 429]


async def test_an_album_fits_a_private_chat_that_was_quiet(line: Line) -> None:
    handle = line.stub.files.keep("photo").file_id
    media = [{"type": "photo", "media": handle}] * 10
    assert (await line.call("sendMediaGroup", chat_id=USER, media=media)).status == 200
    assert (await line.send()).status == 429


async def test_the_same_large_file_again_at_once_is_a_flood(line: Line) -> None:
    part = Part(under="document", data=bytes(100_001))
    assert (await upload(line, "sendDocument", part)).status == 200
    line.stub.clock.advance(0.4)
    said = await upload(line, "sendDocument", part)
    assert said.body["parameters"] == {"retry_after": 10}
    assert said.headers["Retry-After"] == "10"
    line.stub.clock.advance(0.2)
    assert (await upload(line, "sendDocument", part)).status == 200


async def test_a_fault_finds_its_chat_in_a_form_too(line: Line) -> None:
    line.stub.fail_next(FaultKind.REFUSED, to=str(USER), code=403, text="Forbidden: a")
    part = Part(under="document", data=b"x")
    line.stub.person(USER + 1)
    assert (await upload(line, "sendDocument", part, chat_id=str(USER + 1))).status == 200
    assert (await upload(line, "sendDocument", part)).status == 403
    assert line.stub.faults.is_empty


async def test_a_form_that_breaks_off_is_refused(line: Line) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=abc"}
    path = f"/bot{line.stub.token}/sendDocument"
    for body in (b"--abc\r\n", b"--abc\r\n\r\n--abc--", b"--abc\r\nA: b\r\n\r\n--abc--"):
        async with line.client.post(path, data=body, headers=headers) as answer:
            assert answer.status == 400
    assert len(line.stub.broken_rules) == 3
