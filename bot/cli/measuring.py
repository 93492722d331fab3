"""What `binhyen content evaluate` and `learn` show of a measurement: a document, or tables.

The numbers are made in `bot.services.answers`, in `evaluating` and `danger_comparing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Final

from bot.cli.reply import table

if TYPE_CHECKING:
    from bot.services.answers.danger_comparing import Tried
    from bot.services.answers.evaluating import DangerScore, Evaluation, Goal, Miss

_CONFUSIONS_SHOWN: Final = 20
_DIGITS: Final = 4


def measured(found: "Evaluation", *, misses: int) -> Mapping[str, object]:
    """Return all numbers, every confusion, and the first `misses` misunderstood messages."""
    return {
        "asked": found.asked,
        "macro_f1": _rounded(found.macro_f1),
        "goals": [
            {
                "name": goal.name,
                "value": _rounded(goal.value),
                "limit": goal.limit,
                "is_reached": goal.is_reached,
            }
            for goal in found.goals
        ],
        "topics": {
            topic: {
                "asked": score.asked,
                "precision": _rounded(score.precision),
                "recall": _rounded(score.recall),
                "f1": _rounded(score.f1),
            }
            for topic, score in found.topics.items()
        },
        "styles": {
            style.value: {"asked": score.asked, "macro_f1": _rounded(score.macro_f1)}
            for style, score in found.styles.items()
        },
        "out_of_scope": {
            "recall": _rounded(found.out_of_scope_recall),
            "declined": _rounded(found.out_of_scope_declined),
        },
        "emergencies": {
            "asked": found.danger.asked,
            "recall": _rounded(found.danger.recall),
            "false_alarm_rate": _rounded(found.danger.false_alarm_rate),
            "near_misses": found.danger.near_misses,
            "near_miss_alarms": found.danger.near_miss_alarms,
            "near_miss_topics": _rounded(found.near_miss_topics),
        },
        "not_understood": {"count": found.not_understood, "offered": found.offered},
        "confusions": [
            {"topic": topic, "intent": intent, "count": count}
            for topic, intent, count in found.confusions
        ],
        "misses": [_miss(miss) for miss in found.misses[:misses]],
        "misses_left_out": max(len(found.misses) - misses, 0),
    }


def told(found: "Evaluation", *, misses: int) -> Sequence[str]:
    """Return the same in lines, with the commonest confusions only."""
    shown = found.misses[:misses]
    return [
        f"{found.asked} messages and {found.danger.near_misses} near misses of danger.",
        "",
        *table([_goal(goal) for goal in found.goals], empty=""),
        "",
        *table([("topic", "asked", "precision", "recall", "F1"), *_topics(found)], empty=""),
        "",
        *table([("style", "asked", "macro F1"), *_styles(found)], empty=""),
        "",
        _strange(found),
        f"not understood: {found.not_understood}, right topic offered to {found.offered}",
        _danger(found.danger),
        f"near misses: topic found of {_percent(found.near_miss_topics)}",
        "",
        *table(
            [("asked about", "taken for", "times"), *found.confusions[:_CONFUSIONS_SHOWN]],
            empty="",
        ),
        "",
        *(
            f"{miss.kind}: {miss.message.topic} > {miss.intent}: {miss.message.text}"
            for miss in shown
        ),
        f"{len(shown)} of {len(found.misses)} misses shown; more with --misses.",
    ]


def compared(tried: "Mapping[str, Tried]") -> Sequence[str]:
    """Return lines that set the ways of hearing danger side by side."""
    return table(
        [
            ("way", "recall", "near misses", "topics", "new: recall", "new: alarms"),
            *((way, *map(_percent, astuple(one))) for way, one in tried.items()),
        ],
        empty="",
    )


def _strange(found: "Evaluation") -> str:
    return (
        f"out_of_scope: {_percent(found.out_of_scope_recall)} found,"
        f" {_percent(found.out_of_scope_declined)} with those answered as not understood"
    )


def _danger(score: "DangerScore") -> str:
    return (
        f"danger: {_percent(score.recall)} of {score.asked} seen,"
        f" {_percent(score.false_alarm_rate)} false alarms,"
        f" {score.near_miss_alarms} of {score.near_misses} near misses alarm"
    )


def _topics(found: "Evaluation") -> list[tuple[object, ...]]:
    return [
        (topic, score.asked, *map(_percent, (score.precision, score.recall, score.f1)))
        for topic, score in found.topics.items()
    ]


def _styles(found: "Evaluation") -> list[tuple[object, ...]]:
    return [
        (style.value, score.asked, _percent(score.macro_f1))
        for style, score in found.styles.items()
    ]


def _goal(goal: "Goal") -> tuple[object, ...]:
    sign = "at least" if goal.is_least else "at most"
    reached = "reached" if goal.is_reached else "missed"
    return goal.name, _percent(goal.value), f"{sign} {_percent(goal.limit)}", reached


def _miss(miss: "Miss") -> Mapping[str, object]:
    return {
        "kind": miss.kind.value,
        "style": miss.message.style.value,
        "topic": miss.message.topic,
        "intent": miss.intent,
        "text": miss.message.text,
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _rounded(share: float) -> float:
    return round(share, _DIGITS)
