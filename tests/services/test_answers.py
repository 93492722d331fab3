from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.languages import Language
from bot.services.answers.answers import UNKNOWN, Answer, Answers
from content.book import Book
from content.danger import EmergencyKind
from content.topics import TOPIC_KEYS

CASES = Path(__file__).parent / "answers"
UNIT = {"duty_phone": "0200 000 001", "unit_area_officer": "Nguyễn Thử Nghiệm (tên bịa)"}
BOOK = Book.load()
ANSWERS = Answers(BOOK)


def said_to(text: str, language: Language = Language.VI) -> Answer:
    return ANSWERS.answer(text, unit=UNIT, language=language)


def rows(name: str) -> Sequence[Any]:
    return list(yaml.safe_load((CASES / name).read_text(encoding="utf-8")))


EXAMPLES = [
    (topic.key, example)
    for topic in BOOK.topics.values()
    for answer in topic.answers.values()
    for spoken in answer.examples.values()
    for example in spoken
]


def test_every_topic_has_examples_of_many_kinds() -> None:
    for topic in BOOK.topics.values():
        examples = topic.answers["main"].examples
        assert len(examples[Language.VI]) >= 12, topic.key
        assert len(examples[Language.EN]) >= 3, topic.key


@pytest.mark.parametrize(("topic", "example"), EXAMPLES, ids=[row[1] for row in EXAMPLES])
def test_every_example_finds_its_topic(topic: str, example: str) -> None:
    answer = said_to(example)
    assert (answer.intent, answer.emergency) == (topic, None)


def test_questions_kept_apart_mostly_find_their_topic() -> None:
    questions = rows("questions.yaml")
    assert len(questions) >= 60
    right = [said_to(text).intent == topic for topic, _, text in questions]
    # More answers compete now; what is to be reached is measured by `content evaluate`.
    assert sum(right) / len(right) >= 0.87


def test_a_question_that_is_not_answered_is_at_least_offered() -> None:
    offered = 0
    questions = [row for row in rows("questions.yaml") if row[0] != "out_of_scope"]
    for topic, _, text in questions:
        answer = said_to(text)
        offered += answer.intent == topic or topic in answer.suggestions
    assert offered / len(questions) >= 0.95


DANGERS = rows("danger_real.yaml")


@pytest.mark.parametrize(("kind", "text"), DANGERS, ids=[row[1] for row in DANGERS])
def test_danger_is_answered_with_the_number_to_call_first(kind: str, text: str) -> None:
    answer = said_to(text)
    assert answer.emergency is not None
    assert answer.number is not None
    assert answer.texts[0].startswith(answer.number)
    assert answer.intent in TOPIC_KEYS
    assert answer.hand_over


@pytest.mark.parametrize("text", rows("danger_told.yaml"))
def test_danger_is_understood_however_it_is_told(text: str) -> None:
    answer = said_to(text)
    assert answer.number is not None
    assert answer.texts[0].startswith(answer.number)


def test_the_kind_of_danger_is_mostly_right() -> None:
    right = [said_to(text).emergency == kind for kind, text in DANGERS]
    assert len(right) >= 60
    assert sum(right) / len(right) >= 0.95


NEAR = rows("danger_near.yaml")


@pytest.mark.parametrize("text", NEAR)
def test_what_only_sounds_like_danger_is_none(text: str) -> None:
    assert said_to(text).emergency is None


def test_sixty_near_misses_are_tried() -> None:
    assert len(NEAR) >= 60


@pytest.mark.parametrize("text", ["báo cháy gọi số nào", "bao chay goi so nao", "số cứu hỏa"])
def test_the_number_for_a_fire_stands_first_though_nothing_burns(text: str) -> None:
    answer = said_to(text)
    assert (answer.intent, answer.emergency) == ("emergency_numbers", None)
    assert answer.texts[0].startswith("114")


@pytest.mark.parametrize("kind", EmergencyKind)
def test_every_kind_of_danger_has_its_rule(kind: EmergencyKind) -> None:
    assert kind in {rule.kind for rule in BOOK.danger.rules}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("unit", [{}, UNIT], ids=["unit entered nothing", "unit entered"])
def test_answers_are_short_whole_messages_in_both_languages(
    language: Language, unit: dict[str, str]
) -> None:
    for topic, example in EXAMPLES:
        answer = ANSWERS.answer(example, unit=unit, language=language)
        assert answer.texts, topic
        for text in answer.texts:
            assert text == text.strip() != ""
            assert len(text) <= 600
            assert "{" not in text


def test_what_the_unit_has_entered_is_said_and_nothing_else() -> None:
    known = said_to("tố giác tội phạm ở đâu")
    bare = ANSWERS.answer("tố giác tội phạm ở đâu", unit={}, language=Language.VI)
    assert "Trực ban Công an: 0200 000 001" in known.texts[0]
    assert "Trực ban" not in bare.texts[0]


def test_legal_answers_show_the_day_they_were_checked() -> None:
    answer = said_to("thời hạn giải quyết tin báo là mấy ngày")
    assert "Cập nhật ngày 22/11/2026." in answer.texts[-1]


def test_what_is_only_likely_says_so() -> None:
    hedge = "đề nghị hỏi Công an cấp xã"
    assert hedge in said_to("lai suat bao nhieu la vi pham").texts[-1]
    assert hedge not in said_to("báo cháy gọi số nào").texts[-1]


def test_topics_that_need_a_person_say_so() -> None:
    assert said_to("bị bạo lực gia đình phải làm gì").hand_over
    assert not said_to("làm căn cước ở đâu").hand_over


def test_a_tapped_topic_is_answered() -> None:
    answer = ANSWERS.topic("mediation", unit=UNIT, language=Language.EN)
    assert answer.intent == "mediation"
    assert "113" in answer.texts[0]


def followed(text: str, topic: str) -> Answer:
    return ANSWERS.answer(text, unit=UNIT, language=Language.VI, topic_before=topic)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("thế còn phạt bao nhiêu?", "traffic"),
        ("vậy thì mất mấy ngày", "residence_registration"),
        ("thế thì ai lo", "mediation"),
    ],
)
def test_a_short_question_without_a_topic_follows_on_from_the_one_before(
    text: str, before: str
) -> None:
    assert followed(text, before).intent == before


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("làm căn cước ở đâu", "online_public_services"),
        ("cảm ơn nhé", "greeting"),
        ("hàng xóm hát karaoke ồn quá", "mediation"),
    ],
)
def test_a_question_with_a_topic_of_its_own_leaves_the_one_before(text: str, topic: str) -> None:
    assert followed(text, "traffic").intent == topic


@pytest.mark.parametrize("text", ["", "🙂🙂🙂"])
def test_what_says_nothing_follows_nothing(text: str) -> None:
    assert followed(text, "traffic").intent == UNKNOWN


def test_a_topic_that_is_no_more_is_not_followed() -> None:
    assert followed("làm căn cước ở đâu", "gone").intent == "online_public_services"


def test_danger_comes_before_any_topic_talked_about() -> None:
    assert followed("cháy nhà rồi cứu với", "traffic").emergency == EmergencyKind.FIRE


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂🙂", "\u202e\u200b", "\x00", "???"])
def test_what_says_nothing_is_unknown(text: str) -> None:
    answer = said_to(text)
    assert (answer.intent, answer.emergency, answer.suggestions) == (UNKNOWN, None, ())


def test_answers_never_vary() -> None:
    again = Answers(BOOK)
    for topic, _, text in rows("questions.yaml"):
        assert again.answer(text, unit=UNIT, language=Language.VI) == said_to(text), topic


@settings(deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_gets_an_answer(text: str) -> None:
    answer = said_to(text)
    assert answer.texts
    assert answer.intent == UNKNOWN or answer.intent in TOPIC_KEYS


@settings(deadline=None)
@given(
    words=st.lists(
        st.sampled_from(sorted({word for _, text in EXAMPLES for word in text.split()})),
        max_size=40,
    ),
    between=st.sampled_from([" ", "\n", ". ", ", ", "  ", "\u00a0"]),
)
def test_any_mixture_of_words_gets_an_answer(words: list[str], between: str) -> None:
    answer = said_to(between.join(words))
    assert answer.texts
    assert 0.0 <= answer.confidence <= 1.0
    assert (answer.emergency is None) == (answer.number is None)


def test_a_message_of_ten_thousand_letters_gets_an_answer() -> None:
    assert said_to("cháy nhà hàng xóm báo ai " * 400).texts
