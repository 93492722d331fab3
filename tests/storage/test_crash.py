"""What was acknowledged is on the disk, whenever the process is killed."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.storage.rig import open_sqlite, sqlite_url

ROOT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, sys
from bot.storage.store import open_store
from tests.storage.nouns import arrival

async def units(store, writer):
    for number in range(10_000):
        name = f"unit-{writer}-{number}"
        async with store.begin() as work:
            await work.settings.put(name, "kept")
            await work.commit()
        print(name, flush=True)

async def arrivals(store, writer):
    for number in range(10_000):
        name = f"event-{writer}-{number}"
        await store.accept([arrival(name, name)])
        print(name, flush=True)

async def main():
    async with open_store(sys.argv[1]) as store, asyncio.TaskGroup() as group:
        for writer in range(8):
            group.create_task(units(store, writer))
            group.create_task(arrivals(store, writer))

asyncio.run(main())
"""


# Rows, not chance: each stops the process at another moment of its groups, and fails alike again.
@pytest.mark.parametrize("acknowledged", [1, 7, 40, 123, 250])
async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, acknowledged: int) -> None:
    async with open_sqlite(tmp_path):
        pass
    said = await asyncio.to_thread(kill_after, acknowledged, sqlite_url(tmp_path))
    assert len(said) >= acknowledged
    with closing(sqlite3.connect(tmp_path / "binhyen.db")) as plain:
        stored = {row[0] for row in plain.execute("SELECT key FROM settings")}
        stored |= {row[0] for row in plain.execute("SELECT event_id FROM inbox")}
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert said <= stored


def kill_after(acknowledged: int, url: str) -> set[str]:
    words = [sys.executable, "-c", PROGRAM, url]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(acknowledged)]
        child.send_signal(signal.SIGKILL)
        # What it said before the signal reached it counts too; a line cut short does not.
        said += [line for line in child.stdout if line.endswith("\n")]
    return {line.strip() for line in said if line}
