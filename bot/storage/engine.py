"""Reads a database URL and makes PostgreSQL's engine.

The connections to SQLite are in `bot.storage.disk` and `bot.storage.reading`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.core.errors import StorageTrouble

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_CONNECTIONS: Final = 10


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


def postgres_engine(url: URL) -> "AsyncEngine":
    """Return an engine over a pool of connections. Raise `StorageTrouble` without the driver."""
    # Brings an object mapper of 6 MB along, and SQLite is opened without it.
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - see above

    try:
        return create_async_engine(url, pool_size=_CONNECTIONS, max_overflow=0, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StorageTrouble(
            "PostgreSQL needs its driver: pip install 'binhyen[postgres]'"
        ) from error
