"""Turns what a database or its driver says into `StorageTrouble`, with what to do about it.

Drivers tell most of these apart only by wording; the phrases stand in one table.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from bot.core.errors import StorageTrouble


class RowRefused(StorageTrouble):
    """The tables refused a row: a name is taken, or what it belongs to is not there."""


# What the driver says (lower case) and what to tell the one who has to mend it.
_PHRASES: Final[Mapping[str, str]] = {
    "file is not a database": (
        "The database file is damaged or is not a database of this program. "
        "Move it away and restore a backup: binhyen backup restore FILE"
    ),
    "malformed": (
        "The database file is damaged. Stop the program, move the file away "
        "and restore a backup: binhyen backup restore FILE"
    ),
    "unable to open database file": (
        "The database file cannot be opened. "
        "Check that its folder exists and that this user may read and write there"
    ),
    "readonly database": (
        "The database cannot be written. Check that this user may write the file "
        "and its folder, and that the disk is not read-only"
    ),
    "disk is full": "The disk is full. Free some space on it; the program goes on by itself",
    "disk i/o error": "The disk failed to read or write. Check its health and its free space",
    "database is locked": (
        "Another program held the database for too long. "
        "Close what has it open (a database browser, a second copy of the program)"
    ),
    "does not exist": (
        "The PostgreSQL server does not know this database or user. "
        "Create it, or correct BINHYEN_DATABASE_URL"
    ),
    "password": ("The PostgreSQL server refused the password. Correct BINHYEN_DATABASE_URL"),
}
_UNREACHABLE: Final = (
    "The PostgreSQL server cannot be reached. "
    "Check that it runs and that BINHYEN_DATABASE_URL names the right host and port"
)
LOST_GROUP: Final = (
    "The database undid what was being written. Nothing of it was stored; try again"
)


def trouble_of(error: BaseException) -> StorageTrouble:
    """Return `error` in our words."""
    if isinstance(error, StorageTrouble):
        return error
    if isinstance(error, IntegrityError | sqlite3.IntegrityError):
        # Only the constraint is named: the driver's own text may quote the values of the row.
        return RowRefused(f"A row was refused: {_first_line(getattr(error, 'orig', error))}")
    said = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    for phrase, advice in _PHRASES.items():
        if phrase in said:
            return StorageTrouble(advice)
    if isinstance(error, OSError):
        return StorageTrouble(_UNREACHABLE)
    return StorageTrouble(f"The database failed: {_first_line(getattr(error, 'orig', error))}")


def _first_line(error: object) -> str:
    return f"{error}".strip().split("\n", maxsplit=1)[0]


@contextmanager
def translated() -> Iterator[None]:
    """Let the drivers' errors out as `StorageTrouble`."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise trouble_of(error) from error


@contextmanager
def connecting() -> Iterator[None]:
    """Let what a server or its driver says while connecting out as `StorageTrouble`."""
    try:
        yield
    except Exception as error:
        # The driver raises errors of its own here, which it may not even be installed to name.
        raise trouble_of(error) from error
