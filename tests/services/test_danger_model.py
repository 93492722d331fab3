"""Danger is heard in words nobody wrote down before; what only sounds like it is left alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.languages import Language
from bot.services.answers.answers import Answers
from bot.services.answers.danger_comparing import compare
from bot.services.answers.danger_model import LIMIT
from bot.services.answers.danger_training import Training, bare, fingerprint, learned, lessons_of
from content.book import Book
from content.danger import EmergencyKind
from content.danger_weights import DangerWeights
from content.dangers import DangerExample, DangerExamples, read_dangers
from tests.services.keyboards import telex, vni

BOOK = Book.load()
ANSWERS = Answers(BOOK)
RULES_ALONE = Answers(replace(BOOK, danger_weights=DangerWeights()))
NEW = read_dangers().development
IN_DANGER = [one for one in NEW if one.kind is not None]
NUMBERS = {
    EmergencyKind.FIRE: "114",
    EmergencyKind.DROWNING: "114",
    EmergencyKind.MEDICAL: "115",
    EmergencyKind.SUICIDE: "115",
    EmergencyKind.DISASTER: "112",
    EmergencyKind.VIOLENCE: "113",
    EmergencyKind.BREAKIN: "113",
    EmergencyKind.CHILD: "113",
    EmergencyKind.TRAFFICKING: "113",
}
SURE = {
    "nhà tôi đang cháy, cứu với": EmergencyKind.FIRE,
    "khói mù mịt cả tầng, em kẹt trong phòng": EmergencyKind.FIRE,
    "có người chết đuối dưới sông": EmergencyKind.DROWNING,
    "bố tôi ngừng thở rồi": EmergencyKind.MEDICAL,
    "chồng em đang đánh em": EmergencyKind.VIOLENCE,
    "có trộm đang cạy cửa nhà em": EmergencyKind.BREAKIN,
    "em muốn chết, em uống thuốc sâu rồi": EmergencyKind.SUICIDE,
    "con tôi bị bắt cóc rồi": EmergencyKind.CHILD,
}


def test_most_danger_is_heard_in_words_that_were_never_learned() -> None:
    heard = [ANSWERS.danger(one.text) is not None for one in IN_DANGER]
    assert sum(heard) / len(heard) >= 0.75
    ruled = [RULES_ALONE.danger(one.text) is not None for one in IN_DANGER]
    assert sum(heard) >= 2 * sum(ruled)


@pytest.mark.parametrize(
    "text", ["Ngo cut sau Mieu-Ba-Co", "bờ sông", "sau bếp nhà bà Tư", "Khoang 23g47 toi Ram"]
)
def test_a_place_or_a_time_alone_is_no_cry(text: str) -> None:
    assert ANSWERS.danger(text) is None


@pytest.mark.parametrize("text", ["cháy nhà", "chay nha", "NHÀ CHÁY", "Cháy nhà em!"])
def test_a_bare_cry_of_fire_is_heard(text: str) -> None:
    for only_sure in (False, True):
        rule = ANSWERS.danger(text, only_sure=only_sure)
        assert rule is not None
        assert rule.kind is EmergencyKind.FIRE


@pytest.mark.parametrize("text", ["cháy hàng", "phòng cháy nhà", "cháy nhà thì gọi số nào"])
def test_what_names_a_fire_and_is_no_cry_alarms_nobody(text: str) -> None:
    assert ANSWERS.danger(text) is None


def test_hardly_anything_else_alarms() -> None:
    alarms = [one.text for one in NEW if one.kind is None and ANSWERS.danger(one.text)]
    assert len(alarms) <= 0.04 * (len(NEW) - len(IN_DANGER)), alarms


@pytest.mark.parametrize("typed", [telex, vni, bare, str.upper], ids=lambda typed: typed.__name__)
def test_it_is_heard_however_it_is_typed(typed: "type[str]") -> None:
    heard = [ANSWERS.danger(typed(one.text)) is not None for one in IN_DANGER]
    assert sum(heard) / len(heard) >= 0.7


def test_the_number_is_mostly_the_right_one() -> None:
    numbers = {rule.kind: rule.number for rule in reversed(BOOK.danger.rules)}
    numbers |= {kind: BOOK.danger.rule_for(kind).number for kind in EmergencyKind}
    found = [(ANSWERS.danger(one.text), one.kind) for one in IN_DANGER]
    right = [rule.number == numbers[kind] for rule, kind in found if rule and kind]
    assert sum(right) / len(right) >= 0.85


def test_each_kind_has_its_number() -> None:
    facts = {kind: BOOK.facts[BOOK.danger.rule_for(kind).number] for kind in EmergencyKind}
    assert {kind: fact.value[Language.VI] for kind, fact in facts.items()} == NUMBERS


@pytest.mark.parametrize(("text", "kind"), SURE.items())
def test_sure_danger_is_heard_whatever_thumbs_do(text: str, kind: EmergencyKind) -> None:
    plain = bare(text)
    for typed in (text, plain, text.upper(), f"{text}!!!", f"🔥🆘 {text}", telex(text)):
        rule = ANSWERS.danger(typed)
        assert rule is not None, typed
        assert rule.kind is kind, typed
    assert ANSWERS.danger(text.replace("a", "aaaa")) is not None


def test_where_only_sure_danger_counts_less_is_said_and_nothing_else() -> None:
    sure = [one for one in NEW if ANSWERS.danger(one.text, only_sure=True)]
    assert [one.text for one in sure if not ANSWERS.danger(one.text)] == []
    assert sum(one.kind is None for one in sure) <= 3
    assert len(sure) >= 0.4 * len(IN_DANGER)


def test_danger_in_the_midst_of_small_talk_is_heard() -> None:
    talk = "Hôm nay trời đẹp, tôi ra vườn tưới rau rồi nấu cơm. " * 12
    assert ANSWERS.danger(talk) is None
    assert ANSWERS.danger(f"{talk} Cháy nhà rồi, cứu với. {talk}") is not None


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    rule = ANSWERS.danger(text)
    assert rule is None or rule in BOOK.danger.rules
    assert not ANSWERS.danger(text, only_sure=True) or rule


@pytest.mark.parametrize("rubbish", ["cháy ", "a", "đ.", "🔥", "khong ", "1 2 3 "])
def test_ten_thousand_signs_of_rubbish_are_read(rubbish: str) -> None:
    ANSWERS.danger(rubbish * (10_000 // len(rubbish)))


def test_without_weights_the_rules_decide_alone() -> None:
    assert RULES_ALONE.danger("cháy nhà rồi cứu với") is not None
    assert RULES_ALONE.danger("mấy giờ mở cửa") is None
    assert RULES_ALONE.danger("ngoài đường có người bị xe tông", only_sure=True) is None


def test_learning_twice_gives_the_same_and_tells_its_lessons_apart() -> None:
    lessons = (*IN_DANGER[::4], *(one for one in NEW if one.kind is None))
    training = Training.by(BOOK)
    seen = training.seen(lessons)
    weights = training.learn(seen)
    assert training.learn(seen) == weights
    answers = Answers(replace(BOOK, danger_weights=weights))
    heard = [one.kind is not None for one in lessons if answers.danger(one.text)]
    assert sum(heard) >= 0.9 * len(IN_DANGER[::4])
    assert heard.count(False) <= 2


def test_another_message_is_another_fingerprint() -> None:
    one = DangerExample(text="cháy", kind=EmergencyKind.FIRE)
    prints = {
        fingerprint([one], BOOK.danger_signs),
        fingerprint([replace(one, kind=None)], BOOK.danger_signs),
        fingerprint([replace(one, text="khói")], BOOK.danger_signs),
        fingerprint([one], replace(BOOK.danger_signs, groups={})),
    }
    assert len(prints) == 4


def test_ways_of_hearing_are_compared_and_weights_told() -> None:
    book = replace(BOOK, topics={})
    few = DangerExamples(training=NEW[::2], development=NEW[1::2])
    tried = compare(book, few, ways=("rules alone", "all"))
    assert set(tried) == {"rules alone", "all", f"all, limit {LIMIT}"}
    assert tried["all"].near_alarms <= 0.02
    assert tried["all"].near_alarms < tried["rules alone"].near_alarms
    lessons = lessons_of(few.training, book)
    assert learned(book, few).learned_from == fingerprint(lessons, BOOK.danger_signs)
