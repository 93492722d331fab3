"""The page about speed against the bench: every measure has its row, and the bench runs."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.machine import Machine
from benchmarks.measures import MEASURES, PARTS
from benchmarks.page import rates_picture, scales_picture, written
from benchmarks.scale import SIZES
from benchmarks.table import Row
from tests.house.markdown import ROOT, links, rows

PAGE = ROOT / "docs" / "performance.md"
MACHINE = Machine(cores=2, python="3.11", loop="asyncio", flush_ms=1.0)
FIGURES = {
    "rate": {"own": 2_000.0, "bare": 4_000.0, "library": 200.0, "loop": 400.0},
    "freezing": {
        f"{name}_{size}": 1.0
        for size in SIZES
        for name in (
            "freezing_s",
            "freezing_mb",
            "messages",
            "sending_s",
            "sending_cpu_s",
            "sending_mb",
        )
    },
}
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))


def test_the_page_has_a_row_for_every_measure() -> None:
    told = [row.cells[0] for row in rows(PAGE, "## Measures")]
    assert told == [measure.name for measure in MEASURES]


def test_every_goal_of_the_page_is_the_one_of_the_bench() -> None:
    for measure, row in zip(MEASURES, rows(PAGE, "## Measures"), strict=True):
        sign, goal, *_ = row.cells[2].split()
        assert sign == ("≥" if measure.at_least else "≤")
        assert float(goal.replace(",", "")) == measure.goal


def _row(key: str, *, is_reached: bool) -> Row:
    (measure,) = (one for one in MEASURES if one.key == key)
    is_more = measure.at_least == is_reached
    value = measure.goal + (1.0 if is_more else -1.0)
    return Row(measure=measure, value=value, figures=FIGURES.get(key, {}))


@pytest.mark.parametrize("is_reached", [True, False], ids=["reached", "missed"])
def test_a_page_says_what_is_missed(*, is_reached: bool) -> None:
    found = [_row(measure.key, is_reached=is_reached) for measure in MEASURES]
    page = written(found, MACHINE)
    assert ("Every goal was reached." in page) is is_reached
    assert page.count("**missed**") == (0 if is_reached else len(MEASURES))


def test_pictures_are_drawn_from_figures() -> None:
    found = {measure.key: _row(measure.key, is_reached=True) for measure in MEASURES}
    for drawn in (rates_picture(found), scales_picture(found)):
        assert ElementTree.fromstring(drawn).tag.endswith("svg")  # noqa: S314 - drawn just now


@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_a_picture_is_shown_on_the_page_and_readable_in_the_dark(picture: Path) -> None:
    assert f"pictures/{picture.name}" in set(links(PAGE))
    assert "prefers-color-scheme: dark" in picture.read_text(encoding="utf-8")


# The others start the program or a platform several times; make bench runs them.
@pytest.mark.timeout(180)
@pytest.mark.parametrize("part", ["pipeline", "promptness", "scale"])
def test_the_bench_runs(part: str) -> None:
    assert part in PARTS
    command = (sys.executable, "-m", "benchmarks", "--quick", part)
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert ran.returncode == 0, ran.stderr
    named = [one.name for one in MEASURES if one.part == part]
    assert [name for name in named if name not in ran.stdout] == []
