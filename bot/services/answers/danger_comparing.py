"""Ways of hearing danger, compared on messages that the one compared has not learned from.

Each way is trained on four fifths of the training messages and tried on the last fifth, five
times over; then trained on all and tried on the development messages. Called by `binhyen content
learn --compare`; docs/understanding.md shows what came out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.services.answers.danger_model import LIMIT, weigh
from bot.services.answers.danger_training import Seen, Training, lessons_of
from content.book import Book
from content.dangers import DangerExamples

FOLDS: Final = 5
FALSE_ALARMS: Final = 0.02
"""The part of messages without danger that may alarm where ways are compared alike."""

_ALONE: Final = "rules alone"
WAYS: Final[Mapping[str, str]] = {
    _ALONE: "",
    "words": "12st#",
    "words and rules": "12st#!",
    "groups of words": "gpax#",
    "groups and rules": "gpax#!",
    "words and groups": "12stgpax#",
    "all": "12stgpax#!",
}
"""Ways by name, with the first signs of the features each may see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a way heard, as parts from 0 to 1.

    `recall` and `near_alarms` are of messages in the folds, `new_recall` and `new_alarms` of the
    development messages, `topic_alarms` of the examples of topics.
    """

    recall: float
    near_alarms: float
    topic_alarms: float
    new_recall: float
    new_alarms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    one: Seen
    score: float


def compare(
    book: Book, examples: DangerExamples, *, ways: Sequence[str] = tuple(WAYS)
) -> Mapping[str, Tried]:
    """Return what each of `ways` heard where 2 % of near misses alarm; "all" at its limit, too."""
    training = Training.by(book)
    seen = training.seen(lessons_of(examples.training, book))
    new = training.seen(examples.development)
    own = len(examples.training)
    found: dict[str, Tried] = {}
    for way in ways:
        if way == _ALONE:
            found[way] = _tried(*(_ruled(messages) for messages in (seen, new)), own=own, limit=0)
            continue
        folds = [score for fold in range(FOLDS) for score in _fold(training, seen, way, fold)]
        learned = _scored(training, _only(seen, way), _only(new, way))
        limit = _limit([one.score for one in folds if _is_near(one.one, own)])
        found[way] = _tried(folds, learned, own=own, limit=limit)
        if way == "all":
            found[f"{way}, limit {LIMIT}"] = _tried(folds, learned, own=own, limit=LIMIT)
    return found


def _fold(training: Training, seen: Sequence[Seen], way: str, fold: int) -> list[_Scored]:
    visible = _only(seen, way)
    return _scored(
        training,
        [one for one in visible if one.message % FOLDS != fold],
        [one for one in visible if one.message % FOLDS == fold],
    )


def _scored(training: Training, learned: Sequence[Seen], tried: Sequence[Seen]) -> list[_Scored]:
    weights = training.learn_danger(learned)
    return [_Scored(one=one, score=weigh(weights, one.features)) for one in tried]


def _ruled(messages: Sequence[Seen]) -> list[_Scored]:
    return [_Scored(one=one, score=1.0 if "!rule" in one.features else -1.0) for one in messages]


def _only(seen: Sequence[Seen], way: str) -> list[Seen]:
    signs = tuple(WAYS[way])
    return [
        replace(one, features=frozenset(name for name in one.features if name.startswith(signs)))
        for one in seen
    ]


def _limit(scores: Sequence[float]) -> float:
    return sorted(scores, reverse=True)[int(FALSE_ALARMS * len(scores))]


def _is_near(one: Seen, own: int) -> bool:
    return one.kind is None and one.message < own


def _tried(folds: Sequence[_Scored], new: Sequence[_Scored], *, own: int, limit: float) -> Tried:
    def part(messages: Sequence[_Scored], wanted: Callable[[Seen], bool]) -> float:
        asked = [scored for scored in messages if wanted(scored.one)]
        return sum(scored.score > limit for scored in asked) / max(len(asked), 1)

    return Tried(
        recall=part(folds, lambda one: one.kind is not None),
        near_alarms=part(folds, lambda one: _is_near(one, own)),
        topic_alarms=part(folds, lambda one: one.kind is None and one.message >= own),
        new_recall=part(new, lambda one: one.kind is not None),
        new_alarms=part(new, lambda one: one.kind is None),
    )
