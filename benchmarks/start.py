"""From start to ready on an existing database, and the memory of an idle program."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import Row
from benchmarks.webhooks import PORTS, add_zalo, binhyen, child, wait_until_ready

ROUNDS = 5
_PAGE = os.sysconf("SC_PAGE_SIZE")


def measure() -> list[Row]:
    """Return the rows about starting, with all three channels in the database."""
    port = PORTS[1]
    ready = f"http://127.0.0.1:{port}/health/ready"
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        command, env = binhyen(data, port, "serve", "--demo")
        with child(*command, env=env):
            wait_until_ready(ready)
        stub = (sys.executable, "-m", "tests.channels.stubs.telegram_stub")
        with child(*stub, "--port", str(PORTS[2]), "--token", "123:STUB"):
            time.sleep(2)
            add_zalo(data, api_url=f"http://127.0.0.1:{PORTS[2]}")
            _add_telegram(data)
            starts, memory = [], []
            for _ in range(ROUNDS):
                with child(*command, env=env) as process:
                    starts.append(wait_until_ready(ready))
                    time.sleep(3)
                    memory.append(_resident_mb(process))
    return [
        Row(
            measure="start to ready, existing database",
            value=statistics.median(starts),
            goal=2,
            unit="s",
            at_least=False,
            detail=f"slowest of {ROUNDS}: {max(starts):.2f} s",
        ),
        Row(
            measure="resident memory, all channels idle",
            value=max(memory),
            goal=110,
            unit="MB",
            at_least=False,
        ),
    ]


def _add_telegram(data: Path) -> None:
    add, env = binhyen(data, PORTS[1], "channel", "add", "telegram", "--unit", "DEMO")
    add += ["--token", "123:STUB", "--api-url", f"http://127.0.0.1:{PORTS[2]}"]
    subprocess.run(add, env={**os.environ, **env}, check=True, capture_output=True)


def _resident_mb(process: subprocess.Popen[bytes]) -> float:
    pages = Path(f"/proc/{process.pid}/statm").read_text().split()[1]
    return int(pages) * _PAGE / 1e6
