"""Messages a second on the whole way from the outbox to the outcome on the disk.

The real services, sender, adapter and database, with the pace off, against a platform that
answers at once and one that answers after 20 ms; in turn with the rivals (`benchmarks.rivals`).
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import child, free_port, wait_until_listening
from benchmarks.loops import run
from benchmarks.quick_platform import Counts, taken
from benchmarks.rivals import AT_ONCE, Speed, bare, library, timed
from benchmarks.table import Row, row
from benchmarks.town import NO_PACE, Town, open_town

AWAY_MS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is sent by whom. The first round of everybody warms up and is forgotten."""

    rounds: int
    people: int
    by_library: int
    one_by_one: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What everybody reached within some seconds."""

    own: Speed
    bare: Speed
    library: Speed
    loop: Speed

    def of(self, name: str) -> float:
        """Return our rate, of a rival's."""
        rival: Speed = getattr(self, name)
        return self.own.per_s / rival.per_s


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about the rate of sending."""
    near = Effort(rounds=7, people=2_500, by_library=300, one_by_one=200)
    away = Effort(rounds=3, people=2_500, by_library=300, one_by_one=40)
    if is_quick:
        near = away = Effort(rounds=1, people=200, by_library=20, one_by_one=10)
    return [*_near_rows(_found(0, near)), *_away_rows(_found(AWAY_MS, away))]


def _found(after_ms: int, effort: Effort) -> list[Round]:
    port = free_port()
    platform = (sys.executable, "-m", "benchmarks.quick_platform", str(port), str(after_ms))
    with child(*platform), tempfile.TemporaryDirectory() as folder:
        wait_until_listening(port)
        return run(_rounds(Path(folder), f"http://127.0.0.1:{port}", effort))


def _near_rows(found: Sequence[Round]) -> list[Row]:
    names = ("own", "bare", "library", "loop")
    own, beside, by_library, loop = (_median(found, name) for name in names)
    return [
        row("rate_of_bare", _ratio(found, "bare"), detail=f"a bare client {beside.per_s:,.0f}/s"),
        row(
            "rate_of_library",
            _ratio(found, "library"),
            detail=f"the library {by_library.per_s:,.0f}/s; one by one {loop.per_s:,.0f}/s",
        ),
        row(
            "rate",
            own.per_s,
            detail=f"{own.cpu_ms:.2f} ms of a processor each, bare {beside.cpu_ms:.2f} ms",
            figures={
                "own": own.per_s,
                "bare": beside.per_s,
                "library": by_library.per_s,
                "loop": loop.per_s,
                "bare_cpu_ms": beside.cpu_ms,
            },
        ),
    ]


def _away_rows(found: Sequence[Round]) -> list[Row]:
    own, beside, loop = (_median(found, name).per_s for name in ("own", "bare", "loop"))
    return [
        row(
            "rate_of_bare_away",
            _ratio(found, "bare"),
            detail=f"{own:,.0f}/s; a bare client {beside:,.0f}/s",
        ),
        row(
            "rate_of_loop_away",
            _ratio(found, "loop"),
            detail=f"{own:,.0f}/s; the loop {loop:,.0f}/s",
            figures={"own": own, "bare": beside, "loop": loop},
        ),
    ]


def _ratio(found: Sequence[Round], name: str) -> float:
    return statistics.median(one.of(name) for one in found)


def _median(found: Sequence[Round], name: str) -> Speed:
    speeds: list[Speed] = [getattr(one, name) for one in found]
    return Speed(
        per_s=statistics.median(one.per_s for one in speeds),
        cpu_ms=statistics.median(one.cpu_ms for one in speeds),
    )


async def _rounds(folder: Path, url: str, effort: Effort) -> list[Round]:
    found = []
    async with open_town(folder, api_url=url) as town:
        copies = town.populate(effort.people)
        for _ in range(effort.rounds + 1):
            own, text, counts = await _own(town, url, effort.people, copies)
            beside = await bare(url, text, copies)
            _compare(counts, await asyncio.to_thread(taken, url), copies)
            found.append(
                Round(
                    own=own,
                    bare=beside,
                    library=await library(url, text, effort.by_library, at_once=AT_ONCE),
                    loop=await library(url, text, effort.one_by_one, at_once=1),
                )
            )
            await asyncio.to_thread(taken, url)
    return found[1:]


def _compare(own: Counts, beside: Counts, copies: int) -> None:
    """Refuse to compare what is not alike."""
    wanted = Counts(messages=copies, recipients=copies, body_bytes=own.body_bytes)
    if own != wanted or beside != wanted:
        raise RuntimeError(f"{own} and {beside}, for {copies} recipients")


async def _own(town: Town, url: str, people: int, copies: int) -> tuple[Speed, str, Counts]:
    """Send one announcement; the time runs until the last outcome is on the disk."""
    frozen = await town.frozen(people)
    letter = await town.program.announcements.letter(frozen.announcement_id)
    speed = await timed(town.send(copies, pace=NO_PACE), copies)
    tally = await town.tally(frozen.announcement_id)
    if tally.open:
        raise RuntimeError(f"{tally.outcomes} of {people}")
    return speed, letter.text, await asyncio.to_thread(taken, url)
