"""How well messages are understood, in numbers: answers them all, and counts.

Knows no file and prints nothing. The messages come from `content.evaluation`; `binhyen content
evaluate` shows the numbers, and docs/understanding.md says what they mean.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from bot.core.languages import Language
from bot.services.answers.answers import UNKNOWN, Answer
from content.evaluation import EvaluationSet, Message, Style
from content.topics import OUT_OF_SCOPE

MACRO_F1_LEAST: Final = 0.88
STYLE_F1_LEAST: Final = 0.80
OUT_OF_SCOPE_RECALL_LEAST: Final = 0.85
EMERGENCY_RECALL_LEAST: Final = 0.97
FALSE_ALARM_RATE_MOST: Final = 0.02
NEAR_MISS_ALARM_RATE_MOST: Final = 0.02


class Answerer(Protocol):
    """The one door of `Answers` that is used here."""

    def answer(self, text: str, *, unit: Mapping[str, str], language: Language) -> Answer:
        """Return what is said to `text`."""
        ...


class MissKind(StrEnum):
    """What went wrong with a message, the worst first."""

    DANGER_UNSEEN = "danger_unseen"
    FALSE_ALARM = "false_alarm"
    NEAR_MISS_ALARM = "near_miss_alarm"
    WRONG_TOPIC = "wrong_topic"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """One message that was misunderstood. `intent` is what it was taken for."""

    kind: MissKind
    message: Message
    intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicScore:
    """How well one topic is found, from 0 to 1. `asked` counts its messages."""

    asked: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleScore:
    """How well one style is read. `macro_f1` is the mean over the topics asked in that style."""

    asked: int
    macro_f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerScore:
    """How well danger is told from what is none.

    `recall` is of `asked` people in danger, `false_alarm_rate` of all other messages, and
    `near_miss_alarms` counts alarms among `near_misses` messages that sound like danger.
    """

    asked: int
    recall: float
    false_alarm_rate: float
    near_misses: int
    near_miss_alarms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One number with what it should be: at least `limit`, or at most."""

    name: str
    value: float
    limit: float
    is_least: bool

    @property
    def is_reached(self) -> bool:
        """Tell whether the number is good enough."""
        return self.value >= self.limit if self.is_least else self.value <= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All numbers of one measurement; shares are from 0 to 1.

    `not_understood` counts messages without any topic found, `offered` those of them whose topic
    was among the suggestions. `out_of_scope_declined` counts as found, too, what was answered
    with "not understood": nothing wrong was said. `near_miss_topics` is the share of near misses
    whose topic was found. `confusions` are (topic, intent, count), the most frequent first.
    """

    asked: int
    macro_f1: float
    topics: Mapping[str, TopicScore]
    styles: Mapping[Style, StyleScore]
    out_of_scope_recall: float
    out_of_scope_declined: float
    danger: DangerScore
    near_miss_topics: float
    not_understood: int
    offered: int
    confusions: Sequence[tuple[str, str, int]]
    misses: Sequence[Miss]

    @property
    def goals(self) -> Sequence[Goal]:
        """The numbers that have to be reached."""
        alarms = _share(self.danger.near_miss_alarms, self.danger.near_misses)
        return (
            Goal(name="macro_f1", value=self.macro_f1, limit=MACRO_F1_LEAST, is_least=True),
            Goal(
                name="worst_style_f1",
                value=min((style.macro_f1 for style in self.styles.values()), default=0.0),
                limit=STYLE_F1_LEAST,
                is_least=True,
            ),
            Goal(
                name="out_of_scope_recall",
                value=self.out_of_scope_recall,
                limit=OUT_OF_SCOPE_RECALL_LEAST,
                is_least=True,
            ),
            Goal(
                name="emergency_recall",
                value=self.danger.recall,
                limit=EMERGENCY_RECALL_LEAST,
                is_least=True,
            ),
            Goal(
                name="false_alarm_rate",
                value=self.danger.false_alarm_rate,
                limit=FALSE_ALARM_RATE_MOST,
                is_least=False,
            ),
            Goal(
                name="near_miss_alarm_rate",
                value=alarms,
                limit=NEAR_MISS_ALARM_RATE_MOST,
                is_least=False,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    message: Message
    answer: Answer

    @property
    def is_alarm(self) -> bool:
        return self.answer.emergency is not None

    @property
    def is_right(self) -> bool:
        return self.answer.intent == self.message.topic


def evaluate(answers: Answerer, messages: EvaluationSet) -> Evaluation:
    """Return how well `answers` understands `messages`."""
    said = [_answered(answers, message) for message in messages.messages]
    near = [_answered(answers, message) for message in messages.near_misses]
    topics = _topic_scores(said)
    strange = [one for one in said if one.message.topic == OUT_OF_SCOPE]
    lost = [one for one in said if one.answer.intent == UNKNOWN]
    wrong = Counter((one.message.topic, one.answer.intent) for one in said if not one.is_right)
    return Evaluation(
        asked=len(said),
        macro_f1=_macro_f1(topics),
        topics=topics,
        styles={
            style: StyleScore(asked=len(of_style), macro_f1=_macro_f1(_topic_scores(of_style)))
            for style in Style
            if (of_style := [one for one in said if one.message.style is style])
        },
        out_of_scope_recall=_part(strange, lambda one: one.is_right),
        out_of_scope_declined=_part(
            strange, lambda one: one.answer.intent in {OUT_OF_SCOPE, UNKNOWN}
        ),
        danger=_danger_score(said, near),
        near_miss_topics=_part(near, lambda one: one.is_right),
        not_understood=len(lost),
        offered=sum(one.message.topic in one.answer.suggestions for one in lost),
        confusions=[
            (topic, intent, count)
            for (topic, intent), count in sorted(
                wrong.items(), key=lambda entry: (-entry[1], entry[0])
            )
        ],
        misses=_misses(said, near),
    )


def _answered(answers: Answerer, message: Message) -> _Answered:
    language = Language.EN if message.style is Style.ENGLISH else Language.VI
    return _Answered(
        message=message, answer=answers.answer(message.text, unit={}, language=language)
    )


def _topic_scores(said: Sequence[_Answered]) -> Mapping[str, TopicScore]:
    """Return the scores of every topic that was asked about."""
    asked = Counter(one.message.topic for one in said)
    taken = Counter(one.answer.intent for one in said)
    right = Counter(one.message.topic for one in said if one.is_right)
    return {
        topic: TopicScore(
            asked=count,
            precision=_share(right[topic], taken[topic]),
            recall=_share(right[topic], count),
            f1=_share(2 * right[topic], count + taken[topic]),
        )
        for topic, count in sorted(asked.items())
    }


def _macro_f1(topics: Mapping[str, TopicScore]) -> float:
    return _share(sum(score.f1 for score in topics.values()), len(topics))


def _danger_score(said: Sequence[_Answered], near: Sequence[_Answered]) -> DangerScore:
    in_danger = [one for one in said if one.message.is_emergency]
    others = [one for one in said if not one.message.is_emergency]
    return DangerScore(
        asked=len(in_danger),
        recall=_part(in_danger, lambda one: one.is_alarm),
        false_alarm_rate=_part(others, lambda one: one.is_alarm),
        near_misses=len(near),
        near_miss_alarms=sum(one.is_alarm for one in near),
    )


def _misses(said: Iterable[_Answered], near: Iterable[_Answered]) -> Sequence[Miss]:
    """Return what went wrong, the worst first, otherwise in the order of the set."""
    kinds = [(_kind(one), one) for one in said]
    kinds += [(MissKind.NEAR_MISS_ALARM, one) for one in near if one.is_alarm]
    found = [
        Miss(kind=kind, message=one.message, intent=one.answer.intent)
        for kind, one in kinds
        if kind is not None
    ]
    order = list(MissKind)
    return sorted(found, key=lambda miss: order.index(miss.kind))


def _kind(one: _Answered) -> MissKind | None:
    if one.message.is_emergency and not one.is_alarm:
        return MissKind.DANGER_UNSEEN
    if one.is_alarm and not one.message.is_emergency:
        return MissKind.FALSE_ALARM
    if one.is_right:
        return None
    return MissKind.NOT_UNDERSTOOD if one.answer.intent == UNKNOWN else MissKind.WRONG_TOPIC


def _part(said: Sequence[_Answered], holds: Callable[[_Answered], bool]) -> float:
    return _share(sum(holds(one) for one in said), len(said))


def _share(part: float, whole: int) -> float:
    """Return `part` of `whole`; nothing of nothing is 0, so that an empty set reaches no goal."""
    return part / whole if whole else 0.0
