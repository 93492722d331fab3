"""What the program keeps for itself: claims and leases, small settings."""

from datetime import datetime

from sqlalchemy import delete, select

from bot.storage import tables
from bot.storage.statements import Statements, insert, upsert


class SqlClaims:
    """Who does what once: fired moments, and leases on names."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def once(self, job: str, moment: datetime) -> bool:
        """Tell whether this is the first to claim that moment of that job."""
        statement = (
            insert(self._db, tables.fired).on_conflict_do_nothing().returning(tables.fired.c.job)
        )
        return bool(await self._db.rows(statement, {"job": job, "moment": moment}))

    async def lease(self, name: str, *, owner: str, now: datetime, until: datetime) -> bool:
        """Take or keep the lease on `name`; False while another owner's has not run out."""
        table = tables.leases
        fresh = insert(self._db, table)
        statement = fresh.on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": fresh.excluded.owner, "until": fresh.excluded.until},
            where=(table.c.owner == owner) | (table.c.until <= now),
        ).returning(table.c.name)
        row = {"name": name, "owner": owner, "until": until}
        return bool(await self._db.rows(statement, row))

    async def end_lease(self, name: str, *, owner: str) -> None:
        """Give the lease back, if it is this owner's."""
        table = tables.leases
        await self._db.count(delete(table).where(table.c.name == name, table.c.owner == owner))

    async def forget_before(self, at: datetime) -> int:
        """Forget moments before; return how many."""
        table = tables.fired
        return await self._db.count(delete(table).where(table.c.moment < at))


class SqlSettings:
    """Small values the console keeps."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def get(self, key: str) -> str | None:
        """Return the value, or None if it was never put."""
        table = tables.settings
        rows = await self._db.rows(select(table.c.value).where(table.c.key == key))
        return rows[0].value if rows else None

    async def put(self, key: str, value: str) -> None:
        """Insert or replace."""
        statement = upsert(self._db, tables.settings, keys=("key",))
        await self._db.count(statement, {"key": key, "value": value})
