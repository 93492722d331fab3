"""Answers and facts as they are written, and back again."""

from bot.core.edits import EditKind
from console.edit_forms import read_answer, read_fact, shown_answer, shown_fact
from console.forms import Form
from content.book import Book
from content.edits import ContentEdit
from content.sources import change, empty_answer, uses_of, written_answer, written_fact


def typed(shown: object) -> Form:
    """Return the form that a browser sends back untouched."""
    assert isinstance(shown, dict)
    fields = {
        name: tuple(value) if isinstance(value, list) else ("1" if value is True else value,)
        for name, value in shown.items()
        if value is not False
    }
    return Form(fields=fields)


def test_an_untouched_form_changes_nothing(book: Book) -> None:
    for topic in book.topics.values():
        for answer in (*list(topic.answers)[:1], *list(topic.answers)[-1:]):
            key = f"{topic.key}/{answer}"
            written = written_answer(key)
            assert written is not None
            same = read_answer(typed(shown_answer(written)))
            assert change(EditKind.ANSWER, key, same).value == {}, key
    for name in book.facts:
        fact = written_fact(name)
        assert fact is not None
        same = read_fact(typed(shown_fact(fact)))
        assert change(EditKind.FACT, name, same).value == {}, name


def test_what_was_taken_out_is_taken_away() -> None:
    written = dict(written_answer("drugs/main") or {})
    made = change(EditKind.ANSWER, "drugs/main", {**written, "steps": {}, "law": []})
    assert made.value == {"steps": "", "law": []}
    again = written_answer("drugs/main", [made])
    assert again is not None
    assert (again["steps"], again["law"]) == ({}, [])


def test_an_answer_nobody_wrote_takes_what_its_topic_says() -> None:
    assert written_answer("drugs/nothing") is None
    assert written_answer("../facts/main") is None
    assert empty_answer("drugs")["related"] == (written_answer("drugs/main") or {})["related"]


def test_a_changed_fact_is_written_with_its_change() -> None:
    edit = ContentEdit(kind=EditKind.FACT, key="fire_law", value={"source": "Thử"})
    assert (written_fact("fire_law", [edit]) or {})["source"] == "Thử"
    assert written_fact("nothing") is None


def test_a_fact_nobody_uses_stands_nowhere(book: Book) -> None:
    assert {one.key for one in uses_of("fire_law", book)} >= {"fire_safety/main"}
