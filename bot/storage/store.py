"""Opens the database and gives out units of work: the port's `Storage` over SQL."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.core.audit import MovingKey
from bot.core.inbox import Arrival
from bot.core.sealing import Attesting
from bot.storage import schema
from bot.storage.arriving import store_each
from bot.storage.engine import postgres_engine, read_url, sqlite_path
from bot.storage.gathering import Gathering
from bot.storage.group_commit import GroupCommit
from bot.storage.inbox import SqlInbox
from bot.storage.reading import Readers
from bot.storage.statements import ConnectionStatements
from bot.storage.troubles import connecting, translated
from bot.storage.work import SqlWork

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_T = TypeVar("_T")


class SqliteStore:
    """One file: writers take turns and share flushes, readers see one state each."""

    def __init__(
        self,
        writer: GroupCommit,
        readers: Readers,
        audit_key: MovingKey | None = None,
        attesting: Attesting | None = None,
    ) -> None:
        """Write by `writer`, read by `readers`; `open_store` makes and closes both."""
        self._audit_key = audit_key
        self._attesting = attesting
        self._writer = writer
        self._readers = readers
        self._gathering = Gathering(self._put)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlWork]:
        """Open a unit of work that writes; see `bot.storage.group_commit`."""
        async with self._writer.unit() as unit:
            yield SqlWork(unit, unit.commit, self._audit_key, self._attesting)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlWork]:
        """Open a transaction that only looks, at one consistent state."""
        async with self._readers.look() as look:
            yield SqlWork(look, look.commit, attesting=self._attesting)

    async def change(self, change: Callable[[SqlWork], Awaitable[_T]]) -> _T:
        """Return what `change` returns, once what it wrote is on the disk."""
        async with self._writer.unit() as unit:
            work = SqlWork(unit.unbroken, unit.commit, self._audit_key, self._attesting)
            result = await unit.whole(lambda: change(work))
            await work.settle()
        return result

    async def look(self, see: Callable[[SqlWork], Awaitable[_T]]) -> _T:
        """Return what `see` sees, at one consistent state."""
        return await self._readers.look_in_one_piece(
            lambda look: see(SqlWork(look, look.commit, attesting=self._attesting))
        )

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        """Store arrivals durably; return how many were new."""
        return await self._gathering.accept(arrivals)

    async def _put(self, batches: Sequence[Sequence[Arrival]]) -> Sequence[int]:
        return await self._writer.at_once(lambda driver: store_each(driver, batches))


class PostgresStore:
    """A server: every unit of work has a connection of its own."""

    def __init__(
        self,
        engine: "AsyncEngine",
        audit_key: MovingKey | None = None,
        attesting: Attesting | None = None,
    ) -> None:
        """Use `engine`; `open_store` makes and closes it."""
        self._audit_key = audit_key
        self._attesting = attesting
        self._engine = engine
        self._looking = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._gathering = Gathering(self._put)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlWork]:
        """Open a transaction that writes."""
        async with _connection(self._engine) as statements:
            yield SqlWork(statements, statements.commit, self._audit_key, self._attesting)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlWork]:
        """Open a transaction that only looks, at one consistent state."""
        async with _connection(self._looking) as statements:
            yield SqlWork(statements, statements.commit, attesting=self._attesting)

    async def change(self, change: Callable[[SqlWork], Awaitable[_T]]) -> _T:
        """Return what `change` returns, once what it wrote is on the disk."""
        async with self.begin() as work:
            result = await change(work)
            await work.commit()
        return result

    async def look(self, see: Callable[[SqlWork], Awaitable[_T]]) -> _T:
        """Return what `see` sees, at one consistent state."""
        async with self.read() as work:
            return await see(work)

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        """Store arrivals durably; return how many were new."""
        return await self._gathering.accept(arrivals)

    async def _put(self, batches: Sequence[Sequence[Arrival]]) -> Sequence[int]:
        async with _connection(self._engine) as statements:
            counts = await SqlInbox(statements).put_each(batches)
            await statements.commit()
        return counts


@asynccontextmanager
async def _connection(engine: "AsyncEngine") -> AsyncIterator[ConnectionStatements]:
    async with AsyncExitStack() as stack:
        with translated():
            connection = await stack.enter_async_context(engine.connect())
        yield ConnectionStatements(connection)


@asynccontextmanager
async def open_store(
    url: str, *, audit_key: MovingKey | None = None, attesting: Attesting | None = None
) -> AsyncIterator[SqliteStore | PostgresStore]:
    """Open the database at `url` and close it at the end.

    `sqlite:///path` makes the file if need be and brings an older one up to date;
    `postgresql://user@host/db` must have been brought up to date (`schema.upgrade`).
    `audit_key` makes the MACs of the audit chain; what is opened without one may append no act
    to a chain that has them. `attesting` proves which public keys this program put there; without
    it all are believed. Raises `StorageTrouble` with what to do.
    """
    parsed = read_url(url)
    path = sqlite_path(parsed)
    opened = (
        _open_sqlite(path, audit_key, attesting)
        if path
        else _open_postgres(postgres_engine(parsed), audit_key, attesting)
    )
    async with opened as store:
        yield store


@asynccontextmanager
async def _open_sqlite(
    path: Path, audit_key: MovingKey | None, attesting: Attesting | None
) -> AsyncIterator[SqliteStore]:
    async with AsyncExitStack() as stack:
        writer = GroupCommit(path)
        await writer.open()
        stack.push_async_callback(writer.close)
        await writer.alone(schema.fit_sqlite)
        readers = Readers(path)
        stack.push_async_callback(readers.close)
        yield SqliteStore(writer, readers, audit_key, attesting)


@asynccontextmanager
async def _open_postgres(
    engine: "AsyncEngine", audit_key: MovingKey | None, attesting: Attesting | None
) -> AsyncIterator[PostgresStore]:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        with connecting():
            async with engine.connect() as connection:
                state = await connection.run_sync(schema.state_of)
        schema.refuse_newer(state)
        schema.refuse_older(state)
        yield PostgresStore(engine, audit_key, attesting)
