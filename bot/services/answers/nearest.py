"""Which examples a message is most like: the share of rare features both have."""

import heapq
import math
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from bot.services.answers.features import LETTERS
from content.topic_weights import TopicWeights, real, whole

_SHARE_OF_LETTERS: Final = 0.5
# The nearest example counts most; two more keep one odd example from deciding alone.
_SHARES: Final = (0.7, 0.2, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Label:
    """What an example stands for: a topic and one of its answers."""

    topic: str
    answer: str


class Nearest:
    """Looks through an index over examples; asking it changes nothing."""

    def __init__(self, weights: TopicWeights) -> None:
        """Look through the index in `weights`."""
        self._topics = weights.topics
        topics = {topic: number for number, topic in enumerate(weights.topics)}
        topic_of = [topics[topic] for topic, _ in weights.answers]
        labels = whole(weights.labels)
        self._many = len(labels)
        self._topic_of = array("i", (topic_of[label] for label in labels))
        self._lengths = real(weights.lengths)
        self._places = whole(weights.places)
        self._ends = array("I", accumulate(whole(weights.seen), initial=0))

    def find(self, features: Iterable[tuple[str, int | None]]) -> Mapping[str, float]:
        """Return, for each topic with an example at all like it, how like, from 0 to 1.

        Features come with their numbers, None for those of no example.
        """
        likeness = [0.0] * self._many
        squares = 0.0
        for name, number in features:
            if number is None:
                squares += rarity_of_unknown(name, examples=self._many) ** 2
                continue
            places = self._places[self._ends[number] : self._ends[number + 1]].tolist()
            weight = rarity(name, examples=self._many, seen=len(places)) ** 2
            squares += weight
            for place in places:
                likeness[place] += weight
        length = math.sqrt(squares) or 1.0
        by_topic: list[list[float]] = [[] for _ in self._topics]
        for topic, whole_length, shared in zip(
            self._topic_of, self._lengths, likeness, strict=True
        ):
            if shared:
                by_topic[topic].append(shared / (length * whole_length))
        return {
            topic: _likeness(found)
            for topic, found in zip(self._topics, by_topic, strict=True)
            if found
        }


def _likeness(found: list[float]) -> float:
    nearest = heapq.nlargest(len(_SHARES), found)
    return sum(one * share for one, share in zip(nearest, _SHARES, strict=False))


def rarity(name: str, *, examples: int, seen: int) -> float:
    """Return how much it says of a message to have a feature that `seen` examples have."""
    return _share(name) * math.log(1 + examples / seen)


def rarity_of_unknown(name: str, *, examples: int) -> float:
    """Return how much a feature says that no example has."""
    return _share(name) * math.log(1 + examples) / 2


def _share(name: str) -> float:
    return _SHARE_OF_LETTERS if name.startswith(LETTERS) else 1.0
