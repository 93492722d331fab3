"""Forgetting tips, and the numbers that stay of them."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import Select, delete, select, update

from bot.core.ids import TipId, UnitId
from bot.core.tip_ends import TipCount
from bot.core.tips import Tip
from bot.storage import tables
from bot.storage.statements import Statements, first_noun, insert, noun_of

_tips = tables.tips
_keys = tables.tip_keys
_records = tables.tip_records
_counts = tables.tip_counts
# A statement may bind only so many values.
_ASKED_AT_ONCE = 1_000


class SqlTipEnds:
    """The end of tips."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def undated(self, limit: int) -> Sequence[Tip]:
        """Return closed tips that have no day to be forgotten on, locked."""
        return await self._some(
            select(_tips).where(_tips.c.closed_at.is_not(None), _tips.c.forget_on.is_(None)), limit
        )

    async def reopened(self, limit: int) -> Sequence[Tip]:
        """Return tips that are open again and still have that day, locked."""
        return await self._some(
            select(_tips).where(_tips.c.closed_at.is_(None), _tips.c.forget_on.is_not(None)), limit
        )

    async def _some(self, statement: Select[tuple[object, ...]], limit: int) -> list[Tip]:
        statement = statement.order_by(_tips.c.id).limit(limit)
        if self._db.is_postgres:
            statement = statement.with_for_update(skip_locked=True)
        return [noun_of(Tip, row) for row in await self._db.rows(statement)]

    async def set_day(self, tip_id: TipId, day: date | None) -> None:
        """Say on which day a tip is to be forgotten."""
        await self._db.count(update(_tips).where(_tips.c.id == tip_id).values(forget_on=day))

    async def due(self, today: date, limit: int) -> list[TipId]:
        """Return tips to be forgotten by now; those that are held are not among them."""
        statement = (
            select(_tips.c.id)
            .where(_tips.c.forget_on <= today, ~_tips.c.is_held, _tips.c.closed_at.is_not(None))
            .order_by(_tips.c.id)
            .limit(limit)
        )
        return [row.id for row in await self._db.rows(statement)]

    async def remove_keys(self, tip_id: TipId) -> int:
        """Remove the wrapped keys, so that nobody can open what is left; return how many."""
        return await self._db.count(delete(_keys).where(_keys.c.tip_id == tip_id))

    async def remove_records(self, tip_id: TipId) -> None:
        """Remove the sealed records."""
        await self._db.count(delete(_records).where(_records.c.tip_id == tip_id))

    async def remove(self, tip_id: TipId) -> Tip | None:
        """Remove the rest; return what it was, or None if it is gone already."""
        rows = await self._db.rows(delete(_tips).where(_tips.c.id == tip_id).returning(_tips))
        return first_noun(Tip, rows)

    async def with_keys(self, tip_ids: Collection[TipId]) -> set[TipId]:
        """Return those that somebody could still open."""
        wanted, found = list(tip_ids), set[TipId]()
        for first in range(0, len(wanted), _ASKED_AT_ONCE):
            some = wanted[first : first + _ASKED_AT_ONCE]
            statement = select(_keys.c.tip_id).where(_keys.c.tip_id.in_(some)).distinct()
            found |= {row.tip_id for row in await self._db.rows(statement)}
        return found

    async def count(self, tip: Tip) -> None:
        """Add a tip that is no more to the numbers that stay."""
        statement = insert(self._db, _counts).on_conflict_do_update(
            index_elements=["month", "unit_id", "category", "state"],
            set_={"many": _counts.c.many + 1},
        )
        month = tip.received_at.date().replace(day=1)
        row = {"unit_id": tip.unit_id, "category": tip.category, "state": tip.state}
        await self._db.count(statement, {"month": month, "many": 1, **row})

    async def counts(
        self, unit_ids: Collection[UnitId], *, since: date, until: date
    ) -> list[TipCount]:
        """Return the numbers of months from `since`, before `until`: forgotten tips and kept."""
        statement = select(_counts).where(
            _counts.c.unit_id.in_(unit_ids), _counts.c.month >= since, _counts.c.month < until
        )
        found = Counter[tuple[object, ...]]()
        for row in await self._db.rows(statement):
            found[row.month, row.unit_id, row.category, row.state] += row.many
        live = select(_tips.c.received_at, _tips.c.unit_id, _tips.c.category, _tips.c.state)
        live = live.where(
            _tips.c.unit_id.in_(unit_ids),
            _tips.c.received_at >= datetime.combine(since, time(), UTC),
            _tips.c.received_at < datetime.combine(until, time(), UTC),
        )
        for row in await self._db.rows(live):
            month = row.received_at.date().replace(day=1)
            found[month, row.unit_id, row.category, row.state] += 1
        names = ("month", "unit_id", "category", "state")
        return [
            TipCount(**dict(zip(names, key, strict=True)), many=many)  # type: ignore[arg-type] # names and key are its fields
            for key, many in found.items()
        ]
