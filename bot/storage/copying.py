"""Copies of the whole database at one moment, always as one SQLite file, whatever it came from.

One form means one way to check a copy and to open it, and that an installation can move from one
database to the other. The program goes on writing meanwhile; the copy shows one moment of it.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, Column, MetaData, Table, create_engine, insert, select, text
from sqlalchemy.types import TypeDecorator

from bot.core.errors import BackupUnusable, StorageTrouble
from bot.storage import schema, tables
from bot.storage.engine import postgres_engine, read_url, sqlite_path
from bot.storage.troubles import connecting, translated

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_ROWS: Final = 2_000


async def copy_out(url: str, target: Path) -> None:
    """Write the database at `url` to the new file `target`. Raise `StorageTrouble`."""
    parsed = read_url(url)
    path = sqlite_path(parsed)
    if path is not None:
        await asyncio.to_thread(_copy_file, path, target)
        return
    engine = postgres_engine(parsed)
    looking = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with connecting():
            async with looking.connect() as connection:
                schema.refuse_older(await connection.run_sync(schema.state_of))
                await _copy_rows(connection, target)
    finally:
        await engine.dispose()


def _copy_file(path: Path, target: Path) -> None:
    read_only = f"file:{path}?mode=ro"
    with translated(), closing(sqlite3.connect(read_only, uri=True)) as source:
        # Written anew in the order of the keys, in one file without a journal: a copy of the
        # pages as they are would show in which order rows came.
        source.execute("VACUUM INTO ?", (str(target),))


async def _copy_rows(connection: "AsyncConnection", target: Path) -> None:
    engine = create_engine(URL.create("sqlite", database=str(target)))
    try:
        with engine.connect() as copy:
            schema.create_on_sqlite(copy)
        for table in _plain_tables():
            keys = [table.c[key.name] for key in tables.metadata.tables[table.name].primary_key]
            rows = await connection.stream(select(table).order_by(*keys))
            async for part in rows.partitions(_ROWS):
                values = [row._asdict() for row in part]
                await asyncio.to_thread(_put, engine, table, values)
    finally:
        engine.dispose()


def _put(engine: Any, table: Table, values: Sequence[dict[str, Any]]) -> None:  # noqa: ANN401 - of either driver
    with engine.begin() as copy:
        copy.execute(insert(table), values)


def _plain_tables() -> list[Table]:
    """Return every table with its columns as the database keeps them, parents first."""
    plain = MetaData()
    return [
        Table(
            table.name,
            plain,
            *(
                Column(
                    column.name,
                    column.type.impl_instance
                    if isinstance(column.type, TypeDecorator)
                    else column.type,
                )
                for column in table.columns
            ),
        )
        for table in tables.metadata.sorted_tables
    ]


def check_copy(path: Path) -> None:
    """Raise `BackupUnusable` if the file is no database in good order."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as copy:
            found = copy.execute("PRAGMA integrity_check").fetchone()
            broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise BackupUnusable("the database in it is damaged; take another backup") from error
    if found != ("ok",) or broken is not None:
        raise BackupUnusable("the database in it is damaged; take another backup")


async def is_empty(url: str) -> bool:
    """Tell whether nobody has kept anything at `url` yet. Raise `StorageTrouble`."""
    parsed = read_url(url)
    path = sqlite_path(parsed)
    if path is not None:
        return not path.exists()
    state = await schema.check(url)
    if state.is_empty:
        return True
    schema.refuse_newer(state)
    schema.refuse_older(state)
    engine = postgres_engine(parsed)
    try:
        async with engine.connect() as connection:
            found = await connection.execute(text("SELECT 1 FROM units LIMIT 1"))
            return found.first() is None
    finally:
        await engine.dispose()


async def copy_in(source: Path, url: str) -> None:
    """Put the copy in `source` in place of what is at `url`, whole or not at all.

    Whoever calls this has made sure that nobody uses the database. Raise `StorageTrouble`.
    """
    await schema.upgrade(f"sqlite:///{source}")
    parsed = read_url(url)
    path = sqlite_path(parsed)
    if path is not None:
        await asyncio.to_thread(_put_file, source, path)
        return
    await schema.upgrade(url)
    engine = postgres_engine(parsed)
    try:
        with connecting():
            async with engine.connect() as connection:
                raw = await connection.get_raw_connection()
                await _fill(raw.driver_connection, source)
    finally:
        await engine.dispose()


def _put_file(source: Path, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as copy:
        copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copy.execute("PRAGMA journal_mode=DELETE")
    # A journal of the old file would be taken for one of the new.
    for journal in (f"{path}-wal", f"{path}-shm"):
        Path(journal).unlink(missing_ok=True)
    source.replace(path)


async def _fill(driver: Any, source: Path) -> None:  # noqa: ANN401  # asyncpg's own connection
    plain = _plain_tables()
    engine = create_engine(URL.create("sqlite", database=str(source)))
    try:
        with engine.connect() as copy:
            async with driver.transaction():
                names = ", ".join(table.name for table in plain)
                await driver.execute(f"TRUNCATE {names} RESTART IDENTITY")
                for table in plain:
                    # One statement for a table, so that rows may point at later ones.
                    await driver.copy_records_to_table(
                        table.name,
                        records=_rows(copy.execute(select(table))),
                        columns=[column.name for column in table.columns],
                    )
                for table in tables.metadata.sorted_tables:
                    await _go_on_counting(driver, table)
    except sqlite3.Error as error:
        raise StorageTrouble("the copy of the database cannot be read") from error
    finally:
        engine.dispose()


def _rows(found: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    return (tuple(row) for row in found)


async def _go_on_counting(driver: Any, table: Table) -> None:  # noqa: ANN401 - asyncpg has no types
    column = table.autoincrement_column
    if column is None:
        return
    counter = await driver.fetchval(
        "SELECT pg_get_serial_sequence($1, $2)", table.name, column.name
    )
    if counter is not None:
        last = await driver.fetchval(f"SELECT max({column.name}) FROM {table.name}")  # noqa: S608 - our own names
        if last is not None:
            await driver.execute(f"SELECT setval('{counter}', {last})")
