"""Questions that were not understood: stripped texts, counted by the day."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from sqlalchemy import delete, select

from bot.core.unknown_questions import UnknownQuestion
from bot.storage import tables
from bot.storage.statements import Statements, insert, noun_of

_table: Final = tables.unknown_questions


class SqlUnknownQuestions:
    """Stripped texts by the day."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, texts: Mapping[str, int], day: date) -> None:
        """Count texts of a day, each so many times more."""
        fresh = insert(self._db, _table)
        statement = fresh.on_conflict_do_update(
            index_elements=["text", "day"], set_={"many": _table.c.many + fresh.excluded.many}
        )
        for text in sorted(texts):
            await self._db.count(statement, {"text": text, "day": day, "many": texts[text]})

    async def all(self) -> list[UnknownQuestion]:
        """Return everything, by text and day."""
        rows = await self._db.rows(select(_table).order_by(_table.c.text, _table.c.day))
        return [noun_of(UnknownQuestion, row) for row in rows]

    async def remove(self, texts: Collection[str]) -> int:
        """Forget texts, of every day; return how many rows."""
        return await self._db.count(delete(_table).where(_table.c.text.in_(texts)))

    async def forget_before(self, day: date) -> int:
        """Forget what was asked before a day; return how many rows."""
        return await self._db.count(delete(_table).where(_table.c.day < day))
