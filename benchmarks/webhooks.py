"""Webhooks acknowledged after durable storage, against a bare handler, in turn."""

import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from benchmarks.load import Load, as_fast_as_possible, at_a_rate, post
from benchmarks.table import Row

APP_ID = "100000000000000001"
OA_ID = "200000000000000002"
SECRET = "benchmark-secret"  # noqa: S105 - invented
ROUNDS = 5
PER_ROUND = 3_000
PORTS = (18_180, 18_181, 18_182)


def requests(count: int, *, mark: str) -> list[bytes]:
    """Return signed events of many people, none like another."""
    made = []
    for number in range(count):
        at = str(int(time.time() * 1000))
        event = {
            "app_id": APP_ID,
            "sender": {"id": str(3 * 10**17 + number % 500)},
            "recipient": {"id": OA_ID},
            "event_name": "user_send_text",
            "message": {"text": "bao chay goi so nao", "msg_id": f"{mark}{number}"},
            "timestamp": at,
        }
        body = json.dumps(event).encode()
        mac = hashlib.sha256(APP_ID.encode() + body + at.encode() + SECRET.encode()).hexdigest()
        headers = {"X-ZEvent-Signature": f"mac={mac}"}
        made.append(post(f"/webhooks/zalo/{APP_ID}", body, headers))
    return made


@contextmanager
def child(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program beside us."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(url: str, *, at_most_s: float = 30.0) -> float:
    """Return how many seconds it took until `url` answered 200."""
    began = time.perf_counter()
    while time.perf_counter() - began < at_most_s:
        try:
            with urlopen(url, timeout=1) as answer:  # noqa: S310 - loopback
                if answer.status == 200:
                    return time.perf_counter() - began
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(url)


def binhyen(folder: Path, port: int, *words: str) -> tuple[list[str], dict[str, str]]:
    """Return command and environment of the program on a data directory."""
    env = {
        "BINHYEN_DATA_DIR": str(folder),
        "BINHYEN_PORT": str(port),
        "BINHYEN_LOG_FORMAT": "json",
    }
    return [sys.executable, "-m", "bot", *words], env


def add_zalo(folder: Path, *, api_url: str) -> None:
    """Add an account whose platform is played by a local server."""
    unit, env = binhyen(folder, PORTS[1], "unit", "list", "--json")
    listed = subprocess.run(unit, env={**os.environ, **env}, capture_output=True, check=True)
    units = json.loads(listed.stdout)
    code = (units["units"] if isinstance(units, dict) else units)[0]["code"]
    command, env = binhyen(folder, PORTS[1], "channel", "add", "zalo", "--unit", code)
    command += ["--app-id", APP_ID, "--app-secret", "s", "--oa-id", OA_ID, "--oa-secret", SECRET]
    command += ["--access-token", "a", "--refresh-token", "r"]
    command += ["--api-url", api_url, "--oauth-url", api_url]
    subprocess.run(command, env={**os.environ, **env}, check=True, capture_output=True)


def measure() -> list[Row]:
    """Return the rows about webhooks."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        start, env = binhyen(data, PORTS[1], "serve", "--demo")
        ready = f"http://127.0.0.1:{PORTS[1]}/health/ready"
        with child(*start, env=env):
            wait_until_ready(ready)
        add_zalo(data, api_url=f"http://127.0.0.1:{PORTS[2]}")
        bare = (sys.executable, "-m", "benchmarks.bare_server", str(PORTS[0]), SECRET)
        with child(*bare), child(*start, env=env):
            wait_until_ready(ready)
            time.sleep(1)
            return asyncio.run(_rounds())


async def _rounds() -> list[Row]:
    ratios, ours, theirs = [], [], []
    for number in range(ROUNDS):
        bare = await _fast(PORTS[0], f"b{number}-")
        own = await _fast(PORTS[1], f"o{number}-")
        # Each round begins with an idle program: this measures the door, not the work behind it.
        await _until_handled()
        ratios.append(own.per_s / bare.per_s)
        ours.append(own.per_s)
        theirs.append(bare.per_s)
    steady = await at_a_rate(PORTS[1], requests(3_000, mark="steady-"), per_s=300, connections=32)
    return [
        Row(
            measure="webhooks/s stored durably, of a bare handler's",
            value=statistics.median(ratios),
            goal=0.35,
            unit="ratio",
            at_least=True,
            detail=f"{statistics.median(ours):.0f}/s of {statistics.median(theirs):.0f}/s",
        ),
        Row(
            measure="webhook p99 at 300/s",
            value=steady.quantile_ms(0.99),
            goal=100,
            unit="ms",
            at_least=False,
            detail=f"p50 {steady.quantile_ms(0.5):.1f} ms, {steady.failed} failed",
        ),
    ]


async def _until_handled() -> None:
    for _ in range(600):
        if await asyncio.to_thread(_is_worked_off):
            return
        await asyncio.sleep(0.2)
    raise TimeoutError("the inbox was not worked off")


def _is_worked_off() -> bool:
    with urlopen(f"http://127.0.0.1:{PORTS[1]}/metrics", timeout=10) as answer:
        return b"binhyen_inbox_waiting 0.0" in answer.read()


async def _fast(port: int, mark: str) -> Load:
    load = await as_fast_as_possible(port, requests(PER_ROUND, mark=mark), connections=32)
    if load.failed:
        raise RuntimeError(f"{load.failed} of {load.requests} requests were refused")
    return load
