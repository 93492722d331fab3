"""One audience in a process of its own: frozen, and a part of it sent. Prints JSON.

A process of its own, because memory that another measurement left behind would hide the growth.
`python -m benchmarks.crowd <folder> <url> <people> <messages> <times>`; the people are in the
database of `folder` already.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.loops import run
from benchmarks.town import NO_PACE, Town, open_town

# So many are sent and kept beforehand, that everything is compiled, connected and warm.
_WARM = 300
_FAR = 10_000_000
# After a second of rest the journal is cut.
_REST_S = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """What an audience of `people` cost. `messages` is how many of its copies were sent."""

    people: int
    freezing_s: float
    freezing_mb: float
    messages: int
    sending_s: float
    sending_cpu_s: float
    sending_mb: float


class Growth:
    """The highest memory between two moments, above the first."""

    def __init__(self) -> None:
        # From here on the highest is counted anew.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self._began_mb = _mb("VmRSS")

    def mb(self) -> float:
        """Return how much it grew at most."""
        return max(0.0, _mb("VmHWM") - self._began_mb)


def _mb(name: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(name)


async def _crowd(folder: Path, url: str, *, people: int, messages: int, times: int) -> Crowd:
    async with open_town(folder, api_url=url) as town:
        await _warm(town)
        growth = Growth()
        frozen = [await town.frozen(people) for _ in range(times)]
        freezing_mb = growth.mb()
        for one in frozen[1:]:
            await town.program.announcements.cancel(one.announcement_id, by=None)
        await _at_rest(town)
        growth = Growth()
        began, cpu_began = time.perf_counter(), time.process_time()
        sent = await town.send(messages, pace=NO_PACE)
        took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
        return Crowd(
            people=people,
            freezing_s=statistics.median(one.took_s for one in frozen),
            freezing_mb=freezing_mb,
            messages=sent,
            sending_s=took_s,
            sending_cpu_s=cpu_s,
            sending_mb=growth.mb(),
        )


async def _at_rest(town: Town) -> None:
    """Wait until the journal that freezing left is moved into the file, which freezing owes."""
    await asyncio.sleep(_REST_S)
    async with town.program.storage.begin() as work:
        # Stands in line behind it.
        await work.settings.get("")


async def _warm(town: Town) -> None:
    unit_id = town.other_unit_id
    copies = town.populate(_WARM, unit_id=unit_id, first=_FAR)
    await town.frozen(_WARM, unit_id=unit_id)
    await town.send(copies, pace=NO_PACE)


def main() -> None:
    """Measure what the command line says."""
    folder, url, people, messages, times = sys.argv[1:]
    crowd = _crowd(Path(folder), url, people=int(people), messages=int(messages), times=int(times))
    print(json.dumps(asdict(run(crowd))))


if __name__ == "__main__":
    main()
