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
from pathlib import Path
from urllib.request import urlopen

from benchmarks.children import child, free_port, wait_until_ready
from benchmarks.load import Load, as_fast_as_possible, at_a_rate, post
from benchmarks.table import Row, row

APP_ID = "100000000000000001"
OA_ID = "200000000000000002"
SECRET = "benchmark-secret"  # noqa: S105 - invented
ROUNDS = 5
PER_ROUND = 2_000
STEADY = 3_000


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


def binhyen(
    folder: Path, *words: str, port: int = 0, database: str = ""
) -> tuple[list[str], dict[str, str]]:
    """Return command and environment of the program on a data directory, or on `database`."""
    env = {
        "BINHYEN_DATA_DIR": str(folder),
        "BINHYEN_LOG_FORMAT": "json",
    }
    if port:
        env["BINHYEN_PORT"] = str(port)
    if database:
        env["BINHYEN_DATABASE_URL"] = database
    return [sys.executable, "-m", "bot", *words], env


def add_zalo(folder: Path, *, api_url: str) -> None:
    """Add an account whose platform is played by a local server."""
    unit, env = binhyen(folder, "unit", "list", "--json")
    listed = subprocess.run(unit, env={**os.environ, **env}, capture_output=True, check=True)
    units = json.loads(listed.stdout)
    code = (units["units"] if isinstance(units, dict) else units)[0]["code"]
    command, env = binhyen(folder, "channel", "add", "zalo", "--unit", code)
    command += ["--app-id", APP_ID, "--app-secret", "s", "--oa-id", OA_ID, "--oa-secret", SECRET]
    command += ["--access-token", "a", "--refresh-token", "r"]
    command += ["--api-url", api_url, "--oauth-url", api_url]
    subprocess.run(command, env={**os.environ, **env}, check=True, capture_output=True)


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about webhooks."""
    rounds, per_round, steady = (1, 100, 100) if is_quick else (ROUNDS, PER_ROUND, STEADY)
    bare_port, port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        start, env = binhyen(data, "serve", "--demo", port=port)
        ready = f"http://127.0.0.1:{port}/health/ready"
        with child(*start, env=env):
            wait_until_ready(ready)
        # Nobody is there: what the webhooks bring in is answered, and the answers wait.
        add_zalo(data, api_url=f"http://127.0.0.1:{free_port()}")
        bare = (sys.executable, "-m", "benchmarks.bare_server", str(bare_port), SECRET)
        with child(*bare), child(*start, env=env):
            wait_until_ready(ready)
            time.sleep(1)
            return asyncio.run(
                _rounds(bare_port, port, rounds=rounds, per_round=per_round, steady=steady)
            )


async def _rounds(
    bare_port: int, port: int, *, rounds: int, per_round: int, steady: int
) -> list[Row]:
    ratios, ours, theirs = [], [], []
    for number in range(rounds):
        bare = await _fast(bare_port, per_round, f"b{number}-")
        own = await _fast(port, per_round, f"o{number}-")
        # Each round begins with an idle program: this measures the door, not the work behind it.
        await _until_handled(port)
        ratios.append(own.per_s / bare.per_s)
        ours.append(own.per_s)
        theirs.append(bare.per_s)
    load = await at_a_rate(port, requests(steady, mark="steady-"), per_s=300, connections=32)
    return [
        row(
            "webhooks",
            statistics.median(ratios),
            detail=f"{statistics.median(ours):.0f}/s of {statistics.median(theirs):.0f}/s",
        ),
        row(
            "webhook_p99",
            load.quantile_ms(0.99),
            detail=f"median {load.quantile_ms(0.5):.1f} ms, {load.failed} failed",
        ),
    ]


async def _until_handled(port: int) -> None:
    for _ in range(600):
        if await asyncio.to_thread(_is_worked_off, port):
            return
        await asyncio.sleep(0.2)
    raise TimeoutError("the inbox was not worked off")


def _is_worked_off(port: int) -> bool:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return b"binhyen_inbox_waiting 0.0" in answer.read()


async def _fast(port: int, count: int, mark: str) -> Load:
    load = await as_fast_as_possible(port, requests(count, mark=mark), connections=32)
    if load.failed:
        raise RuntimeError(f"{load.failed} of {load.requests} requests were refused")
    return load
