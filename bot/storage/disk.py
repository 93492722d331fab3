"""The writer thread's side of SQLite: one connection, used in that thread and nowhere else.

A group is one transaction on the disk; a unit of work is one savepoint in it. Who may write
when, and when a group ends, is decided on the event loop's side in `bot.storage.group_commit`.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Executable, Row, create_engine
from sqlalchemy.pool import NullPool

from bot.core.errors import StorageTrouble
from bot.storage.one_piece import to_its_end
from bot.storage.statements import Parameters
from bot.storage.troubles import LOST_GROUP, translated, trouble_of

_T = TypeVar("_T")
BUSY_TIMEOUT_MS: Final = 10_000
_PRAGMAS: Final = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "journal_mode=WAL",
    # NORMAL may lose the last commits when the power fails, and they were acknowledged.
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
    "cache_size=-16000",
    # The journal still holds what was wiped from the tables: it is kept short, and cut to
    # nothing by `wipe_journal` in every quiet moment.
    "journal_size_limit=1048576",
)


@dataclass(slots=True)
class UnitOnDisk:
    """What the writer thread knows of one unit of work."""

    is_open: bool = False
    error: StorageTrouble | None = None


@dataclass(slots=True)
class Whole:
    """A unit of work that is run from beginning to end in the writer thread, and how it ended."""

    unit: UnitOnDisk
    work: Callable[[], Awaitable[Any]]
    result: Any = None
    error: BaseException | None = None


class Disk:
    """The one connection that writes. Every method runs in the writer thread."""

    def __init__(self, path: Path) -> None:
        """Prepare for the database file at `path`; `open` connects."""
        self._path = path
        self._in_group = False
        self._is_wiped = True
        self.commits = 0

    def open(self) -> None:
        """Connect. Raises `StorageTrouble`."""
        url = URL.create("sqlite", database=str(self._path))
        with translated():
            self._engine = create_engine(url, poolclass=NullPool)
            self._connection: Connection = self._engine.connect()
            try:
                self._prepare()
            except BaseException:
                self.close()
                raise

    def _prepare(self) -> None:
        driver = self._connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError("not the driver this file is written for")
        self._driver = driver
        # Otherwise the driver begins and commits where it likes.
        self._driver.isolation_level = None
        for pragma in _PRAGMAS:
            self._connection.exec_driver_sql(f"PRAGMA {pragma}")

    @property
    def connection(self) -> Connection:
        """Return the connection, for making the tables."""
        return self._connection

    def execute(
        self, unit: UnitOnDisk, statement: Executable, parameters: Parameters
    ) -> tuple[Sequence[Row[Any]], int]:
        """Run one statement of `unit`; return its rows and how many it touched."""
        with translated():
            self._ensure_open(unit)
            result = self._connection.execute(statement, parameters)
            rows: Sequence[Row[Any]] = result.all() if result.returns_rows else []
            return rows, result.rowcount

    def _ensure_open(self, unit: UnitOnDisk) -> None:
        if not self._in_group:
            self._say("BEGIN IMMEDIATE")
            self._in_group = True
        elif not self._driver.in_transaction:
            # SQLite undoes a whole transaction by itself when the disk is full or fails.
            raise StorageTrouble(LOST_GROUP)
        if not unit.is_open:
            self._say("SAVEPOINT unit")
            unit.is_open = True

    def _say(self, words: str) -> None:
        """Begin or end something. SQLAlchemy would take longer over it than SQLite."""
        try:
            self._driver.execute(words)
        except sqlite3.Error as error:
            raise trouble_of(error) from error

    def at_once(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run `work` on the driver's connection as a transaction of its own, durable at its end.

        No group may be open. Raises `StorageTrouble`; then nothing was stored.
        """
        try:
            self._driver.execute("BEGIN IMMEDIATE")
            result = work(self._driver)
            self._driver.execute("COMMIT")
        except BaseException as error:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise trouble_of(error) from error
            raise
        self.commits += 1
        self._is_wiped = False
        return result

    def write_wholes(self, wholes: Sequence[Whole]) -> None:
        """Run some units of work, each for itself, and bring them to the disk together.

        No group may be open. How each ended stands in it; nothing is raised.
        """
        for one in wholes:
            try:
                one.result = to_its_end(one.work())
            except StopIteration as error:
                # No future takes one, and whoever waits would wait for ever.
                one.error = RuntimeError(f"the work ended in {error!r}")
                self.undo(one.unit)
            except BaseException as error:  # noqa: BLE001  # told to the one it belongs to
                one.error = error
                self.undo(one.unit)
            else:
                self.keep(one.unit)
                one.error = one.unit.error
        try:
            self.flush()
        except Exception as error:  # noqa: BLE001  # told to all whose work is lost with it
            for one in wholes:
                one.error = one.error or trouble_of(error)

    def keep(self, unit: UnitOnDisk) -> None:
        """Add what `unit` wrote to the group; what goes wrong stands in `unit.error`."""
        if not unit.is_open:
            return
        try:
            self._say("RELEASE unit")
        except Exception as error:  # noqa: BLE001  # kept for the one who waits for this unit
            unit.error = trouble_of(error)
            self.undo(unit)

    def undo(self, unit: UnitOnDisk) -> None:
        """Forget what `unit` wrote, and only that."""
        if not unit.is_open:
            return
        unit.is_open = False
        try:
            self._say("ROLLBACK TO unit")
            self._say("RELEASE unit")
        except Exception:  # noqa: BLE001  # `flush` tells everybody in the group
            self._abandon()

    def _abandon(self) -> None:
        if self._driver.in_transaction:
            self._say("ROLLBACK")

    def flush(self) -> None:
        """Bring the group to the disk, whole, or raise `StorageTrouble` and store nothing."""
        if not self._in_group:
            return
        self._in_group = False
        if not self._driver.in_transaction:
            raise StorageTrouble(LOST_GROUP)
        try:
            self._say("COMMIT")
        except BaseException:
            self._abandon()
            raise
        self.commits += 1
        self._is_wiped = False

    def drop(self) -> None:
        """End a group nobody wants anything of."""
        self._in_group = False
        self._abandon()

    def wipe_journal(self) -> None:
        """Move everything into the main file and cut the journal, unless somebody is reading."""
        if self._is_wiped or self._in_group:
            return
        try:
            # Waiting for a reader here would make every writer wait with us.
            self._connection.exec_driver_sql("PRAGMA busy_timeout=0")
            result = self._connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            self._is_wiped = result[0] == 0
        finally:
            self._connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def close(self) -> None:
        """Close the connection; the last one to go removes the journal."""
        self._connection.close()
        self._engine.dispose()
