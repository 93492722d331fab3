"""The audit chain on SQL: appended inside the caller's transaction, by one process at a time.

The key of an entry is used before the entry is committed, and erased after. So whatever is rolled
back can be written again, and no crash leaves an entry whose key nobody had: at worst the key
of the last entries outlives them until the next commit of an act or the next start.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, func, select, update
from sqlalchemy import insert as plain_insert

from bot.core.audit import (
    GENESIS,
    KEY_BEGIN,
    AuditEntry,
    AuditFilter,
    AuditHead,
    AuditRecord,
    KeyState,
    MovingKey,
    chain_hash,
)
from bot.core.errors import BinhYenError
from bot.storage import tables
from bot.storage.statements import Statements, noun_of, upsert, values_of

log = logging.getLogger(__name__)

_audit = tables.audit
_heads = tables.audit_heads
_PAGE: Final = 500
# Any number will do, as long as nothing else in this database locks the same one.
_CHAIN_LOCK: Final = 4_202_611


class SqlAuditLog:
    """The chain."""

    def __init__(self, db: Statements, key: MovingKey | None = None) -> None:
        """Append to the chain in `db`, with MACs if there is a `key`."""
        self._db = db
        self._key = key
        self._written: tuple[int, str] | None = None

    async def append(self, record: AuditRecord) -> AuditEntry:
        """Add `record` behind the last entry; nobody else can until this unit of work ends."""
        if self._db.is_postgres:
            await self._db.rows(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
        number, before = await self._end()
        if self._key is None:
            return await self._write(record, number, before)
        # Read after the lock was taken: until then another process may move it.
        state = self._key.state()
        facts: dict[str, str] = {}
        if state is None or not await self._goes_on(state, number):
            if state is not None:
                # Rows were taken away, or this is another database than the key went with.
                log.error("audit.key_lost", extra={"number": number, "reached": state.next - 1})
                facts = {"reached": str(state.next - 1)}
            state = self._key.begin(number)
        if state.since == number:
            first = AuditRecord(
                at=record.at, actor="machine", act=KEY_BEGIN, subject=state.mark, facts=facts
            )
            entry = await self._write(first, number, before, state)
            number, before = number + 1, entry.hash
        return await self._write(record, number, before, state)

    async def _goes_on(self, state: KeyState, number: int) -> bool:
        """Tell whether the key on this machine is that of the chain, and good for `number`."""
        if state.next > number:
            return False
        if state.since == number:
            # Drawn by a unit of work that was not committed.
            return True
        begun = await self._entry(state.since)
        return (
            begun is not None
            and begun.record.act == KEY_BEGIN
            and begun.record.subject == state.mark
        )

    async def _write(
        self, record: AuditRecord, number: int, before: bytes, state: KeyState | None = None
    ) -> AuditEntry:
        digest = chain_hash(before, number, record)
        mac = self._key.mac(number, digest) if self._key is not None and state else None
        await self._db.count(
            plain_insert(_audit),
            {"number": number, "hash": digest, "mac": mac, **values_of(record)},
        )
        if state is not None:
            self._written = (number, state.mark)
        return AuditEntry(number=number, record=record, hash=digest, mac=mac)

    async def settle(self) -> None:
        """Erase the keys of what this unit of work appended. Called when it is on the disk."""
        written, self._written = self._written, None
        if written is None or self._key is None:
            return
        try:
            # It flushes the disk, and others wait for this loop.
            await asyncio.to_thread(self._key.advance, *written)
        except BinhYenError:
            # The act is done and must not seem failed; the next one moves the key further.
            log.exception("audit.key_not_moved", extra={"number": written[0]})

    async def catch_up(self) -> None:
        """Erase the keys of all entries there are. For a start: this unit may write nothing."""
        state = self._key.state() if self._key is not None else None
        number, _ = await self._end()
        if self._key is None or state is None or state.next >= number:
            return
        if await self._goes_on(state, number):
            self._key.advance(number - 1, state.mark)

    async def _end(self) -> tuple[int, bytes]:
        """Return the number of the next entry, and the hash it builds on."""
        last = select(_audit.c.number, _audit.c.hash).order_by(_audit.c.number.desc()).limit(1)
        rows = await self._db.rows(last)
        return (rows[0].number + 1, rows[0].hash) if rows else (1, GENESIS)

    async def _entry(self, number: int) -> AuditEntry | None:
        rows = await self._db.rows(select(_audit).where(_audit.c.number == number))
        return _entry(rows[0]) if rows else None

    async def newest(self, *, limit: int = 100) -> list[AuditEntry]:
        """Return the newest first."""
        statement = select(_audit).order_by(_audit.c.number.desc()).limit(limit)
        return [_entry(row) for row in await self._db.rows(statement)]

    async def get(self, number: int) -> AuditEntry | None:
        """Return one entry as stored, or None."""
        return await self._entry(number)

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

    async def entries(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> list[AuditEntry]:
        """Return entries with numbers under `before`, newest first."""
        column = _audit.c
        statement = select(_audit).order_by(column.number.desc()).limit(limit)
        if before is not None:
            statement = statement.where(column.number < before)
        if wanted.actors is not None:
            statement = statement.where(column.actor.in_(sorted(wanted.actors)))
        for name in ("actor", "act", "subject"):
            if value := getattr(wanted, name):
                statement = statement.where(column[name] == value)
        if wanted.since is not None:
            statement = statement.where(column.at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(column.at < wanted.until)
        return [_entry(row) for row in await self._db.rows(statement)]

    async def save_head(self, head: AuditHead) -> None:
        """Keep the head of a day."""
        await self._db.count(upsert(self._db, _heads, keys=("day",)), values_of(head))

    async def heads(self, *, limit: int) -> list[AuditHead]:
        """Return the newest heads, newest first."""
        statement = select(_heads).order_by(_heads.c.day.desc()).limit(limit)
        return [noun_of(AuditHead, row) for row in await self._db.rows(statement)]

    async def heads_to_post(self) -> list[AuditHead]:
        """Return the heads no second place has taken yet, oldest first."""
        statement = select(_heads).where(_heads.c.posted_at.is_(None)).order_by(_heads.c.day)
        return [noun_of(AuditHead, row) for row in await self._db.rows(statement)]

    async def mark_posted(self, day: date, *, at: datetime) -> None:
        """Note that the second place took the head of `day`."""
        statement = update(_heads).where(_heads.c.day == day).values(posted_at=at)
        await self._db.count(statement)


def _entry(row: Row[Any]) -> AuditEntry:
    record = AuditRecord(
        at=row.at, actor=row.actor, act=row.act, subject=row.subject, facts=row.facts
    )
    return AuditEntry(number=row.number, record=record, hash=row.hash, mac=row.mac)
