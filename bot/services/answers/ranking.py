"""Which topics a message may mean, the likeliest first, and which of their answers.

Knows nothing of topics beyond their names, and nothing of what is answered.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.services.answers.features import features
from bot.services.answers.linear import Linear
from bot.services.answers.nearest import Nearest
from bot.services.answers.within import Within
from bot.services.answers.wordings import Sentence
from content.topic_weights import TopicWeights, mark_of, marks

# All found by trying, see docs/understanding.md.
_SHARE_OF_NEAREST: Final = 2.0
_SHARPNESS: Final = 2.5
# A long story speaks of much that has nothing to do with its point.
_FEWEST_WORDS_OF_STORY: Final = 22
_LIKELIER_IN_STORY: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A topic, and how likely it is meant, from 0 to 1."""

    topic: str
    score: float


class Ranking:
    """Ranks by what was learned; asking it changes nothing."""

    def __init__(
        self,
        weights: TopicWeights,
        *,
        likelier: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Rank by `weights`. The order of equals follows the names, so answers never vary.

        `likelier` says how many times likelier a topic is than its examples tell, in messages
        that are no long stories.
        """
        self._likelier = likelier
        self._marks = marks(weights.features)
        self._linear = Linear(weights)
        self._nearest = Nearest(weights)
        self._within = Within(weights)

    def rank(self, said: list[Sentence]) -> list[Ranked]:
        """Return every topic, the likeliest first; none if the message has no known feature."""
        found = [(name, self._number(name)) for name in features(said)]
        scores = self._linear.scores([number for _, number in found if number is not None])
        if scores is None:
            return []
        near = self._nearest.find(found)
        total = {
            topic: _SHARPNESS * (score + _SHARE_OF_NEAREST * near.get(topic, 0.0))
            for topic, score in zip(self._linear.topics, scores, strict=True)
        }
        best = max(total.values())
        odds = {topic: math.exp(score - best) for topic, score in total.items()}
        words = sum(len(sentence.folded.split()) for sentence in said)
        share = _LIKELIER_IN_STORY if words >= _FEWEST_WORDS_OF_STORY else 1.0
        for topic, times in self._likelier.items():
            if topic in odds:
                odds[topic] *= times * share
        whole = sum(odds.values())
        ranked = [Ranked(topic=topic, score=one / whole) for topic, one in odds.items()]
        return sorted(ranked, key=lambda one: (-one.score, one.topic))

    def answer(self, topic: str, said: list[Sentence]) -> str | None:
        """Return which of the topic's answers is meant, None if no word tells."""
        numbers = map(self._number, features(said))
        return self._within.best(topic, [number for number in numbers if number is not None])

    def _number(self, feature: str) -> int | None:
        """Return the number of `feature`, None if no example has it."""
        mark = mark_of(feature)
        parts = ((0, self._linear.weighed), (self._linear.weighed, len(self._marks)))
        for start, end in parts:
            at = bisect_left(self._marks, mark, start, end)
            if at < end and self._marks[at] == mark:
                return at
        return None
