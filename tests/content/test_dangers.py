"""The messages by which danger is learned: many, of every kind, and learned of late."""

from collections import Counter
from pathlib import Path

import pytest

from bot.core.text import fold
from bot.services.answers.danger_training import fingerprint, lessons_of
from content.book import OWN_FOLDER, Book
from content.danger import EmergencyKind
from content.danger_weights import FILE
from content.dangers import DangerExamples, read_dangers
from content.faults import ContentError
from tests.content.conftest import Breaker


@pytest.fixture(scope="module")
def found() -> DangerExamples:
    return read_dangers()


def test_there_are_enough_of_every_kind(found: DangerExamples) -> None:
    training = Counter(one.kind for one in found.training)
    assert training.total() - training[None] >= 900
    assert training[None] >= 1500
    assert {kind for kind in EmergencyKind if training[kind] < 40} == set()
    development = Counter(one.kind for one in found.development)
    assert {kind for kind in EmergencyKind if development[kind] < 6} == set()
    assert development[None] >= 150


def test_what_is_tried_was_not_learned(found: DangerExamples) -> None:
    def words(text: str) -> frozenset[str]:
        return frozenset(fold(text).split())

    learned = [words(one.text) for one in found.training]
    near = []
    for one in found.development:
        tried = words(one.text)
        alike = any(len(tried & other) > 0.7 * len(tried | other) for other in learned)
        near += [one.text] if alike else []
    assert near == []


def test_the_weights_are_learned_from_these_messages(found: DangerExamples, book: Book) -> None:
    learned_from = fingerprint(lessons_of(found.training, book), book.danger_signs)
    is_fresh = book.danger_weights.learned_from == learned_from
    assert is_fresh, "content/danger_weights.json is stale: run `binhyen content learn`"


def test_every_mistake_is_told_with_its_place(folder: Path, spoil: Breaker) -> None:
    # A name that is not known is told at the line of what it names.
    kind = spoil("dangers/training/fire.yaml", "fire:", "water:")
    doubled = spoil("dangers/development/all.yaml", "  - ", "  - cháy\n  - cháy\n  - ")
    with pytest.raises(ContentError) as told:
        read_dangers(folder)
    assert f"dangers/training/fire.yaml:{kind + 1}: 'water' is not known here" in str(told.value)
    assert f"dangers/development/all.yaml:{doubled + 1}: 'cháy' stands" in str(told.value)


def test_every_mistake_in_the_signs_is_told(folder: Path, spoil: Breaker) -> None:
    line = spoil("danger_signs.yaml", "[\n", '["một hai ba bốn năm",\n')
    spoil("danger_signs.yaml", "  fire:", "  past:")
    with pytest.raises(ContentError) as told:
        Book.load(folder)
    assert f"danger_signs.yaml:{line}: a phrase has at most 4 words" in str(told.value)
    assert "the group 'past' stands here for the second time" in str(told.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"learned_from": "", "danger": {"a": "b"}}'])
def test_a_broken_file_of_weights_stops_the_start(folder: Path, text: str) -> None:
    (folder / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=f"{FILE}:1: .*binhyen content learn"):
        Book.load(folder)


def test_without_weights_the_book_still_opens(folder: Path) -> None:
    assert (OWN_FOLDER / FILE).exists()
    (folder / FILE).unlink()
    assert Book.load(folder).danger_weights.danger == {}
