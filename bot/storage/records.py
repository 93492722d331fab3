"""What the program keeps for itself: the audit chain, claims and leases, small settings."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select
from sqlalchemy import insert as plain_insert

from bot.core.audit import GENESIS, AuditEntry, AuditRecord, chain_hash
from bot.storage import tables
from bot.storage.statements import Statements, insert, upsert, values_of

_audit = tables.audit
_PAGE: Final = 500
# Any number will do, as long as nothing else in this database locks the same one.
_CHAIN_LOCK: Final = 4_202_611


class SqlAuditLog:
    """The chain."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def append(self, record: AuditRecord) -> AuditEntry:
        """Add `record` behind the last entry; nobody else can until this unit of work ends."""
        if self._db.is_postgres:
            await self._db.rows(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
        last = select(_audit.c.number, _audit.c.hash).order_by(_audit.c.number.desc()).limit(1)
        rows = await self._db.rows(last)
        number, before = (rows[0].number + 1, rows[0].hash) if rows else (1, GENESIS)
        entry = AuditEntry(number=number, record=record, hash=chain_hash(before, number, record))
        await self._db.count(
            plain_insert(_audit),
            {"number": number, "hash": entry.hash, **values_of(record)},
        )
        return entry

    async def newest(self, *, limit: int = 100) -> list[AuditEntry]:
        """Return the newest first."""
        statement = select(_audit).order_by(_audit.c.number.desc()).limit(limit)
        return [_entry(row) for row in await self._db.rows(statement)]

    async def walk(self) -> AsyncIterator[AuditEntry]:
        """Yield every entry, oldest first, as stored."""
        seen = -1
        while True:
            page = select(_audit).where(_audit.c.number > seen).order_by(_audit.c.number)
            rows = await self._db.rows(page.limit(_PAGE))
            for row in rows:
                yield _entry(row)
            if len(rows) < _PAGE:
                return
            seen = rows[-1].number


def _entry(row: Row[Any]) -> AuditEntry:
    record = AuditRecord(
        at=row.at, actor=row.actor, act=row.act, subject=row.subject, facts=row.facts
    )
    return AuditEntry(number=row.number, record=record, hash=row.hash)


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
