"""Whether the tables are those of this program, and making them so.

Alembic takes a second to import, so it is asked only when there is something to do: which
migration a database is at is one row, which one this program wants is `HEAD`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import Connection, text

from bot.core.errors import StorageTrouble
from bot.storage import tables
from bot.storage.engine import postgres_engine, read_url, sqlite_path
from bot.storage.group_commit import GroupCommit
from bot.storage.troubles import connecting, translated

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

HEAD: Final = "0018"
_T = TypeVar("_T")

_VERSION_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """Which migration a database is at (None: it is empty), and which one this program wants."""

    current: str | None
    head: str = HEAD

    @property
    def is_empty(self) -> bool:
        """Tell whether there are no tables yet."""
        return self.current is None

    @property
    def is_current(self) -> bool:
        """Tell whether there is nothing to do."""
        return self.current == self.head

    @property
    def is_newer(self) -> bool:
        """Tell whether a newer program wrote it."""
        # Migrations are numbered in order, with the same number of digits.
        return self.current is not None and self.current > self.head


def state_of(connection: Connection) -> SchemaState:
    """Return the state of the schema behind `connection`."""
    if connection.dialect.name == "sqlite":
        known = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    else:
        known = "SELECT to_regclass('alembic_version')::text"
    if connection.execute(text(known)).scalar() is None:
        return SchemaState(current=None)
    number = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return SchemaState(current=number)


def create_on_sqlite(connection: Connection) -> None:
    """Make every table of an empty file at once; another process may be doing the same."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        if state_of(connection).is_empty:
            tables.metadata.create_all(connection, checkfirst=False)
            connection.exec_driver_sql(_VERSION_TABLE)
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{HEAD}')")  # noqa: S608 - our own number
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise


def fit_sqlite(connection: Connection) -> None:
    """Create, upgrade or accept the schema of a file. Raise `StorageTrouble` for a newer one."""
    with translated():
        state = state_of(connection)
        if state.is_empty:
            create_on_sqlite(connection)
        elif not state.is_current:
            refuse_newer(state)
            migrate_sqlite(connection, HEAD)


def refuse_newer(state: SchemaState) -> None:
    """Raise `StorageTrouble` if a newer program wrote the database."""
    if state.is_newer:
        raise StorageTrouble(
            f"The database is of a newer version ({state.current}) than this program "
            f"({state.head}). Install the newer program, or restore a backup made before it"
        )


def refuse_older(state: SchemaState) -> None:
    """Raise `StorageTrouble` if the tables of a server are not there or not up to date."""
    if not state.is_current:
        found = "has no tables yet" if state.is_empty else f"is at version {state.current}"
        raise StorageTrouble(
            f"The PostgreSQL database {found}, this program needs {state.head}. "
            "Run: binhyen db upgrade"
        )


def migrate_sqlite(connection: Connection, to: str) -> None:
    """Move a file to migration `to`, whole or not at all."""
    # A table that is rebuilt is dropped for a moment; what points at it must not go with it.
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        _migrate(connection, to)
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    finally:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _migrate(connection: Connection, to: str) -> None:
    from alembic import command  # noqa: PLC0415  # slow to import, see above
    from alembic.config import Config  # noqa: PLC0415 - only where there is one to make

    config = Config()
    config.set_main_option("script_location", "bot.storage:migrations")
    config.attributes["connection"] = connection
    state = state_of(connection)
    if state.current is not None and (to == "base" or to < state.current):
        command.downgrade(config, to)
    else:
        command.upgrade(config, to)


async def check(url: str) -> SchemaState:
    """Return the state of the schema at `url`. Raise `StorageTrouble`."""
    return await _at(url, state_of)


async def upgrade(url: str) -> SchemaState:
    """Bring the database at `url` up to date; return its state before. Raise `StorageTrouble`."""

    def work(connection: Connection) -> SchemaState:
        before = state_of(connection)
        refuse_newer(before)
        if before.is_current:
            return before
        if connection.dialect.name == "sqlite":
            migrate_sqlite(connection, HEAD)
        else:
            _migrate(connection, HEAD)
        return before

    return await _at(url, work)


async def downgrade(url: str, to: str = "base") -> None:
    """Undo migrations down to `to`; what only newer tables hold is lost."""

    def work(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            migrate_sqlite(connection, to)
        else:
            _migrate(connection, to)

    await _at(url, work)


async def _at(url: str, work: Callable[[Connection], _T]) -> _T:
    parsed = read_url(url)
    path = sqlite_path(parsed)
    if path is None:
        return await _at_postgres(postgres_engine(parsed), work)
    writer = GroupCommit(path)
    await writer.open()
    try:
        with translated():
            return await writer.alone(work)
    finally:
        await writer.close()


async def _at_postgres(engine: "AsyncEngine", work: Callable[[Connection], _T]) -> _T:
    try:
        with connecting():
            async with engine.begin() as connection:
                return await connection.run_sync(work)
    finally:
        await engine.dispose()
