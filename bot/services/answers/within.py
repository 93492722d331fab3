"""Which of a topic's answers a message asks for: complement naive Bayes.

Over words, and pairs of them, of each answer's examples and of what it says itself.
"""

from array import array
from collections.abc import Iterable
from itertools import accumulate, groupby
from typing import Final

from content.topic_weights import TopicWeights, real, whole

HUNDREDTHS: Final = 100


class Within:
    """Chooses by what was learned; asking it changes nothing."""

    def __init__(self, weights: TopicWeights) -> None:
        """Choose by `weights`."""
        self._answers = weights.answers
        self._others = real(weights.others)
        self._told = whole(weights.told)
        self._telling = whole(weights.telling)
        self._ends = array("I", accumulate(whole(weights.tellers), initial=0))
        # The answers of a topic stand together.
        together = groupby(range(len(self._answers)), lambda number: self._answers[number][0])
        self._places = {topic: list(numbers) for topic, numbers in together}

    def best(self, topic: str, features: Iterable[int]) -> str | None:
        """Return the answer of `topic` that fits best; of equals the first by name.

        None if the topic knows none of `features`, which come as numbers.
        """
        places = self._places.get(topic, [])
        scores = dict.fromkeys(places, 0.0)
        known = 0
        for feature in features:
            start, end = self._ends[feature], self._ends[feature + 1]
            found = [at for at in range(start, end) if self._told[at] in scores]
            known += bool(found)
            for at in found:
                scores[self._told[at]] += self._telling[at] / HUNDREDTHS
        if not known:
            return None
        best = max(places, key=lambda place: scores[place] + known * self._others[place])
        return self._answers[best][1]
