"""The tables a migration makes are the tables the program speaks of, on both databases."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.core.errors import StorageTrouble
from bot.storage import schema, tables
from bot.storage.engine import read_url
from bot.storage.store import open_store
from tests.storage.rig import open_sqlite, sqlite_url

NAMES = sorted([*tables.metadata.tables, "alembic_version"])


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    return str(request.getfixturevalue("empty_postgres_url"))


def shape_of(connection: Connection) -> dict[str, Any]:
    """Return everything the database says of its tables, in an order of its own."""
    seen: Any = inspect(connection)
    shape: dict[str, Any] = {}
    for name in sorted(seen.get_table_names()):
        shape[name] = {
            "columns": [
                {**column, "type": str(column["type"])} for column in seen.get_columns(name)
            ],
            "key": seen.get_pk_constraint(name),
            "options": seen.get_table_options(name),
            **{
                kind: sorted(str(plain(part)) for part in read(name))
                for kind, read in {
                    "points": seen.get_foreign_keys,
                    "unique": seen.get_unique_constraints,
                    "checks": seen.get_check_constraints,
                    "indexes": seen.get_indexes,
                }.items()
            },
        }
    return shape


def plain(part: Any) -> Any:  # noqa: ANN401  # nested dicts and lists of plain values
    """Return `part` with every clause as its text and without the name of its schema."""
    match part:
        case dict():
            return {key: plain(value) for key, value in sorted(part.items())}
        case list():
            return [plain(value) for value in part]
        case _:
            return str(part).replace("remade.", "").replace("remade", "None")


def differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), tables.metadata))


async def look(url: str, work: Any) -> Any:  # noqa: ANN401  # whatever the look returns
    parsed = read_url(url)
    if parsed.drivername == "sqlite":
        engine = create_engine(parsed, poolclass=NullPool)
        with engine.connect() as connection:
            return work(connection)
    server = create_async_engine(parsed, poolclass=NullPool)
    async with server.connect() as connection:
        return await connection.run_sync(work)


async def test_migrations_go_up_down_and_up_again(empty_url: str) -> None:
    assert (await schema.check(empty_url)).is_empty
    assert (await schema.upgrade(empty_url)).is_empty
    assert (await schema.check(empty_url)).is_current
    first = await look(empty_url, shape_of)
    await schema.downgrade(empty_url)
    assert (await schema.check(empty_url)).is_empty
    assert list(await look(empty_url, shape_of)) == ["alembic_version"]
    await schema.upgrade(empty_url)
    assert await look(empty_url, shape_of) == first
    assert sorted(first) == NAMES
    assert (await schema.upgrade(empty_url)).is_current


async def test_the_migrated_tables_are_the_tables_of_the_program(empty_url: str) -> None:
    await schema.upgrade(empty_url)
    assert await look(empty_url, differences) == []


async def test_tables_made_at_once_equal_migrated_ones(empty_url: str, tmp_path: Path) -> None:
    await schema.upgrade(empty_url)
    migrated = await look(empty_url, shape_of)
    if empty_url.startswith("sqlite"):
        (tmp_path / "fresh").mkdir()
        async with open_sqlite(tmp_path / "fresh"):
            pass
        assert await look(sqlite_url(tmp_path / "fresh"), shape_of) == migrated
        return

    def remake(connection: Connection) -> dict[str, Any]:
        connection.execute(text("CREATE SCHEMA remade"))
        connection.execute(text("SET LOCAL search_path TO remade"))
        tables.metadata.create_all(connection, checkfirst=False)
        return shape_of(connection)

    remade = await look(empty_url, remake)
    assert sorted(remade) == sorted(tables.metadata.tables)
    del migrated["alembic_version"]
    assert remade == migrated


def test_the_program_knows_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "bot.storage:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


@pytest.mark.parametrize("slow", ["alembic", "sqlalchemy.ext.asyncio", "sqlalchemy.orm"])
def test_opening_an_up_to_date_file_does_not_import_what_it_does_not_need(
    tmp_path: Path, slow: str
) -> None:
    program = (
        "import asyncio, sys\n"
        "from bot.storage.store import open_store\n"
        "async def main():\n"
        "    async with open_store(sys.argv[1]): pass\n"
        "asyncio.run(main())\n"
        "asyncio.run(main())\n"
        "sys.exit(sys.argv[2] in sys.modules)\n"
    )
    words = [sys.executable, "-c", program, sqlite_url(tmp_path), slow]
    assert subprocess.run(words, check=False).returncode == 0


async def test_an_older_file_is_brought_up_to_date_by_itself(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await schema.upgrade(url)
    await schema.downgrade(url)
    async with open_store(url) as store, store.begin() as work:
        assert await work.units.all() == []
    assert (await schema.check(url)).is_current


async def test_a_server_must_be_brought_up_to_date_by_hand(empty_postgres_url: str) -> None:
    with pytest.raises(StorageTrouble, match="binhyen db upgrade"):
        async with open_store(empty_postgres_url):
            pass
    await schema.upgrade(empty_postgres_url)
    async with open_store(empty_postgres_url) as store, store.read() as work:
        assert await work.units.all() == []


async def pretend_version(url: str, number: str) -> None:
    def write(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": number})
        connection.commit()

    await look(url, write)


async def test_the_database_of_a_newer_program_is_left_alone(empty_url: str) -> None:
    await schema.upgrade(empty_url)
    await pretend_version(empty_url, "9999")
    assert (await schema.check(empty_url)).is_newer
    with pytest.raises(StorageTrouble, match="newer"):
        async with open_store(empty_url):
            pass
    with pytest.raises(StorageTrouble, match="newer"):
        await schema.upgrade(empty_url)


async def test_an_older_server_schema_is_told_apart_from_an_empty_one(
    empty_postgres_url: str,
) -> None:
    await schema.upgrade(empty_postgres_url)
    await pretend_version(empty_postgres_url, "0000")
    with pytest.raises(StorageTrouble, match="at version 0000"):
        async with open_store(empty_postgres_url):
            pass


def test_no_table_of_tips_has_a_column_that_could_name_a_sender() -> None:
    known = {
        "tips": {
            *("id", "unit_id", "reference", "category", "is_urgent", "state", "received_at"),
            *("visible_at", "moved_at", "closed_at", "claimed_by", "sealed_for", "version"),
            *("first_seen_at", "has_news", "has_route", "merged_into", "passed_to", "is_held"),
            *("forget_on", "escalated", "is_handed", "talk_public", "talk_locked"),
            "is_about_officer",
            *("locator", "receipt_salt", "receipt_hash"),
        },
        "tip_records": {"tip_id", "sequence", "kind", "sealed", "at"},
        "tip_keys": {"tip_id", "holder_id", "wrapped"},
        "receipt_tries": {"id", "locator", "at"},
        "tip_routes": {"id", "week", "sealed", "expires_on"},
        "route_chats": {"id", "conversation", "week", "sealed", "expires_on"},
        "route_posts": {"id", "route_id", "week", "sealed", "not_before"},
        "route_letters": {"id", "letter_box", "unit_id", "sealed", "at"},
    }
    for name, columns in known.items():
        assert set(tables.metadata.tables[name].columns.keys()) == columns
        pointed = {key.column.table.name for key in tables.metadata.tables[name].foreign_keys}
        assert pointed <= {"units", "officers", "tips", "key_holders"}
