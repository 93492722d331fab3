"""A fresh SQLite and a fresh PostgreSQL database for every test that asks for a store."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.storage import schema, tables
from bot.storage.engine import read_url
from bot.storage.store import open_store
from tests.postgres import NoPostgres, running_postgres
from tests.storage.rig import Store, sqlite_url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Yield the URL of a running server, or skip with the command that adds one."""
    try:
        with running_postgres() as url:
            yield url
    except NoPostgres as missing:
        if os.environ.get("BINHYEN_TEST_REQUIRE_ALL"):  # noqa: TID251  # the tests' own
            pytest.fail(str(missing))
        pytest.skip(str(missing))


async def _run(url: str, *statements: str) -> None:
    engine = create_async_engine(read_url(url), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


@pytest.fixture(scope="session")
def postgres_at_head(postgres_server: str) -> str:
    """Yield the URL of a database whose schema is up to date, shared by the session."""
    url = postgres_server.replace("/postgres?", "/binhyen?")

    async def prepare() -> None:
        await _run(postgres_server, "CREATE DATABASE binhyen")
        await schema.upgrade(url)

    asyncio.run(prepare())
    return url


@pytest.fixture
async def postgres_url(postgres_at_head: str) -> AsyncIterator[str]:
    """Yield a database with every table empty."""
    yield postgres_at_head
    names = ", ".join(table.name for table in tables.metadata.sorted_tables)
    await _run(postgres_at_head, f"TRUNCATE {names}")


@pytest.fixture
async def empty_postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """Yield a database without tables."""
    await _run(postgres_server, "CREATE DATABASE empty")
    yield postgres_server.replace("/postgres?", "/empty?")
    await _run(postgres_server, "DROP DATABASE empty WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a fresh database of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """Yield a fresh store of each kind."""
    async with open_store(database_url) as opened:
        yield opened
