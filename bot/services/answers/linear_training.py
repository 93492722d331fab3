"""How topics are learned: one weight for each feature and topic, found by going over examples.

Two models are added up: complement naive Bayes, which counts, and a passive-aggressive model,
which starts from naive Bayes and is put right where it mistakes an example. In plain Python, so
learning goes over the examples only a few times. Neither chance nor the order of a set has a say:
the same examples give the same weights.
"""

import math
from array import array
from collections.abc import Iterator, Sequence
from typing import Final

from bot.services.answers.features import WORDS

# All found by trying, see docs/understanding.md.
_ROUNDS: Final = 3
_SMOOTHING: Final = 0.3
_SMOOTHING_OF_COMPLEMENT: Final = 1.0
_SHARE_AT_START: Final = 0.15
_LONGEST_STEP: Final = 0.3
_MARGIN: Final = 1.0
_COMPLEMENT_SHARE: Final = 1.0
_STEP: Final = 0.618
_KEPT_IF_SEEN_ONCE: Final = WORDS

HUNDREDTHS: Final = 100
"""Weights are kept as whole hundredths."""

_Rows = dict[str, list[float]]
_Counts = dict[str, dict[int, int]]


def learned_rows(
    examples: Sequence[tuple[str, Sequence[str]]], topics: Sequence[str]
) -> dict[str, "array[int]"]:
    """Return a weight for each of `topics` by feature, in hundredths, the smallest of each 0.

    `examples` are each a topic and the features of one message, no two features alike. Only
    differences within a row mean anything. Features seen too seldom have no row.
    """
    numbers = {topic: number for number, topic in enumerate(topics)}
    learned = [(numbers[of], features) for of, features in examples]
    counts = _counted(learned)
    learned = [(number, [name for name in found if name in counts]) for number, found in learned]
    totals = [0] * len(topics)
    for row in counts.values():
        for number, count in row.items():
            totals[number] += count
    corrected = _from_bayes(counts, totals)
    _correct(corrected, learned)
    return {
        name: _whole(corrected.pop(name), complement)
        for name, complement in _complements(counts, totals)
    }


def summed(rows: Sequence[Sequence[float]], length: float) -> list[float]:
    """Return the sum of `rows`, made comparable by the `length` of the message."""
    return [total * length for total in map(sum, zip(*rows, strict=True))]


def _whole(corrected: Sequence[float], complement: Sequence[float]) -> "array[int]":
    row = [one + _COMPLEMENT_SHARE * two for one, two in zip(corrected, complement, strict=True)]
    least = min(row)
    return array("H", [round(HUNDREDTHS * (one - least)) for one in row])


def _counted(learned: Sequence[tuple[int, Sequence[str]]]) -> _Counts:
    counts: _Counts = {}
    for number, features in learned:
        for name in features:
            row = counts.get(name)
            if row is None:
                row = counts[name] = {}
            row[number] = row.get(number, 0) + 1
    # Half of all features are pairs and letters seen once, which say little and cost time.
    return {
        name: row
        for name, row in counts.items()
        if name[0] in _KEPT_IF_SEEN_ONCE or len(row) > 1 or max(row.values()) > 1
    }


def _from_bayes(counts: _Counts, totals: Sequence[int]) -> _Rows:
    """Return the logarithms of how often a feature stands in a class, brought to a small scale."""
    sizes = [total + _SMOOTHING * len(counts) for total in totals]
    unseen = [_SHARE_AT_START * math.log(_SMOOTHING / size) for size in sizes]
    rows: _Rows = {}
    for name, row in counts.items():
        weights = unseen.copy()
        for number, count in row.items():
            weights[number] = _SHARE_AT_START * math.log((count + _SMOOTHING) / sizes[number])
        rows[name] = weights
    return rows


def _complements(counts: _Counts, totals: Sequence[int]) -> Iterator[tuple[str, list[float]]]:
    """Return for each feature how seldom it stands in all other classes, as logarithms."""
    whole = sum(totals) + _SMOOTHING_OF_COMPLEMENT * len(counts)
    sizes = [math.log(whole - total) for total in totals]
    for name, row in counts.items():
        among_all = sum(row.values()) + _SMOOTHING_OF_COMPLEMENT
        level = math.log(among_all)
        weights = [size - level for size in sizes]
        for number, count in row.items():
            weights[number] = sizes[number] - math.log(among_all - count)
        yield name, weights


def _correct(rows: _Rows, learned: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Move the weights until every example leads by the margin, or the rounds are over."""
    left = [
        (number, [rows[name] for name in features], len(features) ** -0.5)
        for number, features in _spread(learned)
        if features
    ]
    for _ in range(_ROUNDS):
        # Who leads by the margin seldom loses it again: later rounds look at the others only.
        left = [one for one in left if not _leads(*one)]


def _spread(
    learned: Sequence[tuple[int, Sequence[str]]],
) -> list[tuple[int, Sequence[str]]]:
    """Return the examples in an order in which neighbours seldom have the same class."""
    order = sorted(range(len(learned)), key=lambda number: number * _STEP % 1)
    return [learned[number] for number in order]


def _leads(own: int, rows: list[list[float]], length: float) -> bool:
    """Tell whether an example leads by the margin; if not, move its weights towards that."""
    scores = summed(rows, length)
    mine, scores[own] = scores[own], -math.inf
    best = max(scores)
    loss = _MARGIN - (mine - best)
    if loss <= 0:
        return True
    step = min(_LONGEST_STEP, loss / 2) * length
    other = scores.index(best)
    for row in rows:
        row[own] += step
        row[other] -= step
    return False
