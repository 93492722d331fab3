"""Answering officers in the chat with /traloi: one or several tips, pictures, burning the way."""

import pytest

from bot.core.messages import Media, MediaKind, Outgoing
from bot.services.tips.reading.access import Reader
from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.tip_talks import ANSWER, QUESTION, asked, said, sent, tips


@pytest.fixture
async def reader(town: Town) -> Reader:
    town.channel("telegram").files.update({"one": b"dirty one", "bad": b"poison"})
    await town.founded()
    return await town.moderator(unit=town.hamlet)


@pytest.fixture
async def talk(town: Town, reader: Reader) -> Talk:
    """A conversation in which officers have asked something."""
    talk = town.talk("telegram")
    await sent(town, talk)
    (tip,) = await tips(town)
    (message,) = await asked(town, tip, reader)
    assert QUESTION in message.text
    assert message.choices[0].word == "/traloi 1"
    return talk


def words(reply: Outgoing) -> list[str]:
    return [choice.word for choice in reply.choices]


async def the_answers(town: Town, reader: Reader) -> list[str]:
    (tip,) = await tips(town)
    return [one.text for one in await said(town, tip, reader) if not one.by_officers]


async def test_an_answer_reaches_the_officers(town: Town, reader: Reader, talk: Talk) -> None:
    (question,) = await talk.taps("/traloi 1")
    assert "Muốn thôi" in question.text
    (told,) = await talk.says(ANSWER)
    assert told.text.startswith("Đã gửi câu trả lời")
    assert "xóa cuộc trò chuyện" in told.text
    assert (await talk.step()).dialogue == ""
    assert await the_answers(town, reader) == [ANSWER]
    assert ANSWER.encode() not in town.on_disk()


async def test_words_typed_right_below_the_question_are_offered_to_the_officers(
    town: Town, reader: Reader, talk: Talk
) -> None:
    (offered,) = await talk.says("chừng nửa đêm trở ra, xe màu đỏ hôm ấy")
    assert offered.is_secret
    assert offered.text.startswith("Có phải bà con đang trả lời cán bộ")
    await talk.taps("~talk_send")
    assert await the_answers(town, reader) == ["chừng nửa đêm trở ra, xe màu đỏ hôm ấy"]


async def test_words_typed_below_the_question_go_nowhere_unless_wanted(
    town: Town, reader: Reader, talk: Talk
) -> None:
    (offered,) = await talk.says("chừng nửa đêm trở ra, xe màu đỏ hôm ấy")
    await talk.taps(words(offered)[-1])
    assert (await talk.step()).dialogue == ""
    assert await the_answers(town, reader) == []


async def test_a_question_in_a_chat_with_a_way_back_is_still_answered(
    town: Town, reader: Reader, talk: Talk
) -> None:
    (answer, *_) = await talk.says("báo cháy gọi số nào")
    assert "114" in answer.text
    assert await the_answers(town, reader) == []


async def test_what_may_reveal_the_writer_is_asked_about(
    town: Town, reader: Reader, talk: Talk
) -> None:
    revealing = "Nhà tôi số 5 nên tôi thấy rõ"
    await talk.taps("/traloi 1")
    (warned,) = await talk.says(revealing)
    assert warned.is_secret
    assert "Nhà tôi số 5" in warned.text
    assert await the_answers(town, reader) == []
    await talk.taps("~talk_edit")
    await talk.says(ANSWER)
    assert await the_answers(town, reader) == [ANSWER]
    await talk.taps("/traloi 1")
    await talk.says(revealing)
    await talk.taps("~talk_send")
    assert await the_answers(town, reader) == [ANSWER, revealing]


async def test_pictures_go_along_cleaned(town: Town, reader: Reader, talk: Talk) -> None:
    await talk.taps("/traloi 1")
    (taken,) = await talk.shows(Media(kind=MediaKind.PICTURE, handle="one"))
    assert taken.text.startswith("Đã nhận 1 ảnh")
    await talk.says(ANSWER)
    (tip,) = await tips(town)
    (question, answer) = await said(town, tip, reader)
    assert question.by_officers
    assert (answer.text, answer.pictures) == (ANSWER, (b"clean one",))


async def test_words_under_a_picture_wait_for_a_second_look(
    town: Town, reader: Reader, talk: Talk
) -> None:
    await talk.taps("/traloi 1")
    await talk.shows(Media(kind=MediaKind.PICTURE, handle="one"), caption=ANSWER)
    assert await the_answers(town, reader) == []
    await talk.taps("~talk_send")
    assert await the_answers(town, reader) == [ANSWER]


async def test_more_words_after_those_under_a_picture_belong_to_them(
    town: Town, reader: Reader, talk: Talk
) -> None:
    await talk.taps("/traloi 1")
    await talk.shows(Media(kind=MediaKind.PICTURE, handle="one"), caption="xe này")
    await talk.says(ANSWER)
    assert await the_answers(town, reader) == [f"xe này\n{ANSWER}"]


async def test_a_picture_alone_is_an_answer(town: Town, reader: Reader, talk: Talk) -> None:
    await talk.taps("/traloi 1")
    await talk.shows(Media(kind=MediaKind.PICTURE, handle="one"))
    await talk.taps("~talk_send")
    (tip,) = await tips(town)
    assert (await said(town, tip, reader))[-1].pictures == (b"clean one",)


async def test_what_cannot_be_cleaned_is_refused_and_the_answer_goes_on(
    town: Town, reader: Reader, talk: Talk
) -> None:
    await talk.taps("/traloi 1")
    (refused,) = await talk.shows(Media(kind=MediaKind.PICTURE, handle="bad"))
    assert refused.text.startswith("Không mở được")
    await talk.says(ANSWER)
    assert await the_answers(town, reader) == [ANSWER]


async def test_a_picture_left_behind_never_slips_into_the_next_answer(
    town: Town, reader: Reader, talk: Talk
) -> None:
    await talk.taps("/traloi 1")
    await talk.shows(Media(kind=MediaKind.PICTURE, handle="one"))
    await talk.says("/batdau")
    await talk.taps("/traloi 1")
    await talk.says(ANSWER)
    (tip,) = await tips(town)
    assert (await said(town, tip, reader))[-1].pictures == ()


async def test_several_tips_of_one_chat_are_picked_by_number(
    town: Town, reader: Reader, talk: Talk
) -> None:
    (first,) = await tips(town)
    await sent(town, talk)
    second = next(tip for tip in await tips(town) if tip.id != first.id)
    (pick,) = await talk.says("/traloi")
    assert words(pick) == ["/traloi 1", "/traloi 2"]
    await talk.says("Tin số 2")
    await talk.says(ANSWER)
    assert [one.text for one in await said(town, second, reader)] == [ANSWER]
    assert [one.text for one in await said(town, first, reader)] == [QUESTION]
    (pick,) = await talk.says("/traloi 7")
    assert len(words(pick)) == 2


async def test_stopping_asks_whether_the_way_back_shall_be_burnt(
    town: Town, reader: Reader, talk: Talk
) -> None:
    await talk.taps("/traloi 1")
    (question,) = await talk.says("/huy")
    assert words(question) == ["~talk_pause", "~talk_burn"]
    (told,) = await talk.taps("~talk_pause")
    assert told.text.startswith("Đã dừng")
    (tip,) = await tips(town)
    assert await asked(town, tip, reader) != []


async def test_a_burnt_way_back_is_gone(town: Town, reader: Reader, talk: Talk) -> None:
    await talk.taps("/traloi 1")
    await talk.says("/huy")
    (told,) = await talk.taps("~talk_burn")
    assert told.text.startswith("Đã đóng hẳn")
    (tip,) = await tips(town)
    assert await asked(town, tip, reader) == []
    (none,) = await talk.says("/traloi")
    assert none.text.startswith("Ở đây hiện không có cuộc trao đổi")
    assert "/theo-doi" in none.text


async def test_stopping_twice_stops(town: Town, reader: Reader, talk: Talk) -> None:
    await talk.taps("/traloi 1")
    await talk.says("/huy")
    (told,) = await talk.says("/huy")
    assert told.text.startswith("Đã dừng")
    assert (await talk.step()).dialogue == ""
    assert await the_answers(town, reader) == []


async def test_danger_in_an_answer_brings_the_number_first_and_the_answer_on(
    town: Town, reader: Reader, talk: Talk
) -> None:
    await talk.taps("/traloi 1")
    first, told = await talk.says("cháy nhà rồi cứu với")
    assert first.text.startswith("114")
    assert told.text.startswith("Đã gửi câu trả lời")
    assert await the_answers(town, reader) == ["cháy nhà rồi cứu với"]


async def test_another_chat_has_no_way_into_the_dialogue(town: Town, talk: Talk) -> None:
    (none,) = await town.talk("telegram", chat="somebody-else").says("/traloi 1")
    assert none.text.startswith("Ở đây hiện không có cuộc trao đổi")


async def test_words_may_be_meant_for_an_officer_who_was_asked_to_answer_here(
    town: Town, reader: Reader, talk: Talk
) -> None:
    lan = (await town.moderator("lan")).officer
    assert await talk.says("/nguoi")
    (offered,) = await talk.says("dạ số nhà em là 12")
    assert await the_answers(town, reader) == []
    desk = town.handovers.desk
    (waiting,) = await desk.list(lan)
    assert (await desk.look(waiting.handover.id, lan)).lines == []
    assert await talk.taps(words(offered)[2]) == []
    opened = await desk.look(waiting.handover.id, lan)
    assert [line.text for line in opened.lines] == ["dạ số nhà em là 12"]
    assert await the_answers(town, reader) == []


async def test_words_may_be_meant_for_those_who_read_the_tip_all_the_same(
    town: Town, reader: Reader, talk: Talk
) -> None:
    lan = (await town.moderator("lan")).officer
    assert await talk.says("/nguoi")
    await talk.says(ANSWER)
    await talk.taps("~talk_send")
    assert await the_answers(town, reader) == [ANSWER]
    desk = town.handovers.desk
    (waiting,) = await desk.list(lan)
    assert (await desk.look(waiting.handover.id, lan)).lines == []
