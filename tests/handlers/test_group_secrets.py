"""What must not stand in a group is taken away, however it was typed and whatever it came with."""

from dataclasses import replace

import pytest

from bot.core.messages import IncomingKind, Media, MediaKind, Outgoing
from tests.builders.town import Town
from tests.handlers.test_group import RECEIPT, REPORT, group_talk, heard, linked, says

STORY = "đêm nào cũng thấy người lạ ra vào nhà cuối ngõ, mang theo túi đen. " * 4
SLASHED = [
    "/togiac: gói hàng ở nhà cuối ngõ",
    "/togiac!",
    f"/togiac {STORY}",
    f"/theodoi:{RECEIPT}",
]


@pytest.mark.parametrize("is_for_bot", [True, False])
@pytest.mark.parametrize("said", SLASHED)
async def test_a_sign_or_a_long_story_after_the_word_does_not_leave_it_standing(
    town: Town, said: str, *, is_for_bot: bool
) -> None:
    await linked(town)
    replies = await says(group_talk(town, is_for_bot=is_for_bot), said)
    assert [reply.replaces for reply in replies if reply.is_recall] == [("41",)]
    assert "đừng viết ở nhóm" in replies[-1].text or "theo-doi" in replies[-1].text


async def test_a_tip_about_danger_brings_the_number_first_and_is_taken_away(town: Town) -> None:
    talk = await linked(town)
    number, deletion, refusal = await says(talk, "/togiac ông Nam đang cầm dao chém vợ, cứu với")
    assert number.text.startswith("113")
    assert deletion.replaces == ("41",)
    assert "đừng viết ở nhóm" in refusal.text


async def test_a_cry_without_the_word_stays_for_neighbours_to_read(town: Town) -> None:
    talk = await linked(town)
    (number,) = await says(talk, "ông Nam đang cầm dao chém vợ, cứu với")
    assert number.text.startswith("113")


@pytest.mark.parametrize(
    "said", ["/help@another_bot", "/start@another_bot", "/dulieu@another_bot"]
)
async def test_a_word_for_another_bot_is_not_answered(town: Town, said: str) -> None:
    await linked(town)
    assert await says(group_talk(town, is_for_bot=False), said) == []


async def test_a_tip_for_another_bot_must_not_stand_there_either(town: Town) -> None:
    await linked(town)
    talk = group_talk(town, is_for_bot=False)
    deletion, _ = await says(talk, f"/togiac@another_bot {REPORT}")
    assert deletion.is_recall


async def shows(
    town: Town, message_id: str, text: str = "", album: str = "album-13579"
) -> list[Outgoing]:
    """Show one picture of an album in the group."""
    talk = group_talk(town, is_for_bot=bool(text))
    incoming = replace(
        talk.incoming(text, IncomingKind.MEDIA),
        message_id=message_id,
        media=(Media(kind=MediaKind.PICTURE, handle="file", album=album),),
    )
    return await heard(town, incoming)


async def test_every_picture_of_a_tip_is_taken_away(town: Town) -> None:
    await linked(town)
    deletion, refusal = await shows(town, "51", REPORT)
    assert (deletion.replaces, "đừng viết ở nhóm" in refusal.text) == (("51",), True)
    for message_id in ("52", "53"):
        (deletion,) = await shows(town, message_id)
        assert (deletion.text, deletion.replaces, deletion.is_recall) == ("", (message_id,), True)
    assert await shows(town, "54", album="another") == []
    assert b"album-13579" not in town.on_disk()


async def test_an_album_of_anybody_else_is_left_alone(town: Town) -> None:
    await linked(town)
    assert await shows(town, "51", "ảnh này chụp ở đâu") != []
    assert await shows(town, "52") == []


@pytest.mark.parametrize("is_for_bot", [True, False])
@pytest.mark.parametrize(
    "said", [RECEIPT, f"mã của tôi: {RECEIPT.lower()}", RECEIPT.replace("-", " ")]
)
async def test_a_receipt_without_its_word_is_taken_away_too(
    town: Town, said: str, *, is_for_bot: bool
) -> None:
    await linked(town)
    deletion, refusal = await says(group_talk(town, is_for_bot=is_for_bot), said)
    assert deletion.is_recall
    assert "https://binhyen.example/theo-doi" in refusal.text


@pytest.mark.parametrize("said", ["XONG CHUA MINH CHAN LAMM ROII", "biển số 29H1 2345"])
async def test_what_only_looks_like_a_receipt_is_left_alone(town: Town, said: str) -> None:
    await linked(town)
    assert await says(group_talk(town, is_for_bot=False), said) == []
