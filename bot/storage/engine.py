"""Reads a database URL and makes the engines: readers on SQLite, everything on PostgreSQL.

The one connection that writes to SQLite is in `bot.storage.disk`.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.core.errors import StorageTrouble
from bot.storage.disk import BUSY_TIMEOUT_MS

_READERS: Final = 4
_CONNECTIONS: Final = 10
_PRAGMAS: Final = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "query_only=ON",
    "temp_store=MEMORY",
    "cache_size=-8000",
)


def read_url(text: str) -> URL:
    """Return the URL of a database we can use. Raise `StorageTrouble`."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StorageTrouble(_WANTED) from error
    if url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+asyncpg")
    raise StorageTrouble(_WANTED)


_WANTED: Final = (
    "BINHYEN_DATABASE_URL is neither sqlite:///path/to/file nor postgresql://user@host/database"
)


def sqlite_path(url: URL) -> Path | None:
    """Return the file a SQLite URL names, or None for PostgreSQL."""
    if not url.drivername.startswith("sqlite") or url.database is None:
        return None
    return Path(url.database)


def reading_engine(path: Path) -> AsyncEngine:
    """Return an engine of a few connections that cannot write."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)), pool_size=_READERS, max_overflow=0
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        # Otherwise the driver begins where it likes.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def postgres_engine(url: URL) -> AsyncEngine:
    """Return an engine over a pool of connections. Raise `StorageTrouble` without the driver."""
    try:
        return create_async_engine(url, pool_size=_CONNECTIONS, max_overflow=0, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StorageTrouble(
            "PostgreSQL needs its driver: pip install 'binhyen[postgres]'"
        ) from error
