"""Whether a recipient costs more the more of them there are: from a hamlet to a province.

Every audience has a database and a process of its own (`benchmarks.crowd`).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.children import child, free_port, wait_until_listening
from benchmarks.crowd import Crowd
from benchmarks.loops import run
from benchmarks.table import Row, row
from benchmarks.town import open_town

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUICK_SIZES = (200, 400, 600, 800)
# Of the larger audiences only so many copies are sent: a million would take an hour.
MOST_MESSAGES = 5_000
_TIMES = 3


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about size."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    sizes = QUICK_SIZES if is_quick else SIZES
    with child(sys.executable, "-m", "benchmarks.quick_platform", str(port)):
        wait_until_listening(port)
        crowds = [_crowd(size, url, times=1 if size == sizes[-1] else _TIMES) for size in sizes]
    return _rows(crowds)


def _crowd(people: int, url: str, *, times: int) -> Crowd:
    with tempfile.TemporaryDirectory() as folder:
        copies = run(_populated(Path(folder), url, people))
        messages = min(MOST_MESSAGES, copies)
        said = subprocess.run(
            (
                *(sys.executable, "-m", "benchmarks.crowd", folder, url),
                *(str(people), str(messages), str(times)),
            ),
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    return Crowd(**json.loads(said))


async def _populated(folder: Path, url: str, people: int) -> int:
    async with open_town(folder, api_url=url) as town:
        return town.populate(people)


def _rows(crowds: list[Crowd]) -> list[Row]:
    _, small, large, huge = crowds
    freezing = [one.freezing_s / one.people for one in crowds]
    # Minutes lie between the audiences; the processor's time does not depend on who else works.
    sending = [one.sending_cpu_s / one.messages for one in crowds]
    return [
        row(
            "freezing",
            large.freezing_s,
            detail=f"{freezing[2] * 1e6:.0f} ms per 1,000",
            figures=_figures(crowds),
        ),
        row(
            "freezing_growth",
            freezing[3] / freezing[2],
            detail=f"{huge.people:,} took {huge.freezing_s:.1f} s",
        ),
        row(
            "freezing_memory",
            huge.freezing_mb,
            detail=f"{large.freezing_mb:.0f} MB for {large.people:,},"
            f" {small.freezing_mb:.0f} MB for {small.people:,}",
        ),
        row(
            "sending_growth",
            sending[3] / sending[1],
            detail=f"{sending[3] * 1e6:.0f} and {sending[1] * 1e6:.0f} ms per 1,000",
        ),
    ]


def _figures(crowds: list[Crowd]) -> dict[str, float]:
    """Return everything that was found, for the table of the page."""
    names = ("freezing_s", "freezing_mb", "messages", "sending_s", "sending_cpu_s", "sending_mb")
    return {f"{name}_{one.people}": getattr(one, name) for one in crowds for name in names}
