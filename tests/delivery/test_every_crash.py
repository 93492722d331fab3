"""A kill at every commit and every request of a run, one after another: the promise holds.

The points are found by a run that is not killed, so that a commit more, or one less, is tried
like the others. A commit is on the disk or it is not; so before it and after it is all there is.
"""

import itertools
import sys
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.deliveries import DeliveryState
from content.book import Book
from tests.channels.stubs.fault_script import FaultKind
from tests.delivery.crashes import Bench, Lived, open_bench
from tests.delivery.striking_stub import Blow, Moment
from tests.delivery.victim import ORDINARY, URGENT, title_of

# One person is refused for good; the group is answered with a failure first. Two are a household.
REFUSED, GROUP = "7000001", "-1000000700001"
KINDS = (ORDINARY, URGENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to send. A successor with another name must wait until what was left runs out."""

    id: str
    pace_per_s: float
    is_patient: bool
    owners: tuple[str, ...]


CASES = [
    Case(id="one by one, restarted", pace_per_s=4.0, is_patient=True, owners=("one",)),
    Case(id="all at once, taken over", pace_per_s=100.0, is_patient=False, owners=("one", "two")),
]


class Runs:
    """Runs on one installation, each taking up what the one before left."""

    def __init__(self, bench: Bench, case: Case) -> None:
        self._bench = bench
        self._case = case
        self._owners = itertools.cycle(case.owners)
        self._numbers = itertools.count()
        self._last: tuple[str, str, Collection[str]] | None = None
        self.seen: Counter[str] = Counter()
        self.broken: dict[str, list[str]] = {}

    def next_run(self) -> str:
        return f"run{next(self._numbers):05}"

    async def go(
        self,
        run: str,
        *,
        dies_at: int | None = None,
        dies_early_at: int | None = None,
        blow: Blow | None = None,
    ) -> Lived:
        """Let a process take up the last run and begin this one, if it comes to that."""
        self._bench.stub.blow = blow
        life = self._bench.life(
            run=run,
            kinds=KINDS if run else (),
            dies_at=dies_at,
            dies_early_at=dies_early_at,
            owner=next(self._owners),
            pace_per_s=self._case.pace_per_s,
            is_patient=self._case.is_patient,
            piece=2,
        )
        lived = await self._bench.lives(life)
        assert await self._bench.sending() <= self._case.pace_per_s
        if dies_early_at is None and self._last is not None:
            await self._look(*self._last)
        if run:
            where = blow.moment if blow else f"point {dies_at}, {lived.points[-1]}"
            self._last = (run, where, lived.released)
        return lived

    async def _look(self, run: str, where: str, released: Collection[str]) -> None:
        """See whether the promise holds of a run nothing is owed of any more."""
        for title in (title_of(kind, run) for kind in KINDS):
            was_released = title in released
            wrong = await self._bench.broken_promises(title, was_released=was_released)
            if wrong:
                self.broken[f"{title}, killed at {where}"] = wrong
            for copy in await self._bench.copies(title) or ():
                self.seen[copy.state] += 1
                self.seen["twice"] += copy.received > 1


@asynccontextmanager
async def runs_of(
    tmp_path: Path, database_url: str, book: Book, case: Case
) -> AsyncIterator[tuple[Bench, Runs]]:
    async with open_bench(tmp_path, database_url, book, people=3, groups=1) as bench:
        bench.stub.fail_next(FaultKind.REFUSED, to=REFUSED, code=400, times=10_000)
        bench.stub.stumbles_over = GROUP
        yield bench, Runs(bench, case)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_no_kill_at_any_point_breaks_the_promise(
    tmp_path: Path, database_url: str, book: Book, case: Case
) -> None:
    async with runs_of(tmp_path, database_url, book, case) as (bench, runs):
        run = runs.next_run()
        known = len((await runs.go(run)).points)
        requests = bench.stub.requests[run]
        # Not every run has the same points: what only looks may look once more, or less.
        points = 0
        while (await runs.go(runs.next_run(), dies_at=points)).was_killed:
            points += 1
        assert points >= known - 10
        for request, moment in itertools.product(range(requests), Moment):
            run = runs.next_run()
            blow = Blow(run=run, request=request, moment=moment)
            assert (await runs.go(run, blow=blow)).was_killed
        await runs.go("")
    sys.stdout.write(f"{points} points, {requests} requests struck twice: {runs.seen}\n")
    assert runs.broken == {}
    # That it was really killed in between shows in what became of the copies.
    assert runs.seen[DeliveryState.UNKNOWN] >= requests
    assert runs.seen["twice"] >= 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_no_kill_while_a_kill_is_made_good_breaks_the_promise(
    tmp_path: Path, database_url: str, book: Book, case: Case
) -> None:
    async with runs_of(tmp_path, database_url, book, case) as (_, runs):
        await runs.go(runs.next_run())
        run = runs.next_run()
        blow = Blow(run=run, request=0, moment=Moment.NOT_ANSWERED)
        assert (await runs.go(run, blow=blow)).was_killed
        # Each gets one point farther than the one before, until one comes to the end.
        points = 0
        while (await runs.go("", dies_early_at=points)).was_killed:
            points += 1
        await runs.go("")
    assert points > 1
    assert runs.broken == {}
