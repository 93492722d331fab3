"""Numbers of a measurement on a set small enough to count by hand."""

from collections.abc import Mapping

import pytest

from bot.core.languages import Language
from bot.services.answers.answers import UNKNOWN, Answer
from bot.services.answers.evaluating import Evaluation, MissKind, evaluate
from content.danger import EmergencyKind
from content.evaluation import EvaluationSet, Message, Style

DRUGS, TRAFFIC, STRANGE = "drugs", "traffic", "out_of_scope"


class Parrot:
    """Answers with the words of the message: intent, and perhaps an alarm or an offer."""

    def __init__(self) -> None:
        self.languages: list[Language] = []

    def answer(self, text: str, *, unit: Mapping[str, str], language: Language) -> Answer:
        self.languages.append(language)
        intent, *more = text.split()
        return Answer(
            intent=intent,
            confidence=1.0,
            emergency=EmergencyKind.FIRE if "alarm" in more else None,
            number=None,
            texts=(),
            suggestions=tuple(word for word in more if word != "alarm"),
            hand_over=bool(unit),
        )


def message(
    topic: str, text: str, *, style: Style = Style.PLAIN, is_emergency: bool = False
) -> Message:
    return Message(text=text, topic=topic, style=style, is_emergency=is_emergency)


MESSAGES = (
    message(DRUGS, "drugs"),
    message(DRUGS, "drugs", style=Style.TEEN),
    message(DRUGS, "traffic"),
    message(DRUGS, "unknown traffic drugs", style=Style.TEEN),
    message(TRAFFIC, "traffic alarm", is_emergency=True),
    message(TRAFFIC, "traffic", is_emergency=True),
    message(TRAFFIC, "traffic alarm"),
    message(STRANGE, "out_of_scope", style=Style.ENGLISH),
    message(STRANGE, "unknown"),
    message(STRANGE, "traffic", style=Style.TEEN),
)
NEAR = (
    message(STRANGE, "out_of_scope"),
    message(STRANGE, "drugs alarm"),
    message(DRUGS, "unknown"),
)


@pytest.fixture
def found() -> Evaluation:
    return evaluate(Parrot(), EvaluationSet(messages=MESSAGES, near_misses=NEAR))


def test_topics_are_scored_by_what_was_asked_and_what_was_taken_for_them(
    found: Evaluation,
) -> None:
    drugs, traffic, strange = (found.topics[key] for key in (DRUGS, TRAFFIC, STRANGE))
    # Taken for drugs: 2, both right, of 4 asked.
    assert (drugs.asked, drugs.precision, drugs.recall) == (4, 1.0, 0.5)
    assert drugs.f1 == pytest.approx(2 / 3)
    # Taken for traffic: 5, of them 3 right, of 3 asked.
    assert (traffic.asked, traffic.precision, traffic.recall) == (3, 0.6, 1.0)
    assert traffic.f1 == pytest.approx(0.75)
    assert (strange.asked, strange.precision) == (3, 1.0)
    assert strange.f1 == pytest.approx(0.5)
    assert found.macro_f1 == pytest.approx((2 / 3 + 3 / 4 + 1 / 2) / 3)


def test_a_style_is_scored_over_the_topics_asked_in_it(found: Evaluation) -> None:
    # Teen: drugs right once of two, out of scope never of one; traffic is not asked in it.
    assert found.styles[Style.TEEN].asked == 3
    assert found.styles[Style.TEEN].macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert found.styles[Style.ENGLISH].macro_f1 == 1.0
    assert set(found.styles) == {Style.PLAIN, Style.TEEN, Style.ENGLISH}


def test_not_understood_is_a_miss_that_is_also_counted_apart(found: Evaluation) -> None:
    assert found.out_of_scope_recall == pytest.approx(1 / 3)
    assert found.out_of_scope_declined == pytest.approx(2 / 3)
    assert (found.not_understood, found.offered) == (2, 1)


def test_danger_is_scored_apart_from_topics(found: Evaluation) -> None:
    assert (found.danger.asked, found.danger.recall) == (2, 0.5)
    assert found.danger.false_alarm_rate == pytest.approx(1 / 8)
    assert (found.danger.near_misses, found.danger.near_miss_alarms) == (3, 1)
    assert found.near_miss_topics == pytest.approx(1 / 3)


def test_confusions_come_most_frequent_first_and_misses_worst_first(found: Evaluation) -> None:
    assert found.confusions == [
        (DRUGS, "traffic", 1),
        (DRUGS, UNKNOWN, 1),
        (STRANGE, "traffic", 1),
        (STRANGE, UNKNOWN, 1),
    ]
    twice = evaluate(Parrot(), EvaluationSet(messages=MESSAGES + MESSAGES[-1:], near_misses=()))
    assert twice.confusions[0] == (STRANGE, "traffic", 2)
    assert [(miss.kind, miss.message.text) for miss in found.misses] == [
        (MissKind.DANGER_UNSEEN, "traffic"),
        (MissKind.FALSE_ALARM, "traffic alarm"),
        (MissKind.NEAR_MISS_ALARM, "drugs alarm"),
        (MissKind.WRONG_TOPIC, "traffic"),
        (MissKind.WRONG_TOPIC, "traffic"),
        (MissKind.NOT_UNDERSTOOD, "unknown traffic drugs"),
        (MissKind.NOT_UNDERSTOOD, "unknown"),
    ]


def test_goals_are_reached_by_enough_and_by_few_enough(found: Evaluation) -> None:
    goals = {goal.name: goal for goal in found.goals}
    assert goals["worst_style_f1"].value == pytest.approx(1 / 3)
    assert goals["near_miss_alarm_rate"].value == pytest.approx(1 / 3)
    assert [name for name, goal in goals.items() if goal.is_reached] == []
    fine = evaluate(
        Parrot(),
        EvaluationSet(
            messages=(
                message(TRAFFIC, "traffic alarm", is_emergency=True),
                message(STRANGE, "out_of_scope"),
            ),
            near_misses=(message(STRANGE, "out_of_scope"),),
        ),
    )
    assert all(goal.is_reached for goal in fine.goals)


def test_nothing_measured_reaches_no_goal_that_wants_something() -> None:
    nothing = evaluate(Parrot(), EvaluationSet(messages=(), near_misses=()))
    assert [goal.name for goal in nothing.goals if goal.is_reached] == [
        "false_alarm_rate",
        "near_miss_alarm_rate",
    ]


def test_english_is_asked_in_english() -> None:
    parrot = Parrot()
    evaluate(parrot, EvaluationSet(messages=MESSAGES[6:8], near_misses=()))
    assert parrot.languages == [Language.VI, Language.EN]
