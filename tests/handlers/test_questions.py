"""Questions: sure, unsure, none; what follows a question; and what is no question at all."""

from typing import Any, Final

import pytest

from bot.core.languages import Language
from bot.core.messages import Media, MediaKind
from bot.services.answers.answers import Answer, Answers
from handlers.last_topic import KEPT
from tests.builders.routing import the_answers
from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.one_book import the_book

# May be about several topics; which of them the ranking finds unclear may change with it.
VAGUE: Final = ("tôi muốn hỏi", "tôi muốn", "được không", "tôi không", "em", "ở đâu")


def vague(after: str = "") -> str:
    """Return a question, ending in `after`, answered with several topics to choose from."""
    return next(
        text
        for text in (f"{text}{after}" for text in VAGUE)
        if len(the_answers().answer(text, unit={}, language=Language.VI).suggestions) > 1
    )


async def unsure(talk: Talk, said: str) -> list[str]:
    """Ask what may be about several topics; return the words offered."""
    (answer,) = await talk.says(said)
    assert answer.text.startswith("Tôi chưa chắc đã hiểu đúng")
    return [choice.word for choice in answer.choices]


async def test_the_unsure_offer_three_topics_and_something_else(town: Town) -> None:
    words = await unsure(town.talk(), vague())
    assert 2 < len(words) <= 4
    assert words[-1] == "?none"


async def test_none_of_them_leads_to_the_menu_and_a_person(town: Town) -> None:
    talk = town.talk()
    words = await unsure(talk, vague())
    (answer,) = await talk.says(str(len(words)))
    assert "/nguoi" in answer.text
    assert answer.choices[0].word == "/khancap"
    assert answer.choices[-1].word == "/nguoi"


async def test_what_is_not_understood_offers_a_person(town: Town) -> None:
    (answer,) = await town.talk().says("🙂🙂")
    assert answer.choices[-1].word == "/nguoi"


async def test_what_is_not_understood_is_noted_and_never_in_a_dialogue(town: Town) -> None:
    strange = "🙂🙂 abc"
    talk = town.talk()
    await talk.says(strange)
    await talk.says("làm sao tham gia nhóm")
    assert town.noted == [strange]
    await talk.says("/togiac")
    await talk.says(strange)
    assert town.noted == [strange]


async def test_a_chosen_topic_answers_what_had_been_asked(town: Town) -> None:
    talk = town.talk()
    words = await unsure(talk, vague())
    step = await talk.step()
    assert step.gathered["asked"] == vague()
    key = words[0].removeprefix("?")
    (answer, *_) = await talk.taps(words[0])
    near = the_answers().topic(key, unit={}, language=Language.VI, asked=vague())
    assert answer.text.split("\n")[0] == near.texts[0].split("\n")[0]
    assert "asked" not in (await talk.step()).gathered


async def test_numbers_and_addresses_are_not_kept_for_the_choice(town: Town) -> None:
    talk = town.talk()
    await unsure(talk, vague(" số nhà 12 34 56"))
    gathered = (await talk.step()).gathered
    assert "số nhà" in gathered["asked"]
    assert "12 34 56" not in str(gathered)


def test_of_a_topic_the_answer_nearest_to_what_was_asked_is_given() -> None:
    def told(asked: str) -> str:
        answers = the_answers()
        return answers.topic("online_scam", unit={}, language=Language.VI, asked=asked).texts[0]

    main = the_book().topics["online_scam"].answers["main"].short[Language.VI]
    assert told("").startswith(main.split("\n")[0])
    assert told("người ta bảo quét mã qr lạ") != told("")


@pytest.mark.parametrize(
    ("said", "leans"),
    [
        ("thế còn phạt bao nhiêu?", True),
        ("bao o dau", True),
        ("vậy cần giấy tờ gì", True),
        ("how much is the fine", True),
        ("làm căn cước ở đâu", False),
        ("báo cháy gọi số nào", False),
        ("cảm ơn nhé", False),
        ("không", False),
        ("", False),
        ("🙂", False),
    ],
)
def test_a_question_leans_on_the_one_before_if_it_names_nothing(said: str, *, leans: bool) -> None:
    assert the_book().following.leans_on_what_was_before(said) == leans


@pytest.mark.parametrize(
    ("before", "after", "topic"),
    [
        ("đốt pháo nổ ngày tết", "thế còn phạt bao nhiêu?", "fireworks_weapons_surrender"),
        ("công an gọi đòi chuyển tiền", "báo ở đâu", "online_scam"),
        ("đăng ký tạm trú", "có mất tiền không", "residence_registration"),
    ],
)
async def test_a_short_question_keeps_to_the_topic_before(
    town: Town, before: str, after: str, topic: str
) -> None:
    talk = town.talk()
    await talk.says(before)
    assert (await talk.step()).gathered["topic"] == topic
    await talk.says(after)
    assert (await talk.step()).gathered["topic"] == topic


async def test_the_topic_before_is_forgotten_after_some_minutes(town: Town) -> None:
    talk = town.talk()
    await talk.says("đốt pháo nổ ngày tết")
    soon = await talk.says("thế còn phạt bao nhiêu?")
    town.clock.advance(KEPT.total_seconds() + 60)
    late = await talk.says("thế còn phạt bao nhiêu?")
    assert soon[0].text != late[0].text


async def test_thanks_are_answered_as_thanks_and_a_greeting_with_the_menu(town: Town) -> None:
    talk = town.talk()
    (welcome,) = await talk.says("xin chào")
    assert len(welcome.choices) > 1
    (thanks,) = await talk.says("cảm ơn nhiều nha")
    assert thanks.text == the_book().topics["greeting"].answers["thanks"].short[Language.VI]


async def test_of_a_question_only_the_topic_and_the_minute_are_kept(town: Town) -> None:
    talk = town.talk()
    await talk.says("đốt pháo nổ ngày tết")
    step = await talk.step()
    assert step.dialogue == ""
    assert set(step.gathered) == {"topic", "at"}


async def test_a_sure_answer_offers_at_most_two_ways_on(town: Town) -> None:
    for asked in ("đốt pháo nổ ngày tết", "cách nhận biết lừa đảo trên mạng"):
        *before, last = await town.talk(chat=asked).says(asked)
        assert 1 <= len(last.choices) <= 2
        assert not any(one.choices for one in before)


async def test_a_question_in_between_offers_nothing_that_hides_what_was_asked(town: Town) -> None:
    talk = town.talk()
    await talk.says("/thamgia")
    await talk.says(town.hamlet.join_code)
    offered = (await talk.step()).offered
    *_, last = await talk.says("đốt pháo nổ ngày tết có bị phạt không")
    assert last.choices == ()
    assert (await talk.step()).offered == offered


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        (MediaKind.PICTURE, "Chương trình không xem được ảnh"),
        (MediaKind.VIDEO, "Chương trình không xem được ảnh"),
        (MediaKind.FILE, "Chương trình không xem được ảnh"),
        (MediaKind.VOICE, "Đang nguy hiểm: gọi ngay 113"),
        (MediaKind.PLACE, "Đang nguy hiểm: gọi ngay 113"),
        (MediaKind.OTHER, "Chương trình chỉ hiểu chữ"),
    ],
)
async def test_what_is_no_words_gets_a_sensible_answer(
    town: Town, kind: MediaKind, begins: str
) -> None:
    (answer,) = await town.talk("telegram").shows(Media(kind=kind, handle="x"))
    assert answer.text.startswith(begins)
    assert "113" in answer.text


@pytest.mark.parametrize("said", ["làm sao tham gia nhóm", "🙂🙂 abc", "tôi muốn hỏi"])
async def test_an_answer_is_looked_for_once(
    town: Town, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Looking takes most of the time that a message takes."""
    looked: list[str] = []
    answer = Answers.answer

    def counted(self: Answers, text: str, **known: Any) -> Answer:  # noqa: ANN401 - as it was asked
        looked.append(text)
        return answer(self, text, **known)

    monkeypatch.setattr(Answers, "answer", counted)
    await town.talk().says(said)
    assert looked == [said]
