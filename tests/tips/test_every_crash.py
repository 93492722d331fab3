"""A kill at every commit of whatever is done to a tip, one after another: nothing is torn.

The points are found by a run that is not killed, so that a commit more, or one less, is tried
like the others. After each kill the program starts anew, and then: what was acknowledged is
there, once, and a moderator opens it; the act happened whole or not at all; the audit chain
holds; what the program does by itself is done in the end, and done once.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from tests.delivery.victim import Life
from tests.fakes import NOON
from tests.journeys.program import ROOT
from tests.storage.rig import sqlite_url
from tests.tips.acts import Act, Look
from tests.tips.all_acts import GROUPS
from tests.tips.looks import Judged, Prepared, Run
from tests.tips.victim import TipLife

# A third of a minute of a machine at rest.
pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """How one life went: what it found of the one before, and the points of its own act."""

    judged: Judged | None
    prepared: Prepared | None
    points: Sequence[str]
    was_killed: bool

    @property
    def found(self) -> Judged:
        assert self.judged is not None
        return self.judged

    @property
    def run(self) -> Run:
        assert self.prepared is not None
        return self.prepared.run

    @property
    def looked(self) -> Look:
        assert self.prepared is not None
        return self.prepared.look


@pytest.fixture(scope="module")
def forks() -> Iterator[subprocess.Popen[bytes]]:
    """Start what lives are forked from; every database shares it."""
    command = (sys.executable, "-m", "tests.tips.victim")
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        yield started
        assert started.stdin is not None
        started.stdin.close()


@dataclass(kw_only=True)
class Runs:
    """One installation on which an act is done over and over, each time to another tip."""

    life: Life
    forks: subprocess.Popen[bytes]

    def lived(self, tip_life: TipLife) -> Lived:
        """Let a process live."""
        assert self.forks.stdin is not None
        assert self.forks.stdout is not None
        self.forks.stdin.write(msgspec.json.encode(tip_life) + b"\n")
        self.forks.stdin.flush()
        points: list[str] = []
        judged: Judged | None = None
        prepared: Prepared | None = None
        for line in self.forks.stdout:
            word, _, about = line.decode().strip().partition(" ")
            match word:
                case "judged":
                    judged = msgspec.json.decode(about, type=Judged)
                case "prepared":
                    prepared = msgspec.json.decode(about, type=Prepared)
                case "at":
                    points.append(about)
                case "receipt":
                    assert prepared is not None
                    prepared = replace(prepared, run=replace(prepared.run, receipt=about))
                case "began":
                    continue
                case "ended":
                    assert int(about) in {0, signal.SIGKILL}
                    return Lived(
                        judged=judged,
                        prepared=prepared,
                        points=points,
                        was_killed=about != "0",
                    )
                case _:
                    raise AssertionError(f"{word} {about} (after {points[-1:]})")
        raise AssertionError("the forks are gone")

    def killed_everywhere(self, act: Act) -> int:
        """Do an act once whole and once to each of its points; return how many those are."""
        whole = self.lived(TipLife(life=self.life, act=act.id))
        assert whole.points
        lives = [whole]
        for dies_at in _apart(whole.points):
            tip_life = TipLife(life=self.life, before=lives[-1].run, act=act.id, dies_at=dies_at)
            lives.append(self.lived(tip_life))
        lives.append(self.lived(TipLife(life=self.life, before=lives[-1].run)))
        nothing, everything = whole.looked, lives[1].found.after
        assert not whole.was_killed
        assert everything != nothing or act.id in UNSEEN
        for life, heir in pairwise(lives[1:]):
            about = f"{act.id}, killed {life.points[-1:]}"
            assert life.was_killed, about
            assert life.looked == nothing, about
            _check(act, heir.found, (nothing, everything), about)
        return len(whole.points)


def _apart(points: Sequence[str]) -> list[int]:
    """Return the points at which different things have reached the disk.

    What lies between the end of one step and the beginning of the next has changed nothing there.
    """
    return [
        number
        for number, point in enumerate(points)
        if not (number and point.startswith("before") and points[number - 1].startswith("after"))
    ]


# Trying a receipt leaves nothing behind once it fits, and order is not to be seen.
UNSEEN = frozenset({"follow", "shuffle"})


def _check(act: Act, found: Judged, ends: tuple[Look, Look], about: str) -> None:
    """Check what was found after a kill against how it looks undone and done."""
    _, everything = ends
    if found.after not in ends:
        assert act.between is not None, (about, found.after, ends)
        assert act.between(found.after), (about, found.after)
    if act.finished is not None:
        assert _told(found.taken_up) == _told(everything), about
    elif act.is_taken_up:
        assert found.taken_up == everything, about


def _told(look: Look) -> Look:
    """Return the look without the audit chain, which tells of every try."""
    return {name: seen for name, seen in look.items() if name != "audit"}


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a fresh database of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    return str(request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize("group", GROUPS)
def test_no_kill_tears_what_is_done_to_a_tip(
    tmp_path: Path, database_url: str, forks: subprocess.Popen[bytes], group: str
) -> None:
    life = Life(folder=str(tmp_path), database_url=database_url, began_at=NOON, owner="one")
    runs = Runs(life=life, forks=forks)
    runs.lived(TipLife(life=life))
    for act in GROUPS[group]:
        points = runs.killed_everywhere(act)
        sys.stdout.write(f"{act.id}: {points} points\n")
