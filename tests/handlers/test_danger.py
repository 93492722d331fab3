"""Somebody in danger is told whom to call before anything else happens, wherever they are."""

import pytest

from bot.core.languages import Language
from bot.core.messages import IncomingKind
from bot.core.tips import TipState
from tests.builders.talk import Talk
from tests.builders.town import Town

FIRE = "cháy nhà rồi cứu với"
TIP = ["/togiac", "~tip_start", "~tip_drugs", "Có người bán hàng lạ ở đầu ngõ", *["/boqua"] * 4]
PLACES = {
    "nowhere": [],
    "menu": ["/batdau"],
    "tip: card": TIP[:1],
    "tip: category": TIP[:2],
    "tip: what": TIP[:3],
    "tip: where": TIP[:4],
    "tip: when": TIP[:5],
    "tip: pictures": TIP[:6],
    "tip: contact": TIP[:7],
    "tip: review": TIP,
    "tip: urgent": [*TIP[:3], "cháy nhà rồi cứu với"],
    "tip: reveals": [*TIP[:3], "Gọi tôi theo số 0912 000 111 nhé"],
    "track: code": ["/theodoi"],
    "join: code": ["/thamgia"],
    "join: consent": ["/thamgia {code}"],
    "pledge: sign": ["/camket"],
    "privacy: shown": ["/dulieu"],
    "privacy: sure": ["/dulieu", "~delete"],
    "interests: choose": ["/chude"],
    "emergency: tell": ["có trộm đang vào nhà tôi"],
}
MEMBERS_ONLY = ("pledge", "privacy", "interests")


async def led(town: Town, place: str, channel: str, language: Language | None = None) -> Talk:
    """Return a conversation that stands at `place`."""
    await town.founded()
    talk = town.talk(channel, language=language)
    if place.startswith(MEMBERS_ONLY):
        await town.member(channel, talk.chat)
    for form in PLACES[place]:
        said = form.format(code=town.hamlet.join_code)
        is_tap = said.startswith("~")
        await talk.says(said, IncomingKind.CHOICE if is_tap else IncomingKind.TEXT)
    dialogue, _, question = place.partition(": ")
    if question:
        step = await talk.step()
        assert (step.dialogue, step.question) == (dialogue, question)
    return talk


@pytest.mark.parametrize("place", PLACES)
async def test_the_number_stands_first_wherever_danger_is_told(town: Town, place: str) -> None:
    talk = await led(town, place, "telegram")
    answers = await talk.says(FIRE)
    assert answers[0].text.startswith("114")
    assert answers[0].choices[0].phone == "114"


async def test_danger_is_read_in_any_spelling(town: Town) -> None:
    for said in ("chay nha roi cuu voi", "Ối giời CHÁY NHÀ RỒI!!!", "cháy nhà rồi, cứu với"):
        assert (await town.talk(chat=said).says(said))[0].text.startswith("114"), said


@pytest.mark.parametrize("channel", ["web", "zalo"])
async def test_it_is_the_same_on_every_channel(town: Town, channel: str) -> None:
    answers = await (await led(town, "tip: what", channel)).says(FIRE)
    assert answers[0].text.startswith("114")


async def test_it_is_said_in_english_to_those_who_read_it(town: Town) -> None:
    (answer,) = await town.talk(language=Language.EN).says(FIRE)
    assert answer.text.startswith("114")
    assert answer.choices[0].label.startswith("Call")


async def test_a_tip_goes_on_after_the_number_and_is_urgent(town: Town) -> None:
    talk = await led(town, "tip: what", "web")
    first, asked = await talk.says("Đang cháy nhà số 5, lửa to lắm cứu với")
    assert first.text.startswith("114")
    assert "khẩn" in asked.text
    await talk.says("Có cụ già kẹt trong nhà")
    (asked,) = await talk.taps("~tip_is_urgent")
    assert asked.text.startswith("Ở đâu?")
    for _ in range(4):
        await talk.says("/boqua")
    await talk.taps("~tip_send")
    reader = await town.moderator()
    (tip,) = await town.reading.queue.tips(reader.officer)
    assert (tip.is_urgent, tip.state) == (True, TipState.NEW)
    what = (await town.reading.desk.open(tip.id, reader)).report.what
    assert what == "Đang cháy nhà số 5, lửa to lắm cứu với\nCó cụ già kẹt trong nhà"


async def test_what_only_sounds_like_danger_goes_on_as_it_was(town: Town) -> None:
    talk = await led(town, "tip: what", "web")
    await talk.says("Đang cháy nhà số 5, lửa to lắm cứu với")
    await talk.taps("~tip_not_urgent")
    # The number comes first again, and the question is not asked twice.
    first, asked = await talk.says("chỗ cháy nhà rồi, lửa to lắm")
    assert first.text.startswith("114")
    assert asked.text.startswith("Khi nào?")
    assert "urgent" not in (await talk.step()).gathered


async def test_a_question_that_is_no_answer_comes_back_after_the_number(town: Town) -> None:
    talk = await led(town, "tip: contact", "zalo")
    await talk.says(FIRE)
    await talk.taps("~tip_is_urgent")
    step = await talk.step()
    assert step.question == "contact"
    assert step.gathered["urgent"] == "1"


async def test_a_tip_written_anew_stays_urgent(town: Town) -> None:
    talk = await led(town, "tip: what", "web")
    await talk.says("Đang cháy nhà số 5, lửa to lắm cứu với")
    for said in ("~tip_is_urgent", *["/boqua"] * 4, "~tip_edit", "~tip_fire"):
        await talk.says(said, IncomingKind.CHOICE)
    gathered = (await talk.step()).gathered
    assert {**gathered, "calm": ""} == {"category": "fire", "urgent": "1", "calm": ""}


async def test_danger_at_the_end_of_a_long_story_counts(town: Town) -> None:
    story = "Hôm qua tôi đi chợ mua rau về nấu canh cho cả nhà ăn. " * 180
    assert len(story) > 9_000
    answers = await town.talk().says(f"{story} {FIRE}")
    assert answers[0].text.startswith("114")


async def test_danger_under_a_picture_counts(town: Town) -> None:
    answers = await town.talk().says(FIRE, IncomingKind.MEDIA)
    assert answers[0].text.startswith("114")


async def test_a_group_gets_the_number_and_is_asked_nothing(town: Town) -> None:
    talk = town.talk("telegram", chat="g", is_group=True)
    (answer,) = await talk.says(FIRE)
    assert answer.text.startswith("114")
    assert answer.choices == ()
    assert (await talk.step()).dialogue == ""


async def test_officers_are_told_with_one_tap(town: Town) -> None:
    talk = await led(town, "nowhere", "web")
    await talk.says(FIRE)
    told, receipt = await talk.taps("~tell")
    assert "114" in told.text
    assert receipt.is_secret
    reader = await town.moderator()
    (tip,) = await town.reading.queue.tips(reader.officer)
    opened = await town.reading.desk.open(tip.id, reader)
    assert (opened.report.what, opened.report.is_urgent) == (FIRE, True)


async def test_before_officers_are_told_what_may_reveal_the_writer_is_pointed_at(
    town: Town,
) -> None:
    talk = await led(town, "nowhere", "web")
    await talk.says("cháy nhà rồi cứu với, nhà tôi số 5")
    (warned,) = await talk.taps("~tell")
    assert "nhà tôi số 5" in warned.text
    assert warned.is_secret
    told, receipt = await talk.taps("~tell_as_is")
    assert "114" in told.text
    assert receipt.is_secret


@pytest.mark.parametrize("anew", ["Ngõ 12, tầng hai, gần tiệm thuốc", "Ngõ 12 cháy nhà rồi, cứu"])
async def test_what_officers_are_told_can_be_written_anew(town: Town, anew: str) -> None:
    talk = await led(town, "nowhere", "web")
    await talk.says("cháy nhà rồi cứu với, nhà tôi số 5")
    await talk.taps("~tell")
    await talk.taps("~tell_anew")
    *told, receipt = await talk.says(anew)
    assert "114" in told[0].text
    assert receipt.is_secret
    reader = await town.moderator()
    (tip,) = await town.reading.queue.tips(reader.officer)
    opened = await town.reading.desk.open(tip.id, reader)
    assert opened.report.what == anew


async def test_where_no_officer_can_read_tips_the_duty_desk_is_named(town: Town) -> None:
    talk = town.talk()
    await talk.says(FIRE)
    (answer,) = await talk.taps("~tell")
    assert answer.text.startswith("Đơn vị chưa sẵn sàng nhận tin")


async def test_only_its_own_button_calls_danger_off(town: Town) -> None:
    talk = await led(town, "emergency: tell", "web")
    (answer,) = await talk.taps("~agree")
    assert answer.text.startswith("113")
    (answer,) = await talk.taps("~false_alarm")
    assert answer.text.startswith("Bà con an toàn")


async def test_a_label_typed_by_hand_is_no_danger(town: Town) -> None:
    talk = await led(town, "tip: category", "web")
    (asked,) = await talk.says("nguy cơ cháy nổ")
    assert asked.text.startswith("Chuyện gì đã xảy ra?")


@pytest.mark.parametrize(
    "said",
    [
        f"/togiac {FIRE}",
        f"/boqua {FIRE}",
        f"/khancap {FIRE}",
        f"/start {FIRE}",
        f"/trogiup {FIRE}",
        f"/ {FIRE}",
        f"/{FIRE}",
        f"🔥🔥🔥 {FIRE}",
        f"/thamgia {FIRE}",
    ],
)
@pytest.mark.parametrize("place", ["nowhere", "tip: what", "join: consent"])
async def test_a_cry_behind_a_word_is_a_cry(town: Town, place: str, said: str) -> None:
    answers = await (await led(town, place, "telegram")).says(said)
    assert answers[0].text.startswith("114")


async def test_a_cry_behind_the_start_of_a_platform_is_a_cry(town: Town) -> None:
    (answer, *_) = await town.talk("telegram").says(FIRE, IncomingKind.START)
    assert answer.text.startswith("114")


async def test_the_sign_for_sos_is_a_cry(town: Town) -> None:
    (answer, *_) = await town.talk("telegram").says("🆘🆘")
    assert answer.text.startswith("113")
