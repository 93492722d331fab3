"""The command that measures how well the program understands."""

from content.evaluation import read_evaluation
from content.topics import TOPIC_KEYS
from tests.cli.conftest import Machine


def test_the_measurement_is_one_document(binhyen: Machine) -> None:
    ended = binhyen("content", "evaluate", "--json", "--misses", "3")
    assert ended.status == 0
    found, asked = ended.document, read_evaluation()
    assert found["asked"] == len(asked.messages)
    assert set(found["topics"]) == TOPIC_KEYS
    assert found["emergencies"]["near_misses"] == len(asked.near_misses)
    assert len(found["goals"]) == 6
    wrong = sum(one["count"] for one in found["confusions"])
    right = sum(round(topic["recall"] * topic["asked"]) for topic in found["topics"].values())
    assert right + wrong == found["asked"]
    assert len(found["misses"]) <= 3
    assert found["misses_left_out"] >= wrong - 3


def test_the_measurement_is_told_in_lines(binhyen: Machine) -> None:
    ended = binhyen("content", "evaluate")
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert any(line.startswith("macro_f1") for line in lines)
    assert any(line.startswith("residence_registration") for line in lines)
    assert any(line.startswith("dialect") for line in lines)
    assert any(line.startswith("danger:") for line in lines)
    assert lines[-1].startswith("0 of ")


def test_a_number_of_misses_below_none_is_wrong_usage(binhyen: Machine) -> None:
    assert binhyen("content", "evaluate", "--misses", "-1").status == 2
