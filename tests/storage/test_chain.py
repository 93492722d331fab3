"""MACs of the audit chain on both databases: appended by many, rolled back, killed, cut off."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.core.audit import AuditFilter, AuditHead, AuditRecord, KeyState
from bot.core.audit_check import ChainFault, ChainReport
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.audit import Audit
from bot.storage.engine import read_url
from bot.storage.store import open_store
from bot.vault.moving_mac import MovingMac
from tests.fakes import FakeClock
from tests.storage.nouns import NOON

ROOT = Path(__file__).parents[2]
CLOCK: Clock = FakeClock()


@pytest.fixture
def key(tmp_path: Path) -> MovingMac:
    return MovingMac(tmp_path / "keys" / "audit")


def state_of(key: MovingMac) -> KeyState:
    state = key.state()
    assert state is not None
    return state


async def append(store: Storage, *acts: str, is_kept: bool = True) -> None:
    async with store.begin() as work:
        for one in acts:
            await work.audit.append(AuditRecord(at=NOON, actor="clock", act=one))
        if is_kept:
            await work.commit()


async def verified(store: Storage, key: MovingMac) -> ChainReport:
    audit = Audit(storage=store, clock=CLOCK, key=key)
    return await audit.verify(starts=[start.key for start in key.starts()])


async def acts_of(store: Storage) -> list[str]:
    async with store.read() as work:
        return [entry.record.act async for entry in work.audit.walk()]


async def test_a_key_begins_with_an_entry_of_its_own_and_moves_with_each_commit(
    database_url: str, key: MovingMac
) -> None:
    async with open_store(database_url, audit_key=key) as store:
        await append(store, "a", "b")
        assert await acts_of(store) == ["audit.key_begin", "a", "b"]
        assert state_of(key).next == 4
        await append(store, "c")
        assert state_of(key).next == 5
        report = await verified(store, key)
    assert (report.is_whole, report.entries, report.macs_checked) == (True, 4, 4)


async def test_entries_from_before_stay_without_a_mac(database_url: str, key: MovingMac) -> None:
    async with open_store(database_url) as old:
        await append(old, "a", "b")
    async with open_store(database_url, audit_key=key) as store:
        await append(store, "c")
        report = await verified(store, key)
    assert (report.is_whole, report.entries, report.macs_from) == (True, 4, 3)
    assert report.macs_checked == 2


async def test_what_is_rolled_back_costs_neither_a_number_nor_a_key(
    database_url: str, key: MovingMac
) -> None:
    async with open_store(database_url, audit_key=key) as store:
        await append(store, "never", is_kept=False)
        mark = state_of(key).mark
        await append(store, "a")
        await append(store, "never", "again", is_kept=False)
        await append(store, "b")
        assert await acts_of(store) == ["audit.key_begin", "a", "b"]
        assert (state_of(key).mark, state_of(key).next) == (mark, 4)
        assert (await verified(store, key)).is_whole


async def test_programs_over_one_folder_of_keys_write_one_chain(
    database_url: str, key: MovingMac, tmp_path: Path
) -> None:
    other_key = MovingMac(tmp_path / "keys" / "audit")
    async with (
        open_store(database_url, audit_key=key) as store,
        open_store(database_url, audit_key=other_key) as other,
    ):

        async def many(opened: Storage, name: str) -> None:
            for number in range(8):
                await append(opened, f"{name}{number}", is_kept=number % 4 != 3)

        await asyncio.gather(many(store, "a"), many(store, "b"), many(other, "c"))
        report = await verified(store, key)
        assert (report.is_whole, report.entries, report.macs_checked) == (True, 19, 19)
        assert state_of(key).next == 20


async def test_a_kill_between_commit_and_key_file_leaves_the_chain_whole(
    database_url: str, key: MovingMac, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of the last entry is still on the disk then; the next start erases it."""
    async with open_store(database_url, audit_key=key) as store:
        await append(store, "a")
        with monkeypatch.context() as patched:
            patched.setattr(key, "advance", lambda _number, _mark: None)
            await append(store, "b")
        assert state_of(key).next == 3
    async with open_store(database_url, audit_key=key) as store:
        async with store.begin() as work:
            await work.audit.catch_up()
        assert state_of(key).next == 4
        await append(store, "c")
        assert (await verified(store, key)).macs_checked == 4


async def test_a_key_file_that_cannot_move_fails_no_act(
    database_url: str,
    key: MovingMac,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_store(database_url, audit_key=key) as store:
        await append(store, "a")
        folder = tmp_path / "keys" / "audit"
        # As a disk that became read-only: the file is read, and nothing new can be put there.
        (folder / ".moving.key.new").mkdir()
        await append(store, "b")
        assert "audit.key_not_moved" in caplog.text
        (folder / ".moving.key.new").rmdir()
        await append(store, "c")
        assert state_of(key).next == 5
        assert (await verified(store, key)).is_whole


async def cut_off(url: str, left: int) -> None:
    statement = f"DELETE FROM audit WHERE number > {left}"  # noqa: S608  # a number of ours
    parsed = read_url(url)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(str(parsed.database))) as plain:
            plain.execute(statement)
            plain.commit()
        return
    engine = create_async_engine(parsed)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.mark.parametrize("left", [0, 1, 3])
async def test_rows_that_were_cut_off_are_missed_and_stay_told(
    database_url: str, key: MovingMac, left: int
) -> None:
    async with open_store(database_url, audit_key=key) as store:
        await append(store, "a", "b", "c")
        [first] = key.starts()
        await cut_off(database_url, left)
        report = await verified(store, key)
        assert (report.fault, report.broken_at) == (ChainFault.CUT_OFF, left + 1)
        await append(store, "later")
        async with store.read() as work:
            begun = await work.audit.get(left + 1)
        assert begun is not None
        assert (begun.record.act, begun.record.facts) == ("audit.key_begin", {"reached": "4"})
        report = await Audit(storage=store, clock=CLOCK, key=key).verify(starts=[first.key])
        assert report.fault is (ChainFault.KEY_NOT_GIVEN if left else ChainFault.KEY_NOWHERE)


async def test_entries_are_found_by_what_is_asked_and_by_page(store: Storage) -> None:
    async with store.begin() as work:
        for number in range(1, 11):
            await work.audit.append(
                AuditRecord(
                    at=NOON + timedelta(hours=number),
                    actor=f"o{number % 2}",
                    act="tip.open" if number % 3 else "tip.move",
                    subject=f"t{number % 5}",
                )
            )
        await work.commit()

    async def found(before: int | None = None, limit: int = 10, **asked: Any) -> list[int]:  # noqa: ANN401  # fields of the filter
        async with store.read() as work:
            wanted = AuditFilter(**asked)
            entries = await work.audit.entries(wanted, before=before, limit=limit)
        return [entry.number for entry in entries]

    assert await found() == list(range(10, 0, -1))
    assert await found(before=4) == [3, 2, 1]
    assert await found(before=9, limit=2, actor="o1") == [7, 5]
    assert await found(act="tip.move") == [9, 6, 3]
    assert await found(subject="t0") == [10, 5]
    assert await found(actors=frozenset({"o0"}), act="tip.move") == [6]
    assert await found(actors=frozenset()) == []
    day = NOON + timedelta(hours=4)
    assert await found(since=day, until=day + timedelta(hours=2)) == [5, 4]


async def test_heads_are_kept_one_a_day_until_they_are_posted(store: Storage) -> None:
    days = [NOON.date() + timedelta(days=number) for number in range(3)]
    async with store.begin() as work:
        for number, day in enumerate(days, start=1):
            await work.audit.save_head(AuditHead(day=day, number=number, hash=bytes(32)))
        await work.audit.mark_posted(days[1], at=NOON)
        await work.commit()
    async with store.read() as work:
        assert [head.day for head in await work.audit.heads(limit=2)] == [days[2], days[1]]
        assert [head.day for head in await work.audit.heads_to_post()] == [days[0], days[2]]


KILLED = """
import asyncio, sys
from pathlib import Path
from bot.core.audit import AuditRecord
from bot.storage.store import open_store
from bot.vault.moving_mac import MovingMac
from tests.storage.nouns import NOON

async def acts(store, writer):
    for number in range(10_000):
        name = f"act-{writer}-{number}"
        async with store.begin() as work:
            await work.audit.append(AuditRecord(at=NOON, actor="clock", act=name))
            if number % 5 != 4:
                await work.commit()
                print(name, flush=True)

async def main():
    key = MovingMac(Path(sys.argv[2]))
    async with open_store(sys.argv[1], audit_key=key) as store, asyncio.TaskGroup() as group:
        for writer in range(4):
            group.create_task(acts(store, writer))

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 2, 5, 17, 60])
async def test_a_kill_at_any_moment_leaves_a_whole_chain_with_all_that_was_acknowledged(
    database_url: str, key: MovingMac, tmp_path: Path, acknowledged: int
) -> None:
    async with open_store(database_url):
        pass
    folder = str(tmp_path / "keys" / "audit")
    said = await asyncio.to_thread(said_before_a_kill, acknowledged, database_url, folder)
    async with open_store(database_url, audit_key=key) as store:
        assert said <= set(await acts_of(store))
        assert (await verified(store, key)).is_whole
        async with store.begin() as work:
            await work.audit.catch_up()
        await append(store, "later")
        report = await verified(store, key)
        assert (report.is_whole, report.macs_checked) == (True, report.entries)
        assert state_of(key).next == report.entries + 1


def said_before_a_kill(acknowledged: int, url: str, folder: str) -> set[str]:
    words = [sys.executable, "-c", KILLED, url, folder]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(acknowledged)]
        child.send_signal(signal.SIGKILL)
        said += [line for line in child.stdout if line.endswith("\n")]
    return {line.strip() for line in said if line}
