"""From start to ready on an existing database, and the memory of an idle program."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.children import child, free_port, wait_until_listening, wait_until_ready
from benchmarks.table import Row, row
from benchmarks.webhooks import add_zalo, binhyen

ROUNDS = 5
_IDLE_S = 3.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about starting, with all three channels in the database."""
    rounds = 1 if is_quick else ROUNDS
    port, stub_port = free_port(), free_port()
    ready = f"http://127.0.0.1:{port}/health/ready"
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        command, env = binhyen(data, "serve", "--demo", port=port)
        with child(*command, env=env):
            wait_until_ready(ready)
        stub = (sys.executable, "-m", "tests.channels.stubs.telegram_stub")
        with child(*stub, "--port", str(stub_port), "--token", "123:STUB"):
            wait_until_listening(stub_port)
            url = f"http://127.0.0.1:{stub_port}"
            add_zalo(data, api_url=url)
            _add_telegram(data, url)
            starts, memory = [], []
            for _ in range(rounds):
                with child(*command, env=env) as process:
                    starts.append(wait_until_ready(ready))
                    time.sleep(_IDLE_S)
                    memory.append(_resident_mb(process))
    return [
        row(
            "start", statistics.median(starts), detail=f"slowest of {rounds}: {max(starts):.2f} s"
        ),
        row("memory", max(memory)),
    ]


def _add_telegram(data: Path, url: str) -> None:
    add, env = binhyen(data, "channel", "add", "telegram", "--unit", "DEMO")
    add += ["--token", "123:STUB", "--api-url", url]
    subprocess.run(add, env={**os.environ, **env}, check=True, capture_output=True)


def _resident_mb(process: subprocess.Popen[bytes]) -> float:
    pages = Path(f"/proc/{process.pid}/statm").read_text().split()[1]
    return int(pages) * _PAGE / 1e6
