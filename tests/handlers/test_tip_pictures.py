"""Pictures and places in a tip: taken at once, cleaned, sealed, and never mixed up."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.cleaning import Unclean
from bot.core.dialogues import STEP_LIFE
from bot.core.ids import ChannelId
from bot.core.messages import IncomingKind, Media, MediaKind, Outgoing
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.desk import OpenedTip
from bot.services.tips.receiving.pictures import MOST_PICTURES, Refusal
from tests.builders.opening import open_town
from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.one_book import the_book

WHAT = "Có nhóm thanh niên đánh bạc ở quán nước"
SEND = "~tip_send"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        opened.channel("telegram").files.update(
            {
                "one": b"dirty one",
                "two": b"dirty two",
                "bad": b"poison",
                "pages": b"dirty page 1|dirty page 2",
                "many": b"|".join([b"dirty page"] * (MOST_PICTURES + 1)),
                **{f"n{number}": b"dirty" for number in range(MOST_PICTURES + 1)},
            }
        )
        await opened.founded()
        yield opened


@pytest.fixture
async def reader(town: Town) -> Reader:
    return await town.moderator()


def picture(handle: str) -> Media:
    return Media(kind=MediaKind.PICTURE, handle=handle)


async def begun(town: Town) -> Talk:
    """Begin a tip and come to the question where."""
    talk = town.talk("telegram")
    for line in ("/togiac", "1", "1", WHAT):
        await talk.says(line)
    assert (await talk.step()).question == "where"
    return talk


async def sent(talk: Talk) -> list[Outgoing]:
    # Where, when, pictures if there are none yet, and whether officers may ask back.
    while (await talk.step()).question != "review":
        await talk.says("/boqua")
    return await talk.says(SEND, IncomingKind.CHOICE)


async def opened(town: Town, reader: Reader) -> OpenedTip:
    (tip,) = await town.reading.queue.tips(reader.officer)
    return await town.reading.desk.open(tip.id, reader)


async def test_pictures_reach_the_moderator_cleaned(town: Town, reader: Reader) -> None:
    talk = await begun(town)
    taken, asked = await talk.shows(picture("one"))
    assert taken.text.startswith("Đã nhận 1 ảnh")
    assert asked.text.startswith("Ở đâu")
    await talk.shows(picture("two"))
    await talk.says("/boqua")
    await talk.says("/boqua")
    (review,) = await talk.says("/boqua")
    assert "Số ảnh kèm theo: 2" in review.text
    await sent(talk)
    tip = await opened(town, reader)
    assert sorted(tip.pictures) == [b"clean one", b"clean two"]
    assert tip.report.what == WHAT
    assert tip.records == ()
    assert b"clean one" not in town.on_disk()


async def test_pages_of_a_file_are_pictures_of_the_tip(town: Town, reader: Reader) -> None:
    talk = await begun(town)
    taken, _ = await talk.shows(Media(kind=MediaKind.FILE, handle="pages"))
    assert taken.text.startswith("Đã nhận 2 ảnh")
    await sent(talk)
    assert sorted((await opened(town, reader)).pictures) == [b"clean page 1", b"clean page 2"]


async def test_of_a_film_pictures_are_kept_and_that_is_said(town: Town, reader: Reader) -> None:
    talk = await begun(town)
    taken, _ = await talk.shows(Media(kind=MediaKind.VIDEO, handle="pages"))
    assert taken.text.startswith("Video chỉ được giữ lại vài tấm ảnh")
    await sent(talk)
    assert len((await opened(town, reader)).pictures) == 2


def test_whatever_the_cleaner_says_has_its_sentence() -> None:
    assert {one.value for one in Unclean} <= {one.value for one in Refusal}
    assert {one.value for one in Refusal} <= set(the_book().sections["tips"])


async def test_words_under_a_picture_answer_the_question(town: Town, reader: Reader) -> None:
    talk = await begun(town)
    taken, asked = await talk.shows(picture("one"), caption="quán nước đầu ngõ 5")
    assert taken.text.startswith("Đã nhận 1 ảnh")
    assert asked.text.startswith("Khi nào") or "khi nào" in asked.text.lower()
    await sent(talk)
    tip = await opened(town, reader)
    assert (tip.report.where, tip.pictures) == ("quán nước đầu ngõ 5", (b"clean one",))


async def test_danger_under_a_picture_comes_first(town: Town) -> None:
    talk = await begun(town)
    first, *_ = await talk.shows(picture("one"), caption="cháy nhà rồi cứu với")
    assert "114" in first.text


async def test_the_number_to_call_waits_for_no_picture(town: Town, reader: Reader) -> None:
    talk = await begun(town)
    first, left_aside, asked = await talk.shows(picture("one"), caption="cháy nhà rồi cứu với")
    assert "114" in first.text
    assert left_aside.text.startswith("Ảnh chưa tải về được")
    assert "khẩn" in asked.text
    await talk.shows(picture("two"))
    await sent(talk)
    assert (await opened(town, reader)).pictures == (b"clean two",)


async def test_a_place_answers_where(town: Town, reader: Reader) -> None:
    talk = await begun(town)
    place = Media(kind=MediaKind.PLACE, latitude=10.764, longitude=106.656)
    await talk.shows(place)
    assert (await talk.step()).question == "when"
    await sent(talk)
    assert (await opened(town, reader)).report.where == "Tọa độ 10.764, 106.656"


@pytest.mark.parametrize(
    ("media", "begins"),
    [
        pytest.param(Media(kind=MediaKind.VOICE, handle="one"), "Ở đây nhận ảnh", id="voice"),
        pytest.param(
            Media(kind=MediaKind.VIDEO, handle="one", size_bytes=20_000_001),
            "Tệp này lớn quá",
            id="a long film",
        ),
        pytest.param(Media(kind=MediaKind.FILE, handle="bad"), "Không mở được", id="a bad file"),
        pytest.param(
            Media(kind=MediaKind.FILE, handle="many"), "Mỗi tin chỉ", id="too many pages"
        ),
        pytest.param(picture("gone"), "Ảnh chưa tải về được", id="not there"),
        pytest.param(picture("bad"), "Không mở được", id="cannot be cleaned"),
    ],
)
async def test_what_cannot_be_taken_is_said_and_the_question_stands(
    town: Town, media: Media, begins: str
) -> None:
    talk = await begun(town)
    refused, asked = await talk.shows(media)
    assert refused.text.startswith(begins)
    assert asked.text.startswith("Ở đâu")
    assert (await talk.step()).gathered == {"category": "crime", "what": WHAT}


async def test_a_tip_holds_only_so_many_pictures(town: Town, reader: Reader) -> None:
    talk = await begun(town)
    for number in range(MOST_PICTURES):
        await talk.shows(picture(f"n{number}"))
    refused, _ = await talk.shows(picture("one"))
    assert refused.text.startswith(f"Mỗi tin chỉ kèm được {MOST_PICTURES} ảnh")
    await sent(talk)
    assert len((await opened(town, reader)).pictures) == MOST_PICTURES


@pytest.mark.parametrize(
    "way_out",
    [
        pytest.param(("/huy",), id="cancelled"),
        pytest.param(("/batdau",), id="left for the menu"),
        pytest.param((), id="begun again"),
    ],
)
async def test_pictures_of_a_tip_that_was_given_up_never_reach_another(
    town: Town, reader: Reader, way_out: tuple[str, ...]
) -> None:
    talk = await begun(town)
    await talk.shows(picture("one"))
    for line in way_out:
        await talk.says(line)
    talk = await begun(town)
    await sent(talk)
    assert (await opened(town, reader)).pictures == ()


async def test_pictures_are_forgotten_with_the_draft(town: Town) -> None:
    talk = await begun(town)
    await talk.shows(picture("one"))
    town.clock.advance(STEP_LIFE + timedelta(hours=1))
    async with town.storage.begin() as work:
        assert await work.slips.forget_before(town.clock.now()) == 1


async def test_pictures_live_as_long_as_the_draft_is_gone_on_with(
    town: Town, reader: Reader
) -> None:
    talk = await begun(town)
    await talk.shows(picture("one"))
    town.clock.advance(timedelta(seconds=1))
    await talk.shows(picture("two"))
    for line in ("/boqua", "/quaylai", "/boqua", "/boqua", "/boqua"):
        town.clock.advance(STEP_LIFE - timedelta(seconds=5))
        await talk.says(line)
    await talk.says(SEND, IncomingKind.CHOICE)
    assert (await opened(town, reader)).pictures == (b"clean one", b"clean two")


async def test_pictures_outside_a_tip_are_never_fetched(town: Town) -> None:
    talk = town.talk("telegram")
    await talk.shows(picture("one"))
    async with town.storage.begin() as work:
        assert await work.slips.forget_before(town.clock.now() + timedelta(days=1)) == 0
    assert town.channel("telegram").id == ChannelId("telegram")
