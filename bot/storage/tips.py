"""Tips, their sealed records, their wrapped keys. Nothing here could name a sender."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy import insert as plain_insert

from bot.core.errors import LocatorTaken, NotFound
from bot.core.ids import KeyHolderId, TipId, UnitId
from bot.core.tips import RecordKind, Tip, TipCategory, TipRecord, TipState, WrappedKey
from bot.storage import tables
from bot.storage.statements import (
    Statements,
    first_noun,
    insert,
    kept_still,
    noun_of,
    upsert,
    values_of,
)

_tips = tables.tips


class SqlTips:
    """Tips, their sealed records, their wrapped keys."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(
        self, tip: Tip, records: Sequence[TipRecord], keys: Sequence[WrappedKey]
    ) -> None:
        """Store a new tip. Raise `LocatorTaken` if its locator is."""
        statement = (
            insert(self._db, _tips)
            .on_conflict_do_nothing(index_elements=["locator"])
            .returning(_tips.c.id)
        )
        if not await self._db.rows(statement, values_of(tip)):
            raise LocatorTaken("two receipts began alike; make another")
        if records:
            rows = [values_of(record) for record in records]
            await self._db.count(plain_insert(tables.tip_records), rows)
        if keys:
            # Put in and never read: the side that takes tips in may not even ask for them.
            await self._db.count(plain_insert(tables.tip_keys), [values_of(key) for key in keys])

    async def save(self, tip: Tip) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _tips), values_of(tip))

    async def get(self, tip_id: TipId) -> Tip:
        """Return the tip. Raise `NotFound`."""
        statement = kept_still(self._db, select(_tips).where(_tips.c.id == tip_id))
        tip = first_noun(Tip, await self._db.rows(statement))
        if tip is None:
            raise NotFound(f"tip {tip_id}")
        return tip

    async def by_locator(self, locator: str) -> Tip | None:
        """Return the tip whose receipt begins so."""
        rows = await self._db.rows(select(_tips).where(_tips.c.locator == locator))
        return first_noun(Tip, rows)

    async def queue(
        self,
        unit_ids: Collection[UnitId],
        *,
        now: datetime,
        states: Collection[TipState] = (),
        category: TipCategory | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Tip]:
        """Return visible tips: urgent first, then oldest. No `states` means every state."""
        statement = select(_tips).where(_tips.c.unit_id.in_(unit_ids), _tips.c.visible_at <= now)
        if states:
            statement = statement.where(_tips.c.state.in_(states))
        if category is not None:
            statement = statement.where(_tips.c.category == category)
        # The id, being random, breaks ties without telling which tip of an hour came first.
        statement = statement.order_by(_tips.c.is_urgent.desc(), _tips.c.received_at, _tips.c.id)
        rows = await self._db.rows(statement.limit(limit).offset(offset))
        return [noun_of(Tip, row) for row in rows]

    async def counts(
        self, unit_ids: Collection[UnitId], *, now: datetime
    ) -> Mapping[TipState, int]:
        """Return how many visible tips stand in each state."""
        statement = (
            select(_tips.c.state, func.count().label("many"))
            .where(_tips.c.unit_id.in_(unit_ids), _tips.c.visible_at <= now)
            .group_by(_tips.c.state)
        )
        return {row.state: row.many for row in await self._db.rows(statement)}

    async def shown_between(self, since: datetime, until: datetime) -> list[Tip]:
        """Return the tips the queue began to show from `since` to `until`, by id."""
        statement = (
            select(_tips)
            .where(_tips.c.visible_at >= since, _tips.c.visible_at <= until)
            .order_by(_tips.c.id)
        )
        return [noun_of(Tip, row) for row in await self._db.rows(statement)]

    async def add_record(self, record: TipRecord) -> None:
        """Store one more sealed piece."""
        await self._db.count(plain_insert(tables.tip_records), values_of(record))

    async def next_sequence(self, tip_id: TipId) -> int:
        """Return the number of the tip's next record; `get` the tip first, which locks it."""
        table = tables.tip_records
        statement = select(func.coalesce(func.max(table.c.sequence) + 1, 0)).where(
            table.c.tip_id == tip_id
        )
        return int((await self._db.rows(statement))[0][0])

    async def records(
        self, tip_id: TipId, *, kinds: Collection[RecordKind] = ()
    ) -> list[TipRecord]:
        """Return the tip's records in order; no `kinds` means all of them."""
        table = tables.tip_records
        statement = select(table).where(table.c.tip_id == tip_id).order_by(table.c.sequence)
        if kinds:
            statement = statement.where(table.c.kind.in_(kinds))
        return [noun_of(TipRecord, row) for row in await self._db.rows(statement)]

    async def routed(self, unit_ids: Collection[UnitId], *, limit: int) -> list[Tip]:
        """Return tips whose senders may answer in the chat, the last moved first."""
        statement = (
            select(_tips)
            .where(_tips.c.unit_id.in_(unit_ids), _tips.c.has_route)
            .order_by(_tips.c.moved_at.desc(), _tips.c.id)
            .limit(limit)
        )
        return [noun_of(Tip, row) for row in await self._db.rows(statement)]

    async def remove(self, tip_id: TipId) -> None:
        """Forget a tip: wrapped keys, records, row."""
        for table in (tables.tip_keys, tables.tip_records):
            await self._db.count(delete(table).where(table.c.tip_id == tip_id))
        await self._db.count(delete(_tips).where(_tips.c.id == tip_id))

    async def key_for(self, tip_id: TipId, holder_id: KeyHolderId) -> WrappedKey | None:
        """Return the tip's key as sealed to this holder."""
        table = tables.tip_keys
        statement = select(table).where(table.c.tip_id == tip_id, table.c.holder_id == holder_id)
        return first_noun(WrappedKey, await self._db.rows(statement))

    async def keys_of(self, holder_id: KeyHolderId) -> list[WrappedKey]:
        """Return every key sealed to this holder."""
        table = tables.tip_keys
        statement = select(table).where(table.c.holder_id == holder_id).order_by(table.c.tip_id)
        return [noun_of(WrappedKey, row) for row in await self._db.rows(statement)]

    async def add_keys(self, keys: Sequence[WrappedKey]) -> None:
        """Store keys; one that is there already is replaced."""
        if keys:
            statement = upsert(self._db, tables.tip_keys, keys=("tip_id", "holder_id"))
            await self._db.count(statement, [values_of(key) for key in keys])

    async def note_try(self, locator: str, at: datetime) -> None:
        """Remember one wrong receipt."""
        await self._db.count(plain_insert(tables.receipt_tries), {"locator": locator, "at": at})

    async def tries_since(self, locator: str, since: datetime) -> int:
        """Return how many wrong receipts began so at `since` or later."""
        table = tables.receipt_tries
        statement = select(func.count()).where(table.c.locator == locator, table.c.at >= since)
        return int((await self._db.rows(statement))[0][0])

    async def forget_tries(self, locator: str) -> None:
        """Forget the tries of one receipt: its owner came."""
        table = tables.receipt_tries
        await self._db.count(delete(table).where(table.c.locator == locator))

    async def forget_tries_before(self, at: datetime) -> int:
        """Forget old tries; return how many."""
        table = tables.receipt_tries
        return await self._db.count(delete(table).where(table.c.at < at))
