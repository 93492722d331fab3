"""Which examples a message is most like: words, pairs of words and groups of letters, weighed.

Knows nothing of topics beyond their names, and nothing of what is answered.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bot.services.answers.wordings import Sentence

_WORD_WEIGHT: Final = 1.0
_PAIR_WEIGHT: Final = 1.0
_MARKED_WEIGHT: Final = 1.0
_LETTERS_WEIGHT: Final = 0.5
_NEAREST: Final = 3
_NEAREST_SHARE: Final = 0.4
_CENTRE_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Label:
    """What an example stands for: a topic and one of its answers."""

    topic: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A topic with how like the message it is, from 0 to 1, and its nearest answer."""

    topic: str
    score: float
    answer: str


class Ranking:
    """An index over examples, built once; asking it changes nothing."""

    def __init__(self, examples: Iterable[tuple[Label, list[Sentence]]]) -> None:
        """Index `examples`. The order of equals follows the names, so answers never vary."""
        counted = [(label, Counter(_features(said))) for label, said in examples]
        in_examples = Counter(name for _, features in counted for name in features)
        self._rarity: Mapping[str, float] = {
            name: math.log(1 + len(counted) / count) for name, count in in_examples.items()
        }
        self._labels: list[Label] = []
        self._examples: dict[str, list[tuple[int, float]]] = defaultdict(list)
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for number, (label, features) in enumerate(counted):
            self._labels.append(label)
            vector = self._weighed(features)
            for name, weight in vector.items():
                self._examples[name].append((number, weight))
                sums[label.topic][name] += weight  # type: ignore[assignment]  # typeshed: int only
        self._centres: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for topic, total in sums.items():
            length = math.sqrt(sum(weight * weight for weight in total.values()))
            for name, weight in total.items():
                self._centres[name].append((topic, weight / length))

    def rank(self, said: list[Sentence]) -> list[Ranked]:
        """Return every topic the message has anything in common with, the likest first."""
        vector = self._weighed(Counter(_features(said)))
        near: dict[int, float] = defaultdict(float)
        centre: dict[str, float] = defaultdict(float)
        for name, weight in vector.items():
            for number, other in self._examples.get(name, ()):
                near[number] += weight * other
            for topic, other in self._centres.get(name, ()):
                centre[topic] += weight * other
        best: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for number, likeness in near.items():
            label = self._labels[number]
            best[label.topic].append((likeness, label.answer))
        ranked = [
            Ranked(topic=topic, score=_score(found, centre[topic]), answer=_nearest(found))
            for topic, found in best.items()
        ]
        return sorted(ranked, key=lambda one: (-one.score, one.topic))

    def _weighed(self, features: Counter[str]) -> dict[str, float]:
        unknown = math.log(1 + 2 * max(len(self._rarity), 1)) / 2
        vector = {
            name: (1 + math.log(count)) * self._rarity.get(name, unknown) * _kind_weight(name)
            for name, count in features.items()
        }
        length = math.sqrt(sum(weight * weight for weight in vector.values()))
        return {name: weight / length for name, weight in vector.items()} if length else {}


def _score(found: list[tuple[float, str]], centre: float) -> float:
    nearest = sorted((likeness for likeness, _ in found), reverse=True)[:_NEAREST]
    # The nearest example counts most; two more keep one odd example from deciding alone.
    likeness = sum(one * share for one, share in zip(nearest, (0.7, 0.2, 0.1), strict=False))
    return min(1.0, _NEAREST_SHARE * likeness + _CENTRE_SHARE * centre)


def _nearest(found: list[tuple[float, str]]) -> str:
    return min(found, key=lambda one: (-one[0], one[1]))[1]


def _kind_weight(name: str) -> float:
    return {"w": _WORD_WEIGHT, "p": _PAIR_WEIGHT, "m": _MARKED_WEIGHT}.get(
        name[0], _LETTERS_WEIGHT
    )


def _features(said: list[Sentence]) -> Iterator[str]:
    """Yield the features of a message: a letter for the kind, a colon, the words or letters."""
    for sentence in said:
        words = sentence.folded.split()
        yield from (f"w:{word}" for word in words)
        yield from (f"p:{one} {two}" for one, two in pairwise(words))
        for word, typed in zip(words, sentence.marked.split(), strict=False):
            if typed != word:
                yield f"m:{typed}"
        for word in words:
            edged = f"_{word}_"
            yield from (f"c:{edged[at : at + 3]}" for at in range(max(len(edged) - 2, 0)))
