"""Looking at SQLite: a few connections that cannot write, each used in a thread of its own.

A look takes several small statements, and a statement costs less than handing it from thread to
thread; so each is handed over once, the beginning of the transaction with the first of them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Executable, Row, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import NullPool

from bot.core.errors import StorageTrouble
from bot.storage.disk import BUSY_TIMEOUT_MS
from bot.storage.one_piece import Found, Unbroken, to_its_end
from bot.storage.statements import Parameters
from bot.storage.troubles import translated

_READERS: Final = 4
_PRAGMAS: Final = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "query_only=ON",
    "temp_store=MEMORY",
    "cache_size=-8000",
)
_NOTHING_TO_KEEP: Final = "a look cannot be committed; open a unit of work with begin()"
_T = TypeVar("_T")


class WholeLook(Unbroken):
    """The statements of a look that runs in one piece."""

    async def commit(self) -> None:
        """Refuse: there is nothing to keep. Raise `StorageTrouble`."""
        raise StorageTrouble(_NOTHING_TO_KEEP)


class _Reader:
    """One connection and its thread. `look` and `end` run in the thread, in order."""

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
        event.listen(self._engine, "connect", _prepare)
        self._connection: Connection | None = None
        self._is_looking = False
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="binhyen-look")

    def look(self, statement: Executable, parameters: Parameters) -> Found:
        with translated():
            if self._connection is None:
                self._connection = self._engine.connect()
            if not self._is_looking:
                # The driver begins nothing by itself; from here on one state is seen.
                self._connection.exec_driver_sql("BEGIN")
                self._is_looking = True
            result = self._connection.execute(statement, parameters)
            rows: Sequence[Row[Any]] = result.all() if result.returns_rows else []
            return rows, result.rowcount

    def look_in_one_piece(self, see: Callable[[WholeLook], Awaitable[_T]]) -> _T:
        try:
            return to_its_end(see(WholeLook(self.look)))
        finally:
            self.end()

    def end(self) -> None:
        if self._connection is None:
            return
        self._is_looking = False
        if self._connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr] # sqlite3's own connection
            self._connection.exec_driver_sql("ROLLBACK")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()


class Look:
    """The statements of one look. Fits `bot.storage.statements.Statements`."""

    is_postgres: Final = False

    def __init__(self, reader: _Reader) -> None:
        """Look by `reader`; made by `Readers.look` only."""
        self._reader = reader
        self.is_over = False

    async def rows(
        self, statement: Executable, parameters: Parameters = None
    ) -> Sequence[Row[Any]]:
        """Run `statement` and return its rows."""
        return (await self._found(statement, parameters))[0]

    async def count(self, statement: Executable, parameters: Parameters = None) -> int:
        """Run `statement` and return how many rows it touched."""
        return (await self._found(statement, parameters))[1]

    async def _found(self, statement: Executable, parameters: Parameters) -> Found:
        if self.is_over:
            raise RuntimeError("this look is over")
        reader = self._reader
        return await asyncio.wrap_future(
            reader.thread.submit(lambda: reader.look(statement, parameters))
        )

    async def commit(self) -> None:
        """Refuse: there is nothing to keep. Raise `StorageTrouble`."""
        raise StorageTrouble(_NOTHING_TO_KEEP)


class Readers:
    """The connections that look, lent out one look at a time."""

    def __init__(self, path: Path) -> None:
        """Look at the database file at `path`; connections are made when needed."""
        self._all = [_Reader(path) for _ in range(_READERS)]
        self._free: asyncio.LifoQueue[_Reader] = asyncio.LifoQueue()
        for reader in self._all:
            self._free.put_nowait(reader)

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Look]:
        """Give one look at one state of the database."""
        reader = await self._free.get()
        look = Look(reader)
        try:
            yield look
        finally:
            look.is_over = True
            # Not awaited: whoever looks next stands behind it in the same thread.
            reader.thread.submit(reader.end)
            self._free.put_nowait(reader)

    async def look_in_one_piece(self, see: Callable[[WholeLook], Awaitable[_T]]) -> _T:
        """Return what `see` sees; it may wait for nothing but its statements."""
        reader = await self._free.get()
        try:
            return await asyncio.wrap_future(
                reader.thread.submit(lambda: reader.look_in_one_piece(see))
            )
        finally:
            self._free.put_nowait(reader)

    async def close(self) -> None:
        """Close every connection and end its thread."""
        for reader in self._all:
            await asyncio.wrap_future(reader.thread.submit(reader.close))
            reader.thread.shutdown(wait=False)


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
