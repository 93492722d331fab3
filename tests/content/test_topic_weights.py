"""What was learned of topics lies in a file: fresh, whole, and as if learned anew."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bot.core.languages import Language
from bot.services.answers.answers import Answers
from bot.services.answers.topic_training import fingerprint, learned
from content.book import Book
from content.topic_weights import (
    FILE,
    TopicWeights,
    mark_of,
    packed_marks,
    packed_real,
    packed_whole,
    read_topic_weights,
    real,
    whole,
    write_topic_weights,
)

WEIGHTS = TopicWeights(
    learned_from="words",
    topics=("fire",),
    answers=(("fire", "main"),),
    known=("chay",),
    features=packed_marks(map(mark_of, ("w:chay", "p:chay nha"))),
    rows=packed_whole([7]),
    seen=packed_whole([2, 1]),
    places=packed_whole([0, 1, 1]),
    labels=packed_whole([0, 0]),
    lengths=packed_real([1.5, 2.5]),
    tellers=packed_whole([1, 0]),
    told=packed_whole([0]),
    telling=packed_whole([40]),
    others=packed_real([0.5]),
)


def test_the_weights_are_learned_from_these_words(book: Book) -> None:
    is_fresh = book.topic_weights.learned_from == fingerprint(book)
    assert is_fresh, f"content/{FILE} is stale: run `make install`"


def test_what_is_read_is_what_is_learned(book: Book) -> None:
    """Notice a change of how is learned, too."""
    read, anew = book.topic_weights, learned(book)
    # The last figures of what is reckoned are those of the machine that learned.
    exact = [name for name in TopicWeights.__struct_fields__ if name not in {"rows", "lengths"}]
    assert [name for name in exact if getattr(read, name) != getattr(anew, name)] == []
    rows = zip(whole(read.rows), whole(anew.rows), strict=True)
    assert {abs(one - other) for one, other in rows} <= {0, 1}
    assert list(real(read.lengths)) == pytest.approx(list(real(anew.lengths)))
    assert Answers(book).weights is book.topic_weights


OTHER_WORDS = {
    "an utterance": lambda book: replace(book, utterances=book.utterances[1:]),
    "an example": lambda book: replace(book, topics={}),
    "a short form": lambda book: replace(book, shorthand={**book.shorthand, "qqq": "quá"}),
    "an English word": lambda book: replace(book, english=[*book.english, "qqq"]),
    "a sign of danger": lambda book: replace(
        book, danger_signs=replace(book.danger_signs, groups={})
    ),
}


@pytest.mark.parametrize("change", OTHER_WORDS.values(), ids=OTHER_WORDS)
def test_whatever_is_learned_from_makes_them_stale(
    book: Book, change: Callable[[Book], Book]
) -> None:
    assert fingerprint(change(book)) != fingerprint(book)


def test_answers_from_other_words_are_learned_first(book: Book) -> None:
    changed = replace(book, utterances=())
    assert Answers(changed).weights.learned_from == fingerprint(changed)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_topic_weights(tmp_path, WEIGHTS)
    assert read_topic_weights(tmp_path) == WEIGHTS


def test_numbers_of_another_kind_of_machine_are_not_taken(tmp_path: Path) -> None:
    other = "big" if sys.byteorder == "little" else "little"
    write_topic_weights(tmp_path, msgspec.structs.replace(WEIGHTS, byte_order=other))
    assert read_topic_weights(tmp_path) == TopicWeights()


BROKEN = {
    "nothing": b"",
    "another thing": b"{}",
    "cut off": msgspec.msgpack.encode(WEIGHTS)[:-1],
    "half a number": msgspec.msgpack.encode(msgspec.structs.replace(WEIGHTS, rows=b"1")),
    "a place missing": msgspec.msgpack.encode(
        msgspec.structs.replace(WEIGHTS, places=packed_whole([0]))
    ),
    "what is told missing": msgspec.msgpack.encode(
        msgspec.structs.replace(WEIGHTS, told=packed_whole([]))
    ),
    "a length missing": msgspec.msgpack.encode(
        msgspec.structs.replace(WEIGHTS, lengths=packed_real([1]))
    ),
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_of_a_broken_file_nothing_is_taken(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / FILE).write_bytes(raw)
    assert read_topic_weights(tmp_path) == TopicWeights()


def test_without_weights_topics_are_learned_and_danger_is_heard(folder: Path) -> None:
    (folder / FILE).unlink()
    book = Book.load(folder)
    assert book.topic_weights == TopicWeights()
    assert Answers(book).weights.learned_from == fingerprint(book)
    asked = Answers(book, weights=book.topic_weights)
    assert asked.answer("cháy nhà tôi rồi", unit={}, language=Language.VI).emergency
