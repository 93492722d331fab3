"""Which words tell the answers of a topic apart: complement naive Bayes, counted once.

The score of an answer is a sum over the features its topic knows: of how much the other answers
say (`others`), and, where the answer has the feature, of how much of it is its own (`telling`).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.services.answers.nearest import Label

# Found by trying, see docs/understanding.md.
_SMOOTHING: Final = 1.0


@dataclass(slots=True)
class _Counts:
    """How often each feature stands with each answer of one topic, and how many each has."""

    features: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sizes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedWithin:
    """What was learned: by feature, which answers it speaks for, and how much."""

    telling: Mapping[str, Mapping[Label, float]]
    others: Mapping[Label, float]


def learned_within(said: Iterable[tuple[Label, Sequence[str]]]) -> LearnedWithin:
    """Return what is learned from `said`, each an answer and the features of one text of it."""
    topics: dict[str, _Counts] = defaultdict(_Counts)
    for label, found in said:
        counts = topics[label.topic]
        counts.sizes[label.answer] += len(found)
        for name in found:
            counts.features[name][label.answer] += 1
    telling: dict[str, dict[Label, float]] = defaultdict(dict)
    others: dict[Label, float] = {}
    for topic, counts in topics.items():
        everything = counts.sizes.total() + _SMOOTHING * len(counts.features)
        for answer, size in counts.sizes.items():
            others[Label(topic=topic, answer=answer)] = math.log(everything - size)
        for name, row in counts.features.items():
            among_all = row.total() + _SMOOTHING
            for answer, count in row.items():
                weight = math.log(among_all / (among_all - count))
                telling[name][Label(topic=topic, answer=answer)] = weight
    return LearnedWithin(telling=telling, others=others)
