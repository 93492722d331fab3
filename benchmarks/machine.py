"""What kind of machine a run was on: figures without it mean little."""

import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass

from benchmarks.loops import quickest_loop

_FLUSHES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Kind, not name: nothing here tells one machine from its twin."""

    cores: int
    python: str
    loop: str
    flush_ms: float


def this_machine() -> Machine:
    """Return the kind of this machine; `flush_ms` is what a flush of its disk costs."""
    return Machine(
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        loop=quickest_loop().__module__.partition(".")[0],
        flush_ms=_flush_ms(),
    )


def _flush_ms() -> float:
    """Return the median of some flushes in the folder the databases were made in."""
    took = []
    with tempfile.TemporaryFile() as file:
        for _ in range(_FLUSHES):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000
