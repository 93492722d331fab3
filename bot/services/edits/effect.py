"""What a change does to understanding, in numbers: the messages nobody tunes on, before and after.

Counts only. Which messages they are is for nobody who changes answers (`content.evaluation`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import msgspec

from bot.core.languages import Language
from bot.services.answers.answers import Answer, Answers
from bot.services.answers.evaluating import Evaluation, evaluate
from content.evaluation import EvaluationSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well messages are understood; parts are from 0 to 1."""

    macro_f1: float
    worst_style_f1: float
    out_of_scope_recall: float
    emergency_recall: float
    false_alarm_rate: float
    near_miss_alarms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Figures before and after a change, and how many of the `asked` get another answer."""

    before: Figures
    after: Figures
    asked: int
    changed: int

    @property
    def written(self) -> str:
        """The effect as JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the effect that `written` wrote, None for anything else."""
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, UnicodeEncodeError):
            return None

    @property
    def is_worse(self) -> bool:
        """Tell whether anything is understood less well than before."""
        better_if_more = ("macro_f1", "worst_style_f1", "out_of_scope_recall", "emergency_recall")
        less = ("false_alarm_rate", "near_miss_alarms")
        return any(
            getattr(self.after, name) < getattr(self.before, name) for name in better_if_more
        ) or any(getattr(self.after, name) > getattr(self.before, name) for name in less)


def effect(before: Answers, after: Answers, messages: EvaluationSet) -> Effect:
    """Return what answering with `after` instead of `before` does."""
    was, now = _Heard(before), _Heard(after)
    figures = [_figures(evaluate(one, messages)) for one in (was, now)]
    said = [
        (one.intent, one.texts, one.suggestions, one.emergency)
        for one in (*was.answers, *now.answers)
    ]
    asked = len(was.answers)
    return Effect(
        before=figures[0],
        after=figures[1],
        asked=asked,
        changed=sum(old != new for old, new in zip(said[:asked], said[asked:], strict=True)),
    )


class _Heard:
    """Answers, and remembers what it said, in order: answering is what takes the time."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.answers: list[Answer] = []

    def answer(self, text: str, *, unit: Mapping[str, str], language: Language) -> Answer:
        said = self._answers.answer(text, unit=unit, language=language)
        self.answers.append(said)
        return said


def _figures(found: Evaluation) -> Figures:
    return Figures(
        macro_f1=round(found.macro_f1, 4),
        worst_style_f1=round(min(one.macro_f1 for one in found.styles.values()), 4),
        out_of_scope_recall=round(found.out_of_scope_recall, 4),
        emergency_recall=round(found.danger.recall, 4),
        false_alarm_rate=round(found.danger.false_alarm_rate, 4),
        near_miss_alarms=found.danger.near_miss_alarms,
    )
