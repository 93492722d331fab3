"""The narrow door between collections and a transaction, the same on both databases.

A collection builds SQLAlchemy Core statements and hands them here; who runs them, on which
connection and in which thread, is for `bot.storage.group_commit` and `bot.storage.engine`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from sqlalchemy import Executable, Row, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from bot.storage.troubles import translated

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
Insert = sqlite.Insert | postgresql.Insert


class Statements(Protocol):
    """Runs statements inside one transaction. Raises `StorageTrouble`."""

    @property
    def is_postgres(self) -> bool:
        """Tell which of the two databases this is."""
        ...

    async def rows(
        self, statement: Executable, parameters: Parameters = None
    ) -> Sequence[Row[Any]]:
        """Run `statement` and return its rows."""
        ...

    async def count(self, statement: Executable, parameters: Parameters = None) -> int:
        """Run `statement` and return how many rows it touched (-1: the driver cannot tell)."""
        ...


class ConnectionStatements:
    """Statements on an async connection whose transaction somebody else ends."""

    def __init__(self, connection: "AsyncConnection") -> None:
        """Run on `connection`."""
        self._connection = connection
        self._is_over = False

    async def commit(self) -> None:
        """Commit; afterwards nothing more may be run here, as on SQLite."""
        self._check()
        self._is_over = True
        with translated():
            await self._connection.commit()

    def _check(self) -> None:
        if self._is_over:
            raise RuntimeError("this unit of work was committed or left")

    @property
    def is_postgres(self) -> bool:
        """Tell which of the two databases this is."""
        return self._connection.dialect.name == "postgresql"

    @property
    def is_writing(self) -> bool:
        """Tell whether the transaction may write."""
        connection = self._connection.sync_connection
        options = connection.get_execution_options() if connection else {}
        return not options.get("postgresql_readonly", False)

    async def rows(
        self, statement: Executable, parameters: Parameters = None
    ) -> Sequence[Row[Any]]:
        """Run `statement` and return its rows."""
        self._check()
        with translated():
            result = await self._connection.execute(statement, parameters)
            return result.all() if result.returns_rows else []

    async def count(self, statement: Executable, parameters: Parameters = None) -> int:
        """Run `statement` and return how many rows it touched."""
        self._check()
        with translated():
            return (await self._connection.execute(statement, parameters)).rowcount


class IsNoun(Protocol):
    """Any of our frozen dataclasses."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


_Noun = TypeVar("_Noun", bound=IsNoun)


def values_of(noun: IsNoun) -> dict[str, Any]:
    """Return the fields of `noun` by name; columns are named alike."""
    return {field.name: getattr(noun, field.name) for field in fields(noun)}


def noun_of(kind: type[_Noun], row: Row[Any]) -> _Noun:
    """Return the noun that stands in `row`, whose columns are exactly its fields."""
    return kind(**row._asdict())


def first_noun(kind: type[_Noun], rows: Sequence[Row[Any]]) -> _Noun | None:
    """Return the noun in the first of `rows`, or None if there are none."""
    return noun_of(kind, rows[0]) if rows else None


def insert(db: Statements, table: Table) -> Insert:
    """Return an INSERT that knows ON CONFLICT in the words of this database."""
    return postgresql.insert(table) if db.is_postgres else sqlite.insert(table)


def insert_new(db: Statements, table: Table) -> ReturningInsert[tuple[str]]:
    """Return an INSERT that leaves out what is there, and returns the id of what was not."""
    return _insert_new(db.is_postgres, table)


# Building such a statement takes several times as long as running it.
@cache
def _insert_new(is_postgres: bool, table: Table) -> ReturningInsert[tuple[str]]:  # noqa: FBT001 - cached by place
    fresh = postgresql.insert(table) if is_postgres else sqlite.insert(table)
    return fresh.on_conflict_do_nothing().returning(table.c.id)


def upsert(db: Statements, table: Table, *, keys: tuple[str, ...] = ("id",)) -> Insert:
    """Return an INSERT of whole rows that replaces the one with the same `keys`."""
    return _upsert(db.is_postgres, table, keys)


@cache
def _upsert(is_postgres: bool, table: Table, keys: tuple[str, ...]) -> Insert:  # noqa: FBT001 - cached by place
    fresh = postgresql.insert(table) if is_postgres else sqlite.insert(table)
    replaced = {
        column.name: fresh.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    return fresh.on_conflict_do_update(index_elements=list(keys), set_=replaced)


def kept_still(db: Statements, statement: Select[Any]) -> Select[Any]:
    """Return `statement` so that nobody else changes its rows before a writing transaction ends.

    What is read, changed and saved as a whole would otherwise undo what another process saved
    in between. SQLite lets only one write at a time.
    """
    return statement.with_for_update(key_share=True) if _locks(db) else statement


def taken_alone(db: Statements, statement: Select[Any]) -> Select[Any]:
    """Return `statement` so that of several writing units each gets other rows."""
    return statement.with_for_update(skip_locked=True) if _locks(db) else statement


def _locks(db: Statements) -> bool:
    return isinstance(db, ConnectionStatements) and db.is_postgres and db.is_writing
