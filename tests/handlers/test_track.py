"""What a receipt opens in the chat: /theodoi, adding, correcting, /xoa, a receipt handed over."""

import pytest

from bot.core.messages import Media, MediaKind, Outgoing
from bot.core.tips import TipState
from bot.services.tips.reading.access import Reader
from bot.services.tips.talk import Letter
from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.tip_talks import ANSWER, QUESTION, changed, said, sent, tips


@pytest.fixture
async def reader(town: Town) -> Reader:
    town.channel("telegram").files.update({"one": b"dirty one"})
    await town.founded()
    return await town.moderator(unit=town.hamlet)


@pytest.fixture
async def receipt(town: Town, reader: Reader) -> str:
    """The receipt of a tip that officers asked something about."""
    found = await sent(town, town.talk("zalo"), wants_answer=False)
    (tip,) = await tips(town)
    await town.reading.talks.say(tip.id, reader, Letter(text=QUESTION, pictures=(b"a sketch",)))
    return found


@pytest.fixture
def talk(town: Town) -> Talk:
    return town.talk("telegram", chat="any-chat")


def words(reply: Outgoing) -> list[str]:
    return [choice.word for choice in reply.choices]


async def test_state_and_dialogue_are_shown_and_kept_nowhere(
    town: Town, talk: Talk, receipt: str
) -> None:
    (shown,) = await talk.says(f"/theodoi {receipt}")
    assert shown.is_secret
    assert "Đang được kiểm tra" in shown.text or "Đã nhận" in shown.text
    assert f"Cán bộ (22/11): {QUESTION}" in shown.text
    # What officers show is seen on the page only.
    assert "(kèm 1 ảnh)" in shown.text
    assert "/theo-doi" in shown.text
    assert len(words(shown)) == 4
    assert QUESTION.encode() not in town.on_disk()
    assert receipt.encode() not in town.on_disk()


async def test_something_is_added(town: Town, talk: Talk, reader: Reader, receipt: str) -> None:
    await talk.says(f"/theodoi {receipt}")
    await talk.taps("~track_add")
    await talk.shows(Media(kind=MediaKind.PICTURE, handle="one"))
    (told,) = await talk.says(ANSWER)
    assert told.text.startswith("Đã gửi thêm vào tin")
    (tip,) = await tips(town)
    added = (await said(town, tip, reader))[-1]
    assert (added.text, added.pictures, added.is_correction) == (ANSWER, (b"clean one",), False)
    (shown,) = await talk.says("/quaylai")
    assert f"Bà con (22/11): {ANSWER} (kèm 1 ảnh)" in shown.text


async def test_something_is_put_right(
    town: Town, talk: Talk, reader: Reader, receipt: str
) -> None:
    await talk.says(f"/theodoi {receipt}")
    await talk.taps("~track_fix")
    await talk.says("Không phải xe đỏ mà xe xanh")
    (tip,) = await tips(town)
    assert (await said(town, tip, reader))[-1].is_correction
    (shown,) = await talk.says(f"/theodoi {receipt}")
    assert "[sửa lại] Không phải xe đỏ" in shown.text


async def test_words_typed_below_the_dialogue_are_sent_when_wanted(
    town: Town, talk: Talk, reader: Reader, receipt: str
) -> None:
    await talk.says(f"/theodoi {receipt}")
    (offered,) = await talk.says("dạ tầm khuya, nhà tôi số 5 nên rõ")
    assert "Nhà tôi số 5".casefold() in offered.text.casefold()
    (tip,) = await tips(town)
    assert len(await said(town, tip, reader)) == 1
    await talk.taps("~talk_send")
    assert len(await said(town, tip, reader)) == 2


async def test_a_long_dialogue_is_shown_from_its_end(
    town: Town, talk: Talk, reader: Reader, receipt: str
) -> None:
    (tip,) = await tips(town)
    for number in range(8):
        await town.reading.talks.say(tip.id, reader, Letter(text=f"hỏi {number} " + "dài " * 300))
    (shown,) = await talk.says(f"/theodoi {receipt}")
    assert QUESTION not in shown.text
    assert "hỏi 7" in shown.text
    assert "/theo-doi" in shown.text
    assert len(shown.text) < 4_000


async def test_finishing_forgets_the_receipt(town: Town, talk: Talk, receipt: str) -> None:
    await talk.says(f"/theodoi {receipt}")
    (done,) = await talk.taps("~track_done")
    assert done.text.startswith("Đã xong.")
    assert (await talk.step()).gathered == {}


@pytest.mark.parametrize("way", [["/xoa {}"], ["/xoa", "{}"], ["/theodoi {}", "/xoa"]])
async def test_a_tip_is_taken_back_after_a_second_thought(
    town: Town, talk: Talk, receipt: str, way: list[str]
) -> None:
    *before, last = way
    for line in before:
        await talk.says(line.format(receipt))
    (question,) = await talk.says(last.format(receipt))
    assert question.text.startswith("Rút lại tin này?")
    assert words(question)[0] == "~track_keep"
    assert len(await tips(town)) == 1
    (told,) = await talk.taps("~track_withdraw_indeed")
    assert told.text.startswith("Đã xóa hẳn")
    assert await tips(town) == []
    (unknown,) = await talk.says(f"/theodoi {receipt}")
    assert unknown.text.startswith("Không tìm thấy")


async def test_whoever_thinks_again_keeps_the_tip(town: Town, talk: Talk, receipt: str) -> None:
    await talk.says(f"/theodoi {receipt}")
    await talk.taps("~track_withdraw")
    (shown,) = await talk.taps("~track_keep")
    assert QUESTION in shown.text
    # The word behind the button counts nowhere else.
    await talk.taps("~track_withdraw_indeed")
    assert len(await tips(town)) == 1


async def test_it_is_said_honestly_that_a_held_tip_stays(
    town: Town, talk: Talk, receipt: str
) -> None:
    await changed(town, is_held=True)
    told, shown = await talk.says(f"/xoa {receipt}")
    assert "chưa xóa được" in told.text
    assert QUESTION in shown.text
    await talk.taps("~track_withdraw_indeed")
    assert len(await tips(town)) == 1


async def test_a_tip_held_meanwhile_stays(town: Town, talk: Talk, receipt: str) -> None:
    await talk.says(f"/xoa {receipt}")
    await changed(town, is_held=True)
    told, _ = await talk.taps("~track_withdraw_indeed")
    assert "chưa xóa được" in told.text
    assert len(await tips(town)) == 1


async def test_a_receipt_somebody_else_has_seen_is_changed_first(
    town: Town, talk: Talk, receipt: str
) -> None:
    await changed(town, is_handed=True)
    (fresh,) = await talk.says(f"/theodoi {receipt}")
    assert fresh.is_secret
    assert QUESTION not in fresh.text
    new = fresh.text.splitlines()[1]
    # Until it was written down, the old one is the one that counts.
    assert await town.receiving.talks.follow(new) is None
    (again,) = await talk.taps("~track_add")
    assert again.text == fresh.text
    told, shown = await talk.taps("~track_copied")
    assert told.text.startswith("Từ giờ chỉ mã mới")
    assert QUESTION in shown.text
    assert await town.receiving.talks.follow(receipt) is None
    found = await town.receiving.talks.follow(new)
    assert found is not None
    assert not found.is_handed


async def test_a_wrong_receipt_opens_nothing(talk: Talk, receipt: str) -> None:
    (unknown,) = await talk.says("/xoa AAAA-BBBB-CCCC-DDDD-EEEE-FFFF")
    assert unknown.text.startswith("Không tìm thấy")
    (question,) = await talk.says(receipt)
    assert question.text.startswith("Rút lại tin này?")


async def test_a_picture_shown_outside_of_writing_is_not_taken(
    town: Town, talk: Talk, receipt: str
) -> None:
    await talk.says(f"/theodoi {receipt}")
    await talk.shows(Media(kind=MediaKind.PICTURE, handle="one"))
    (tip,) = await tips(town)
    found = await town.receiving.talks.follow(receipt)
    assert found is not None
    assert len(found.said) == 1
    assert tip.state in TipState
