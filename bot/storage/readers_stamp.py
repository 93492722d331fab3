"""A number that changes whenever it may have changed who may read tips.

Whoever knew the readers and finds the same number still knows them: in a rush of tips one look
at a single row takes the place of three statements. Only on SQLite: on PostgreSQL everybody who
saves an officer would have to wait for whoever saves another.
"""

from typing import Final

from sqlalchemy import Integer, Text, cast, select
from sqlalchemy.dialects.sqlite import insert

from bot.storage import tables
from bot.storage.statements import Statements

_NAME: Final = "readers_stamp"
_settings: Final = tables.settings
_FRESH: Final = insert(_settings).values(key=_NAME, value="1")
_CHANGING: Final = _FRESH.on_conflict_do_update(
    index_elements=["key"],
    set_={"value": cast(cast(_settings.c.value, Integer) + 1, Text)},
)
_READING: Final = select(_settings.c.value).where(_settings.c.key == _NAME)


async def note_readers_changed(db: Statements) -> None:
    """Change the number, in the same transaction as the readers."""
    if not db.is_postgres:
        await db.count(_CHANGING)


async def readers_stamp(db: Statements) -> str | None:
    """Return the number, or None where nothing can be told from it."""
    if db.is_postgres:
        return None
    rows = await db.rows(_READING)
    return rows[0].value if rows else None
