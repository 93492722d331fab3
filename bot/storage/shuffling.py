"""Rows written anew in the order of their random ids, see `bot.core.shuffling`.

SQLite keeps these tables by their ids, and knows no transactions of the past; but within a page
of the file, rows lie in the order they came. PostgreSQL knows both of every row (`ctid`, `xmin`).

Ways to chats are few and small: all of them are taken out and put back, at once and in order, so
that no two tell more of each other than any others. Tips are only touched, so that whoever
changes one meanwhile finds it; their sealed records are made to leave their old place, too, where
PostgreSQL keeps what is long.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Table,
    Update,
    bindparam,
    delete,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)

from bot.core.shuffling import Shuffled
from bot.storage import tables
from bot.storage.statements import Statements

_PART: Final = 500
_tips = tables.tips
_records = tables.tip_records
_keys = tables.tip_keys
_letters = tables.route_letters

_TAKEN_OUT: Final[Mapping[Shuffled, Table]] = {
    Shuffled.ROUTES: tables.tip_routes,
    Shuffled.CHATS: tables.route_chats,
    Shuffled.POSTS: tables.route_posts,
}
_TIP: Final[BindParameter[str]] = bindparam("tip")
# What changes nothing but writes the row. Wrapped keys may not be read by who runs this.
_TOUCHED: Final[Mapping[Shuffled, Callable[[datetime], Update]]] = {
    Shuffled.TIPS: lambda _: (
        update(_tips).where(_tips.c.id == _TIP).values(version=_tips.c.version)
    ),
    Shuffled.RECORDS: lambda since: (
        update(_records)
        .where(_records.c.tip_id == _TIP, _records.c.at >= since)
        .values(sealed=_records.c.sealed.op("||")(literal(b"")))
    ),
    Shuffled.KEYS: lambda _: (
        update(_keys).where(_keys.c.tip_id == _TIP).values(holder_id=_keys.c.holder_id)
    ),
}


class SqlShuffling:
    """Writes rows anew."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def shuffle(self, what: Shuffled, *, since: datetime, after: str = "") -> str:
        """Write everything, or one part of it, anew; return where the next part begins."""
        if what in _TAKEN_OUT:
            await self._put_back(_TAKEN_OUT[what])
        elif not self._db.is_postgres:
            # The order within one hour, of rows that name nobody, is all there is to see.
            return ""
        elif what is Shuffled.LETTERS:
            # What is sealed in them is for the other side alone, and leaves with them.
            await self._db.count(update(_letters).values(at=_letters.c.at))
        else:
            return await self._touch(_TOUCHED[what](since), since, after)
        return ""

    async def _put_back(self, table: Table) -> None:
        if self._db.is_postgres:
            # Whoever removes a row meanwhile waits, and then finds the one that was put back.
            await self._db.count(text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))
        rows = [row._asdict() for row in await self._db.rows(select(table).order_by(table.c.id))]
        if rows:
            await self._db.count(delete(table))
            await self._db.count(insert(table), rows)

    async def _touch(self, touching: Update, since: datetime, after: str) -> str:
        tip_ids = await self._some(since, after)
        if tip_ids:
            await self._db.count(touching, [{"tip": tip_id} for tip_id in tip_ids])
        return tip_ids[-1] if len(tip_ids) == _PART else ""

    async def _some(self, since: datetime, after: str) -> Sequence[Any]:
        """Return tips that something came to since then, locked; what others change is left."""
        added_to = select(_records.c.tip_id).where(_records.c.at >= since)
        statement = (
            select(_tips.c.id)
            .where(or_(_tips.c.received_at >= since, _tips.c.id.in_(added_to)))
            .where(_tips.c.id > after)
            .order_by(_tips.c.id)
            .limit(_PART)
            .with_for_update(skip_locked=True)
        )
        return [row.id for row in await self._db.rows(statement)]
