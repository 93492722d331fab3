"""How the model of danger learns its weights: a linear machine with wide margins, in plain Python.

Reads no file and draws no lots: the same messages give the same weights. Called by `binhyen
content learn` and by tests, never while the program runs.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Final, Self

from bot.core.text import fold
from bot.services.answers.danger_features import features_of, part_of
from bot.services.answers.topic_training import spelling_of
from bot.services.answers.wordings import Spelling
from content.book import Book
from content.danger import Danger, EmergencyKind
from content.danger_signs import Signs
from content.danger_weights import DangerWeights
from content.dangers import DangerExample, DangerExamples
from content.topics import TOPIC_KEYS

# All four found by trying with `binhyen content learn --compare`.
COST: Final = 2.0
ROUNDS: Final = 16
FEWEST_MESSAGES: Final = 2
MOST_FEATURES: Final = 12_000
MOST_KIND_FEATURES: Final = 600
HUNDREDTHS: Final = 100
_HARMLESS_TOPICS: Final = TOPIC_KEYS - {
    "burglary_prevention",
    "child_protection",
    "domestic_violence",
    "drugs",
    "emergency_numbers",
    "fire_safety",
    "fireworks_weapons_surrender",
    "human_trafficking",
    "loan_shark",
    "mediation",
    "protection_of_informant",
    "report_crime_how",
    "traffic",
}
# Steps through the messages in an order that looks like chance and is none.
_STRIDE: Final = 7_919


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the model sees of one message in one spelling; `message` numbers the message."""

    message: int
    kind: EmergencyKind | None
    features: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Turns messages into weights."""

    danger: Danger
    signs: Signs
    spelling: Spelling

    @classmethod
    def by(cls, book: Book) -> Self:
        """Return the training by the rules, groups and spelling of `book`."""
        return cls(danger=book.danger, signs=book.danger_signs, spelling=spelling_of(book))

    def seen(self, examples: Iterable[DangerExample]) -> list[Seen]:
        """Return what is seen of `examples`, each as it is typed and once more without marks."""
        return [
            Seen(message=number, kind=example.kind, features=self.features(text))
            for number, example in enumerate(examples)
            for text in dict.fromkeys((example.text, bare(example.text)))
        ]

    def features(self, text: str) -> frozenset[str]:
        """Return the features of one message."""
        parts = [
            part_of(sentence, self.danger, self.signs)
            for sentence in self.spelling.sentences(text)
        ]
        return features_of(parts, self.signs)

    def learn(self, seen: Sequence[Seen]) -> DangerWeights:
        """Return the weights learned from `seen`, without a fingerprint."""
        often = _often(seen)
        told = [one for one in seen if one.kind is not None]
        return DangerWeights(
            danger=self.learn_danger(seen),
            kinds={
                kind: _pruned(
                    _fitted(told, [one.kind is kind for one in told], often), MOST_KIND_FEATURES
                )
                for kind in EmergencyKind
            },
        )

    @staticmethod
    def learn_danger(seen: Sequence[Seen]) -> Mapping[str, int]:
        """Return the weights that tell danger from none.

        Learned twice: once to find which features matter, and once with these alone, which then
        make up for what is left out.
        """
        labels = [one.kind is not None for one in seen]
        matter = _pruned(_fitted(seen, labels, _often(seen)), MOST_FEATURES)
        return _pruned(_fitted(seen, labels, frozenset(matter)), MOST_FEATURES)


def learned(book: Book, examples: DangerExamples) -> DangerWeights:
    """Return the weights learned from the training messages and the examples of topics."""
    training = Training.by(book)
    lessons = lessons_of(examples.training, book)
    weights = training.learn(training.seen(lessons))
    return replace(weights, learned_from=fingerprint(lessons, book.danger_signs))


def lessons_of(examples: Iterable[DangerExample], book: Book) -> list[DangerExample]:
    """Return what is learned from: `examples`, and what is asked of topics, which is no danger.

    Utterances of topics that people in danger also write about are left out: some of them are.
    """
    asked = (
        text
        for topic in book.topics.values()
        for answer in topic.answers.values()
        for texts in answer.examples.values()
        for text in texts
    )
    told = (one.text for one in book.utterances if one.topic in _HARMLESS_TOPICS)
    return [*examples, *(DangerExample(text=text, kind=None) for text in (*asked, *told))]


def bare(text: str) -> str:
    """Return `text` without marks, its lines and signs as they are."""
    return "\n".join(fold(line) for line in text.splitlines())


def fingerprint(examples: Iterable[DangerExample], signs: Signs) -> str:
    """Return what tells these messages and groups from all others."""
    told = sorted(f"{one.kind}: {one.text}" for one in examples)
    groups = sorted(f"{name}: {phrases}" for name, phrases in signs.groups.items())
    return hashlib.sha256("\n".join([*told, *groups]).encode()).hexdigest()[:16]


def _often(seen: Sequence[Seen]) -> frozenset[str]:
    """Return the features that more than one message has."""
    messages: dict[str, set[int]] = {}
    for one in seen:
        for feature in one.features:
            messages.setdefault(feature, set()).add(one.message)
    return frozenset(name for name, found in messages.items() if len(found) >= FEWEST_MESSAGES)


def _fitted(
    seen: Sequence[Seen], labels: Sequence[bool], often: frozenset[str]
) -> Mapping[str, float]:
    """Return the weights that part `labels` with the widest margin.

    Dual coordinate descent for the squared hinge loss (Hsieh and others, 2008): each message
    pulls the weights until it is on its side, the more the more often it was not.
    """
    numbers: dict[str, int] = {}
    rows = [
        [numbers.setdefault(name, len(numbers)) for name in sorted(one.features & often)]
        for one in seen
    ]
    scales = [1 / sqrt(max(len(one.features), 1)) for one in seen]
    weights, pulls, slack = [0.0] * len(numbers), [0.0] * len(seen), 1 / (2 * COST)
    for turn in range(ROUNDS):
        for step in range(len(seen)):
            at = (step * _STRIDE + turn) % len(seen)
            row, scale, side = rows[at], scales[at], 1.0 if labels[at] else -1.0
            reached = side * scale * sum([weights[number] for number in row])
            steepness = len(row) * scale * scale + slack
            pull = max(pulls[at] - (reached - 1 + slack * pulls[at]) / steepness, 0.0)
            change = (pull - pulls[at]) * side * scale
            pulls[at] = pull
            if change:
                for number in row:
                    weights[number] += change
    return {name: weights[number] for name, number in numbers.items()}


def _pruned(weights: Mapping[str, float], most: int) -> Mapping[str, int]:
    """Return the `most` heaviest weights as whole hundredths."""
    heaviest = Counter({name: abs(round(HUNDREDTHS * one)) for name, one in weights.items()})
    kept = sorted(heaviest, key=lambda name: (-heaviest[name], name))[:most]
    return {name: round(HUNDREDTHS * weights[name]) for name in sorted(kept) if heaviest[name]}
