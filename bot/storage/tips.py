"""Tips, their sealed records, their wrapped keys. Nothing here could name a sender."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, literal, not_, or_, select, union_all
from sqlalchemy import insert as plain_insert

from bot.core.errors import LocatorTaken, NotFound
from bot.core.ids import KeyHolderId, OfficerId, TipId, UnitId
from bot.core.tip_deadlines import DECISION, FIRST_LOOK, FIRST_LOOK_URGENT, UNDECIDED
from bot.core.tip_queue import SavedFilter, TipFilter, TipPlace, TipSight
from bot.core.tips import RecordKind, Tip, TipRecord, TipState, WrappedKey
from bot.storage import tables
from bot.storage.statements import (
    Statements,
    first_noun,
    insert_new,
    kept_still,
    noun_of,
    upsert,
    values_of,
)

_tips = tables.tips
# As a value and not as a column, so that no index that begins with it is taken: the queue is
# walked in its own order. The id, being random, breaks ties without telling which came first.
_UNIT = func.coalesce(_tips.c.unit_id, "")
_STATE = func.coalesce(_tips.c.state, "")

# Building a statement takes several times as long as running it.
_ADD_RECORD = plain_insert(tables.tip_records)
_ADD_KEY = plain_insert(tables.tip_keys)


class SqlTips:
    """Tips, their sealed records, their wrapped keys."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(
        self, tip: Tip, records: Sequence[TipRecord], keys: Sequence[WrappedKey]
    ) -> None:
        """Store a new tip. Raise `LocatorTaken` if its locator is."""
        # Of the locator, or of a number that a page sends twice at the same moment.
        if not await self._db.rows(insert_new(self._db, _tips), values_of(tip)):
            raise LocatorTaken("two receipts began alike; make another")
        if records:
            rows = [values_of(record) for record in records]
            await self._db.count(_ADD_RECORD, rows)
        if keys:
            # Put in and never read: the side that takes tips in may not even ask for them.
            await self._db.count(_ADD_KEY, [values_of(key) for key in keys])

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

    async def by_reference(self, reference: str) -> Tip | None:
        """Return the tip that officers call so; kept still, as with `get`."""
        statement = kept_still(self._db, select(_tips).where(_tips.c.reference == reference))
        return first_noun(Tip, await self._db.rows(statement))

    async def doubles_of(self, tip_id: TipId) -> list[Tip]:
        """Return the tips that were merged into this one, by reference."""
        statement = select(_tips).where(_tips.c.merged_into == tip_id).order_by(_tips.c.reference)
        return [noun_of(Tip, row) for row in await self._db.rows(statement)]

    async def queue(
        self,
        sight: TipSight,
        *,
        now: datetime,
        wanted: TipFilter,
        after: TipPlace | None = None,
        limit: int = 50,
    ) -> list[Tip]:
        """Return visible tips behind a place: urgent first, then oldest."""
        found: list[Tip] = []
        for is_urgent in (True, False):
            is_over = (wanted.is_urgent or len(found) >= limit) and not is_urgent
            is_before = after is not None and is_urgent and not after.is_urgent
            if is_over or is_before:
                continue
            begin = after if after is not None and after.is_urgent is is_urgent else None
            # Walked in order in the index alone until a page is full; whole rows are read for
            # that page only.
            ids = (
                select(_tips.c.id)
                .where(
                    _tips.c.is_urgent.is_(is_urgent), *_shown(sight, now), *_wanted(wanted, now)
                )
                .where(*_behind(begin))
                .order_by(_tips.c.received_at, _tips.c.id)
                .limit(limit - len(found))
                .subquery()
            )
            statement = (
                select(_tips)
                .join(ids, ids.c.id == _tips.c.id)
                .order_by(_tips.c.received_at, _tips.c.id)
            )
            found += [noun_of(Tip, row) for row in await self._db.rows(statement)]
        return found

    async def counts(self, sight: TipSight, *, now: datetime, most: int) -> Mapping[TipState, int]:
        """Return how many visible tips stand in each state, counting to `most` and no further."""
        counted = [
            select(literal(state.value).label("state"), func.count().label("many")).select_from(
                select(_tips.c.id)
                # Said as a column, too: each state of each unit is a stretch of an index.
                .where(
                    _tips.c.unit_id.in_(sight.unit_ids | {sight.own}),
                    _tips.c.state == state,
                    *_shown(sight, now),
                )
                .limit(most)
                .subquery()
            )
            for state in TipState
        ]
        rows = await self._db.rows(union_all(*counted))
        return {TipState(row.state): row.many for row in rows if row.many}

    async def undecided_before(
        self, received: datetime, *, after: TipId | None, limit: int
    ) -> list[Tip]:
        """Return visible tips received before then that are not decided, by id."""
        statement = select(_tips).where(
            _tips.c.state.in_(UNDECIDED),
            _tips.c.received_at <= received,
            _tips.c.visible_at <= received,
        )
        if after is not None:
            statement = statement.where(_tips.c.id > after)
        rows = await self._db.rows(statement.order_by(_tips.c.id).limit(limit))
        return [noun_of(Tip, row) for row in rows]

    async def shown_between(
        self, since: datetime, until: datetime, *, about_officers: bool = False
    ) -> list[Tip]:
        """Return the tips the queue began to show from `since` to `until`, by id."""
        statement = (
            select(_tips)
            .where(
                _tips.c.visible_at >= since,
                _tips.c.visible_at <= until,
                _tips.c.is_about_officer if about_officers else not_(_tips.c.is_about_officer),
            )
            .order_by(_tips.c.id)
        )
        return [noun_of(Tip, row) for row in await self._db.rows(statement)]

    async def with_news(self, limit: int) -> list[Tip]:
        """Return tips whose senders said something that no officer has opened, by id."""
        statement = select(_tips).where(_tips.c.has_news).order_by(_tips.c.id).limit(limit)
        return [noun_of(Tip, row) for row in await self._db.rows(statement)]

    async def add_record(self, record: TipRecord) -> None:
        """Store one more sealed piece."""
        await self._db.count(_ADD_RECORD, values_of(record))

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

    async def sealed_for(self, sight: TipSight) -> frozenset[UnitId]:
        """Return the units that tips in sight were written to, if to others than now have them."""
        statement = (
            select(_tips.c.sealed_for)
            .where(
                _tips.c.unit_id.in_(sight.unit_ids | {sight.own}),
                _tips.c.sealed_for != _tips.c.unit_id,
            )
            .distinct()
        )
        return frozenset(row.sealed_for for row in await self._db.rows(statement))

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

    async def holders_of(self, tip_id: TipId) -> frozenset[KeyHolderId]:
        """Return to whom the tip's key is sealed."""
        table = tables.tip_keys
        rows = await self._db.rows(select(table.c.holder_id).where(table.c.tip_id == tip_id))
        return frozenset(row.holder_id for row in rows)

    async def remove_keys(self, tip_id: TipId, holder_ids: Collection[KeyHolderId]) -> None:
        """Forget the tip's key as sealed to these holders."""
        table = tables.tip_keys
        await self._db.count(
            delete(table).where(table.c.tip_id == tip_id, table.c.holder_id.in_(holder_ids))
        )

    async def save_filter(self, saved: SavedFilter) -> None:
        """Keep a filter; one of the same name is replaced."""
        statement = upsert(self._db, tables.saved_filters, keys=("officer_id", "name"))
        await self._db.count(statement, values_of(saved))

    async def saved_filters(self, officer_id: OfficerId) -> list[SavedFilter]:
        """Return an officer's own filters, by name."""
        table = tables.saved_filters
        statement = select(table).where(table.c.officer_id == officer_id).order_by(table.c.name)
        return [noun_of(SavedFilter, row) for row in await self._db.rows(statement)]

    async def remove_filter(self, officer_id: OfficerId, name: str) -> None:
        """Forget one of an officer's filters."""
        table = tables.saved_filters
        await self._db.count(
            delete(table).where(table.c.officer_id == officer_id, table.c.name == name)
        )

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


def known_of(sight: TipSight) -> list[ColumnElement[bool]]:
    """Return the conditions by which somebody may know of a tip."""
    is_ordinary = and_(_tips.c.unit_id.in_(sight.unit_ids), not_(_tips.c.is_about_officer))
    is_own = and_(_tips.c.unit_id == sight.own, _tips.c.is_about_officer)
    # Said once more in front, so that an index that begins with the unit serves both.
    return [
        _tips.c.unit_id.in_(sight.unit_ids | {sight.own}),
        or_(is_ordinary, is_own),
    ]


def _shown(sight: TipSight, now: datetime) -> list[ColumnElement[bool]]:
    is_ordinary = and_(_UNIT.in_(sight.unit_ids), not_(_tips.c.is_about_officer))
    is_own = and_(_UNIT.in_((sight.own,)), _tips.c.is_about_officer)
    return [or_(is_ordinary, is_own), _tips.c.visible_at <= now]


def _wanted(wanted: TipFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(_STATE.in_(wanted.states))
    if wanted.category is not None:
        found.append(_tips.c.category == wanted.category)
    if wanted.unit_ids:
        found.append(_UNIT.in_(wanted.unit_ids))
    if wanted.is_unread:
        found.append(or_(_tips.c.first_seen_at.is_(None), _tips.c.has_news))
    if wanted.is_unclaimed:
        found.append(_tips.c.claimed_by.is_(None))
    if wanted.claimed_by is not None:
        found.append(_tips.c.claimed_by == wanted.claimed_by)
    if wanted.is_overdue:
        found.append(_STATE.in_(UNDECIDED))
        found.append(_overdue(now))
    return found


def _overdue(now: datetime) -> ColumnElement[bool]:
    """Say `tip_deadlines.missed` in SQL; a test compares both."""
    return or_(
        _tips.c.received_at <= now - DECISION,
        and_(
            _tips.c.first_seen_at.is_(None),
            or_(
                _tips.c.received_at <= now - FIRST_LOOK,
                and_(_tips.c.is_urgent, _tips.c.received_at <= now - FIRST_LOOK_URGENT),
            ),
        ),
    )


def _behind(place: TipPlace | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    later = or_(
        _tips.c.received_at > place.received_at,
        and_(_tips.c.received_at == place.received_at, _tips.c.id > place.tip_id),
    )
    # The first half alone is what an index understands.
    return [_tips.c.received_at >= place.received_at, later]
