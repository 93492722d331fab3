"""Which examples a message is most like: the share of rare features both have.

Tells the answers of a topic apart, where examples are too few to learn weights from, and has a say
in which topic it is.
"""

import heapq
import math
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.services.answers.features import LETTERS

_SHARE_OF_LETTERS: Final = 0.5
# The nearest example counts most; two more keep one odd example from deciding alone.
_SHARES: Final = (0.7, 0.2, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Label:
    """What an example stands for: a topic and one of its answers."""

    topic: str
    answer: str


class Nearest:
    """An index over examples, built once; asking it changes nothing."""

    def __init__(self, examples: Sequence[tuple[Label, Sequence[str]]]) -> None:
        """Index `examples`, each with the features of one message, no two alike."""
        places: dict[str, list[int]] = defaultdict(list)
        for number, (_, features) in enumerate(examples):
            for name in features:
                places[name].append(number)
        self._labels = [label for label, _ in examples]
        self._ordered = sorted(set(self._labels))
        self._topics = sorted({label.topic for label in self._labels})
        # Of equals the first by name wins: the largest of these.
        places_of = {label: -place for place, label in enumerate(self._ordered)}
        self._order = array("i", (places_of[label] for label in self._labels))
        topics = {topic: number for number, topic in enumerate(self._topics)}
        self._topic_of = array("i", (topics[label.topic] for label in self._labels))
        self._unknown = math.log(1 + len(examples)) / 2
        self._rarity = {
            name: _share(name) * math.log(1 + len(examples) / len(found))
            for name, found in places.items()
        }
        self._places = dict(places)
        squares = {name: rarity * rarity for name, rarity in self._rarity.items()}
        self._lengths = array(
            "f", (math.sqrt(sum(map(squares.__getitem__, found))) or 1.0 for _, found in examples)
        )

    def find(self, features: Sequence[str]) -> Mapping[str, tuple[float, str]]:
        """Return, for each topic with an example at all like it, how like, from 0 to 1.

        With it comes the answer whose example is the nearest; the order of equals follows names.
        """
        likeness = [0.0] * len(self._labels)
        for name in features:
            if found := self._places.get(name):
                weight = self._rarity[name] ** 2
                for number in found:
                    likeness[number] += weight
        length = self._length(features)
        by_topic: list[list[tuple[float, int]]] = [[] for _ in self._topics]
        for topic, whole, place, shared in zip(
            self._topic_of, self._lengths, self._order, likeness, strict=True
        ):
            if shared:
                by_topic[topic].append((shared / (length * whole), place))
        return {
            topic: self._best(found)
            for topic, found in zip(self._topics, by_topic, strict=True)
            if found
        }

    def _best(self, found: list[tuple[float, int]]) -> tuple[float, str]:
        nearest = heapq.nlargest(len(_SHARES), found)
        whole = sum(one * share for (one, _), share in zip(nearest, _SHARES, strict=False))
        return whole, self._ordered[-nearest[0][1]].answer

    def _length(self, features: Sequence[str]) -> float:
        squares = (
            (self._rarity[name] if name in self._rarity else _share(name) * self._unknown) ** 2
            for name in features
        )
        return math.sqrt(sum(squares)) or 1.0


def _share(name: str) -> float:
    return _SHARE_OF_LETTERS if name.startswith(LETTERS) else 1.0
