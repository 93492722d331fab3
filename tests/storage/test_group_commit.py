"""Units of work on SQLite share flushes of the disk, and nothing else."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.errors import StorageTrouble
from bot.storage.group_commit import UNITS_PER_GROUP, GroupCommit, UnitOfWork

PUT = text("INSERT INTO kept VALUES (:name)")


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[GroupCommit]:
    opened = GroupCommit(tmp_path / "group.db")
    await opened.open()
    async with opened.unit() as unit:
        await unit.count(text("CREATE TABLE kept (name TEXT PRIMARY KEY CHECK (name <> 'bad'))"))
        await unit.commit()
    yield opened
    await opened.close()


def on_disk(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "group.db")) as other:
        return {row[0] for row in other.execute("SELECT name FROM kept")}


async def put(writer: GroupCommit, name: str) -> None:
    async with writer.unit() as unit:
        await unit.count(PUT, {"name": name})
        await unit.commit()


async def test_many_small_units_share_few_flushes_and_return_only_after_theirs(
    writer: GroupCommit, tmp_path: Path
) -> None:
    before = writer.disk.commits

    async def one(name: str) -> None:
        await put(writer, name)
        assert name in on_disk(tmp_path)

    await asyncio.gather(*(one(f"{number}") for number in range(200)))
    assert len(on_disk(tmp_path)) == 200
    assert writer.disk.commits - before <= 200 // 2


async def test_a_group_holds_a_limited_number_of_units(writer: GroupCommit) -> None:
    before = writer.disk.commits
    many = UNITS_PER_GROUP + 1
    await asyncio.gather(*(put(writer, f"{number}") for number in range(many)))
    assert writer.disk.commits - before >= 2


async def test_a_failing_unit_takes_no_other_with_it(writer: GroupCommit, tmp_path: Path) -> None:
    async def bad() -> None:
        async with writer.unit() as unit:
            await unit.count(PUT, {"name": "half"})
            await unit.count(PUT, {"name": "bad"})

    results = await asyncio.gather(
        put(writer, "a"), bad(), put(writer, "b"), bad(), return_exceptions=True
    )
    assert [(result is None) for result in results] == [True, False, True, False]
    assert on_disk(tmp_path) == {"a", "b"}


async def test_a_unit_may_go_on_after_a_refused_statement(
    writer: GroupCommit, tmp_path: Path
) -> None:
    async with writer.unit() as unit:
        await unit.count(PUT, {"name": "a"})
        with pytest.raises(StorageTrouble):
            await unit.count(PUT, {"name": "a"})
        await unit.commit()
    assert on_disk(tmp_path) == {"a"}


async def test_a_unit_left_without_commit_is_undone_alone(
    writer: GroupCommit, tmp_path: Path
) -> None:
    async def leave() -> None:
        async with writer.unit() as unit:
            await unit.count(PUT, {"name": "left"})

    await asyncio.gather(put(writer, "a"), leave(), put(writer, "b"), leave())
    assert on_disk(tmp_path) == {"a", "b"}


async def test_a_unit_without_statements_needs_no_turn(writer: GroupCommit) -> None:
    before = writer.disk.commits
    async with writer.unit() as holding:
        await holding.rows(text("SELECT 1"))
        async with writer.unit() as unit:
            await unit.commit()
        async with writer.unit():
            pass
        await holding.commit()
    assert writer.disk.commits == before + 1


@pytest.mark.parametrize("turns", range(12))
async def test_cancelling_at_any_await_leaves_the_others_whole(
    writer: GroupCommit, tmp_path: Path, turns: int
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(put(writer, "a"))
        doomed = group.create_task(put(writer, "doomed"))
        group.create_task(put(writer, "b"))
        # Each turn of the loop brings the doomed one to another of its awaits: in line, at its
        # statement, at its commit; the writer thread moves on by `in_thread`.
        for turn in range(turns):
            await (asyncio.sleep(0) if turn % 2 else writer.in_thread(lambda: None))
        is_done = doomed.done()
        doomed.cancel()
    await put(writer, "after")
    kept = on_disk(tmp_path)
    assert {"a", "b", "after"} <= kept
    assert "doomed" in kept or not is_done


async def test_cancelling_everybody_in_line_does_not_hold_up_a_group(
    writer: GroupCommit, tmp_path: Path
) -> None:
    async with writer.unit() as first:
        await first.count(PUT, {"name": "a"})
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(put(writer, f"{number}")) for number in range(3)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await first.commit()
    assert on_disk(tmp_path) == {"a"}


async def test_the_turn_given_to_somebody_cancelled_goes_on(
    writer: GroupCommit, tmp_path: Path
) -> None:
    async with asyncio.TaskGroup() as group:
        async with writer.unit() as first:
            await first.count(PUT, {"name": "a"})
            doomed = group.create_task(put(writer, "doomed"))
            last = group.create_task(put(writer, "b"))
            await asyncio.sleep(0)
        # Leaving handed the turn to the doomed one, who has not run yet.
        doomed.cancel()
        await last
    assert on_disk(tmp_path) == {"b"}


async def test_when_the_flush_fails_everybody_in_the_group_learns_it(
    writer: GroupCommit, tmp_path: Path
) -> None:
    results = []
    async with asyncio.TaskGroup() as group:
        async with writer.unit() as first:
            await first.count(PUT, {"name": "a"})
            others = [group.create_task(outcome(writer, f"{number}")) for number in range(3)]
            await asyncio.sleep(0)
            # What SQLite does by itself when the disk is full: the transaction is gone.
            await writer.in_thread(lambda: writer.disk.connection.exec_driver_sql("ROLLBACK"))
            with pytest.raises(StorageTrouble):
                await first.commit()
        results = [await task for task in others]
    assert on_disk(tmp_path) == {name for name, stored in results if stored}
    await put(writer, "after")
    assert "after" in on_disk(tmp_path)


async def outcome(writer: GroupCommit, name: str) -> tuple[str, bool]:
    try:
        await put(writer, name)
    except StorageTrouble:
        return name, False
    return name, True


async def test_a_commit_the_disk_refuses_is_an_error_for_each(
    writer: GroupCommit, tmp_path: Path
) -> None:
    def refuse_to_grow() -> None:
        connection = writer.disk.connection
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    await writer.in_thread(refuse_to_grow)
    results = await asyncio.gather(*(outcome(writer, f"{n}" * 3000) for n in range(10, 20)))
    assert not all(stored for _name, stored in results)
    assert on_disk(tmp_path) == {name for name, stored in results if stored}


async def test_after_closing_nobody_may_write(tmp_path: Path) -> None:
    writer = GroupCommit(tmp_path / "group.db")
    await writer.open()
    async with asyncio.TaskGroup() as group:
        group.create_task(writer.close())
        await asyncio.sleep(0)
        with pytest.raises(StorageTrouble):
            await put(writer, "late")


async def test_what_was_wiped_does_not_linger_in_the_journal(
    writer: GroupCommit, tmp_path: Path
) -> None:
    await put(writer, "find me")
    async with writer.unit() as unit:
        await unit.count(text("DELETE FROM kept"))
        await unit.commit()
    await writer.in_thread(writer.disk.wipe_journal)
    main, journal = files_of(tmp_path)
    assert b"find me" not in main
    assert journal == b""


def files_of(folder: Path) -> tuple[bytes, bytes]:
    return (folder / "group.db").read_bytes(), (folder / "group.db-wal").read_bytes()


def test_a_unit_of_work_knows_its_database(writer: GroupCommit) -> None:
    assert not UnitOfWork(writer).is_postgres
