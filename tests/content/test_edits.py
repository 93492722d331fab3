"""Changes of officers laid over the files, read by the same readers as the files."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.core.edits import EditKind
from bot.core.languages import Language
from content.book import Book
from content.editions import edition, mistakes
from content.edits import ContentEdit
from content.faults import ContentError, Fault
from content.live import LiveBook
from tests.content.conftest import Breaker

VI, EN = Language.VI, Language.EN
DRUGS = "drugs/main"


def answer(key: str = DRUGS, **value: object) -> ContentEdit:
    return ContentEdit(kind=EditKind.ANSWER, key=key, value=value)


def fact(key: str, **value: object) -> ContentEdit:
    return ContentEdit(kind=EditKind.FACT, key=key, value=value)


def both(vi: str, en: str) -> Mapping[str, str]:
    return {"vi": vi, "en": en}


def test_a_change_replaces_its_fields_and_leaves_the_others(book: Book) -> None:
    change = answer(
        short=both("Gọi {fact:police_number} ngay.", "Call {fact:police_number} now."),
        title=both("Ma túy quanh ta", "Drugs around us"),
        examples_added={"vi": ["câu mới tinh"]},
        examples_removed={"vi": [book.topics["drugs"].answers["main"].examples[VI][0]]},
    )
    made = edition([change])
    was, now = book.topics["drugs"].answers["main"], made.book.topics["drugs"].answers["main"]
    assert made.edits == (change,)
    assert now.short[VI] == "Gọi 113 ngay."
    assert now.steps == was.steps
    assert now.law == was.law
    assert now.examples[VI] == (*was.examples[VI][1:], "câu mới tinh")
    assert now.examples[EN] == was.examples[EN]
    assert made.book.topics["drugs"].title[EN] == "Drugs around us"


def test_an_answer_of_its_own_stands_beside_those_of_the_files() -> None:
    texts = {"title": both("Họp tổ", "Meeting"), "short": both("Họp tối nay.", "Tonight.")}
    change = answer(
        "join_group/to_hop",
        mark="sure",
        **texts,
        examples_added={"vi": ["họp chưa"], "en": ["met"]},
    )
    made = edition([change]).book.topics["join_group"].answers["to_hop"]
    assert made.examples[VI] == ("họp chưa",)
    assert made.short[EN] == "Tonight."


def test_a_fact_is_changed_wherever_it_stands(book: Book) -> None:
    change = fact(
        "police_number", value=both("11399", "11399"), checked_on="2026-11-30", source="Thử"
    )
    made = edition([change]).book
    assert made.facts["police_number"].checked_on == date(2026, 11, 30)
    assert made.facts["police_number"].kind is book.facts["police_number"].kind
    texts = [
        text for section in made.sections.values() for one in section.values() for text in one
    ]
    assert texts
    said = [text[VI] for section in made.sections.values() for text in section.values()]
    assert any("11399" in text for text in said)


def test_an_empty_field_is_taken_away(book: Book) -> None:
    was = book.topics["drugs"].answers["main"]
    assert was.steps
    made = edition([answer(steps="")]).book.topics["drugs"].answers["main"]
    assert made.steps == {}


MISTAKES = {
    "a language is missing": (answer(short={"vi": "Chỉ tiếng Việt."}), "short", "'en' is missing"),
    "too long": (answer(short=both("x" * 700, "x")), "short.vi", "700 characters"),
    "no such fact": (answer(short=both("{fact:x}", "{fact:x}")), "short.vi", "no fact 'x'"),
    "no such place": (answer(short=both("{unit_x}", "{unit_x}")), "short.vi", "no place"),
    "a place to be given": (answer(short=both("{name}", "{name}")), "short.vi", "no place"),
    "a brace alone": (answer(short=both("a { b", "a")), "short.vi", "a brace stands alone"),
    "unlike places": (answer(calls=both("{unit_address}", "a")), "calls.en", "only one language"),
    "no such law": (answer(law=["x"]), "law", "there is no fact"),
    "an example twice": (
        answer(examples_added={"vi": ["a", "a"]}),
        "examples_added.vi",
        "second time",
    ),
    "no such relative": (answer(related=["x"]), "related", "there is no other topic"),
    "unknown field": (answer(colour="red"), "colour", "not known here"),
    "no such topic": (answer("x/main", mark="sure"), "", "there is no topic"),
    "no such fact at all": (fact("x", source="a"), "", "there is no fact"),
    "no line to call": (
        fact("police_number", value=both("ba", "1")),
        "value.vi",
        "3 to 11 digits",
    ),
    "no day": (fact("child_law", checked_on="hôm qua"), "checked_on", "not a day"),
}


@cache
def faults_in(name: str) -> Sequence[Fault]:
    """Return what is wrong with one of the mistakes; reading the files takes a while."""
    return mistakes([MISTAKES[name][0]])


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_by_its_field(name: str) -> None:
    change, field, reason = MISTAKES[name]
    found = [one for one in faults_in(name) if one.file == change.name]
    assert any((change.field_of(one), reason in one.reason) == (field, True) for one in found)


@pytest.mark.parametrize("name", ["too long", "no such topic", "no day"])
def test_a_mistake_is_set_aside_at_start(name: str, book: Book) -> None:
    change, good = MISTAKES[name][0], fact("fire_law", source="Thử")
    made = edition([good, change])
    assert made.edits == (good,)
    assert [one.edit for one in made.set_aside] == [change]
    was, now = book.topics["drugs"], made.book.topics["drugs"]
    assert now.answers["main"].short == was.answers["main"].short


def test_a_fact_that_makes_another_text_too_long_is_set_aside() -> None:
    change = fact("reward_most", value=both("luật " * 150, "law " * 190))
    found = mistakes([change])
    assert found
    assert all(one.file != change.name for one in found)
    made = edition([answer(mark="sure"), change])
    assert [one.edit for one in made.set_aside] == [change]


def test_files_with_mistakes_are_not_blamed_on_a_change(folder: Path, spoil: Breaker) -> None:
    spoil("topics/drugs.yaml", "hand_over: ", "hand_over: maybe # ")
    with pytest.raises(ContentError, match=r"topics/drugs\.yaml"):
        edition([answer(mark="sure")], folder)


def test_a_change_is_written_and_read_in_one_spelling() -> None:
    change = answer(short=both("á", "b"))
    assert change.written == '{"short":{"en":"b","vi":"á"}}'
    assert ContentEdit.read(change.kind, change.key, change.written) == change
    with pytest.raises(ValueError, match="object"):
        ContentEdit.read(change.kind, change.key, "[]")


def test_whoever_keeps_the_book_sees_the_newest_edition(book: Book) -> None:
    live = LiveBook(book)
    facts, topics, say = live.facts, live.topics, live.voice("emergency")
    only = say.only(VI)
    key = next(key for key, texts in book.sections["emergency"].items() if "113" in texts[VI])
    change: Any = fact("police_number", value=both("11399", "11399"))
    made = edition([change, answer(short=both("Mới.", "New."))]).book
    live.exchange(made)
    assert live.edition is made
    assert facts["police_number"].value[VI] == "11399"
    assert topics["drugs"].answers["main"].short[EN] == "New."
    assert "11399" in say.sentences[key][VI]
    assert "11399" in only.sentences[key][VI]
    assert live.command("/nguoi") == book.command("/nguoi")
    assert len(live.voice("emergency", key).sentences) == 1
    assert "nothing" not in live.voice("emergency", key).sentences
