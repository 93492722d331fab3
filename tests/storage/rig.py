"""Opens databases for tests: a fresh file takes a few hundredths of a second."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.storage.store import PostgresStore, SqliteStore, open_store

Store = SqliteStore | PostgresStore


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'binhyen.db'}"


@asynccontextmanager
async def open_sqlite(folder: Path) -> AsyncIterator[Store]:
    async with open_store(sqlite_url(folder)) as store:
        yield store
