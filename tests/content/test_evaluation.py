"""The set that measures understanding: big and mixed enough, and unlike what is learned from."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import ceil, floor
from pathlib import Path

import pytest
import yaml

from bot.core.text import fold
from bot.services.answers.wordings import Spelling
from content.book import Book
from content.dangers import read_dangers
from content.evaluation import EvaluationSet, Style, read_evaluation
from content.faults import ContentError
from content.topics import OUT_OF_SCOPE, TOPIC_KEYS
from tests.content.conftest import Breaker

# Above this part of common words two messages count as one with a word changed.
ALIKE = 0.7
# What rules and limits are tried on while they are written.
TRIED = Path(__file__).parents[1] / "services" / "answers"


@pytest.fixture(scope="module")
def found() -> EvaluationSet:
    return read_evaluation()


@pytest.fixture(scope="module")
def learned(book: Book) -> Sequence[str]:
    """Everything that somebody may look at while making the program understand better."""
    examples = [
        example
        for topic in book.topics.values()
        for answer in topic.answers.values()
        for spoken in answer.examples.values()
        for example in spoken
    ]
    rows = [
        row for path in TRIED.glob("*.yaml") for row in yaml.safe_load(path.read_text("utf-8"))
    ]
    utterances = [one.text for one in book.utterances]
    assert examples
    assert utterances
    assert rows
    dangers = read_dangers()
    return [
        *examples,
        *utterances,
        *(row if isinstance(row, str) else row[-1] for row in rows),
        *(one.text for one in (*dangers.training, *dangers.development)),
    ]


class Alike:
    """Finds texts of nearly the same words, however they are spelled."""

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling
        self._known: dict[int, list[tuple[str, frozenset[str]]]] = defaultdict(list)

    def add(self, text: str) -> None:
        words = self._words(text)
        self._known[len(words)].append((text, words))

    def to(self, text: str) -> list[str]:
        """Return the texts known that are nearly `text`."""
        words = self._words(text)
        # Sets of very different size cannot have enough in common.
        sizes = range(floor(ALIKE * len(words)), ceil(len(words) / ALIKE) + 1)
        return [
            other
            for size in sizes
            for other, known in self._known.get(size, ())
            if len(words & known) > ALIKE * len(words | known)
        ]

    def _words(self, text: str) -> frozenset[str]:
        said = self._spelling.sentences(text)
        return frozenset(word for sentence in said for word in sentence.folded.split())


@pytest.fixture
def alike(book: Book, learned: Sequence[str]) -> Alike:
    known = frozenset(word for text in learned for word in fold(text).split())
    return Alike(Spelling(shorthand=book.shorthand, known=known))


def test_the_set_is_big_and_mixed_enough(found: EvaluationSet) -> None:
    assert len(found.messages) >= 640
    assert len(found.near_misses) == 200
    topics = Counter(message.topic for message in found.messages)
    assert {topic for topic in TOPIC_KEYS if topics[topic] < 15} == set()
    assert topics[OUT_OF_SCOPE] >= 80
    styles = Counter(message.style for message in found.messages)
    assert {style for style in Style if styles[style] < 60} == set()


def test_people_are_in_danger_in_every_style(found: EvaluationSet) -> None:
    dangers = Counter(message.style for message in found.messages if message.is_emergency)
    assert dangers.total() >= 90
    assert {style for style in Style if dangers[style] < 5} == set()
    near = {message.style for message in found.near_misses}
    assert near == set(Style)
    assert [one for one in found.near_misses if one.is_emergency] == []


def test_no_message_stands_twice(found: EvaluationSet, alike: Alike) -> None:
    doubled = []
    for message in [*found.messages, *found.near_misses]:
        doubled += [(message.text, other) for other in alike.to(message.text)]
        alike.add(message.text)
    assert doubled == []


def test_no_message_is_nearly_one_that_is_learned_from(
    found: EvaluationSet, alike: Alike, learned: Sequence[str]
) -> None:
    """If this fails for a new example, change the example: the set stays as it is."""
    for text in learned:
        alike.add(text)
    # Only the example is shown: whoever tunes must not see the message.
    copied = {
        other
        for message in [*found.messages, *found.near_misses]
        for other in alike.to(message.text)
    }
    assert copied == set()


@pytest.mark.parametrize(
    ("style", "habit"),
    [
        (Style.BARE, lambda text: sum(letter > "~" for letter in text) <= 1),
        (Style.ENGLISH, lambda text: text.isascii()),
        (Style.PLAIN, lambda text: not text.isascii()),
        (Style.LONG, lambda text: len(text.split()) >= 25),
    ],
)
def test_a_style_is_what_it_says(
    style: Style, habit: Callable[[str], bool], found: EvaluationSet
) -> None:
    odd = [one.text for one in found.messages if one.style is style and not habit(one.text)]
    assert odd == []


def test_every_mistake_in_the_set_is_told_with_its_place(folder: Path, spoil: Breaker) -> None:
    wrong_style = spoil("evaluation/questions.yaml", "- [plain, no,", "- [prose, no,")
    cut = spoil("evaluation/near_misses.yaml", "- [plain, no, ", "- [")
    spoil("evaluation/dangers.yaml", "fire_safety:", "fire:")
    with pytest.raises(ContentError) as told:
        read_evaluation(folder)
    assert f"evaluation/questions.yaml:{wrong_style}: 'prose' is none of" in str(told.value)
    assert f"evaluation/near_misses.yaml:{cut}: [style, yes or no, text]" in str(told.value)
    assert "'fire' is not known here" in str(told.value)
