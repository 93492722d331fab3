"""Conversations handed over to people.

Columns are named one by one: a side that may not read `chat` and `way` must not ask for them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, delete, exists, func, select, update
from sqlalchemy import insert as plain_insert

from bot.core.deliveries import DeliveryState
from bot.core.errors import NotFound
from bot.core.handovers import OPEN_STATES, Handover, HandoverState, HandoverWord
from bot.core.ids import DeliveryId, HandoverId, UnitId
from bot.core.sending import Reason
from bot.storage import tables
from bot.storage.statements import (
    Parameters,
    Statements,
    first_noun,
    kept_still,
    noun_of,
    taken_alone,
    values_of,
)

_handovers = tables.handovers
_words = tables.handover_words
_deliveries = tables.deliveries
_NOUN: Final = [one for one in _handovers.c if one.name not in {"chat", "way"}]
_is_open = _handovers.c.state.in_(OPEN_STATES)
# Built once: every message runs it, and building it takes longer.
_OPEN_OF: Final = select(*_NOUN).where(_handovers.c.chat == bindparam("of"), _is_open)
_goes_out = _words.c.state == DeliveryState.WAITING
_UNDECIDED: Final = (DeliveryState.WAITING, DeliveryState.SENDING)


class SqlHandovers:
    """Conversations handed over, and what was said there."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, handover: Handover, *, chat: str, way: bytes) -> None:
        """Keep a new one. Raise `StorageTrouble` if one of that chat is open already."""
        row = {**values_of(handover), "chat": chat, "way": way}
        await self._db.count(plain_insert(_handovers), row)

    async def save(self, handover: Handover) -> None:
        """Replace what both sides know of it."""
        values = values_of(handover)
        of_it = update(_handovers).where(_handovers.c.id == values.pop("id"))
        await self._db.count(of_it.values(values))

    async def get(self, handover_id: HandoverId) -> Handover:
        """Return it; nobody else changes it before a writing unit ends. Raise `NotFound`."""
        found = await self._first(select(*_NOUN).where(_handovers.c.id == handover_id))
        if found is None:
            raise NotFound(f"handover {handover_id}")
        return found

    async def of_units(
        self, unit_ids: Collection[UnitId], states: Collection[HandoverState], *, limit: int
    ) -> list[Handover]:
        """Return those of the units in these states, the longest asked first."""
        statement = (
            select(*_NOUN)
            .where(_handovers.c.unit_id.in_(unit_ids), _handovers.c.state.in_(states))
            .order_by(_handovers.c.asked_at, _handovers.c.id)
            .limit(limit)
        )
        return [noun_of(Handover, row) for row in await self._db.rows(statement)]

    async def count(self, unit_ids: Collection[UnitId]) -> int:
        """Return how many of the units nobody has taken, or hold words nobody looked at."""
        unread = _handovers.c.last_number > _handovers.c.seen_number
        waits = (_handovers.c.state == HandoverState.WAITING) | unread
        statement = select(func.count().label("many")).select_from(_handovers)
        of_units = _handovers.c.unit_id.in_(unit_ids)
        rows = await self._db.rows(statement.where(of_units, _is_open, waits))
        return int(rows[0].many)

    async def open_before(self, at: datetime, *, limit: int) -> list[Handover]:
        """Return open ones whose last word was said before `at`, the longest silent first."""
        statement = (
            select(*_NOUN)
            .where(_is_open, _handovers.c.last_word_at < at)
            .order_by(_handovers.c.last_word_at, _handovers.c.id)
            .limit(limit)
        )
        return [noun_of(Handover, row) for row in await self._db.rows(statement)]

    async def add_word(self, word: HandoverWord) -> None:
        """Keep what was said."""
        await self._db.count(plain_insert(_words), values_of(word))

    async def words(self, handover_id: HandoverId) -> list[HandoverWord]:
        """Return what was said, in order."""
        statement = select(_words).where(_words.c.handover_id == handover_id)
        rows = await self._db.rows(statement.order_by(_words.c.number))
        return [noun_of(HandoverWord, row) for row in rows]

    async def open_of(self, chat: str) -> Handover | None:
        """Return the open one of a chat."""
        return await self._first(_OPEN_OF, {"of": chat})

    async def has_any(self, chat: str) -> bool:
        """Tell whether any of a chat is kept, open or closed."""
        statement = select(_handovers.c.id).where(_handovers.c.chat == chat).limit(1)
        return bool(await self._db.rows(statement))

    async def way(self, handover_id: HandoverId) -> bytes | None:
        """Return where answers go, None once that is forgotten."""
        statement = select(_handovers.c.way).where(_handovers.c.id == handover_id)
        rows = await self._db.rows(statement)
        return rows[0].way if rows else None

    async def save_way(self, handover_id: HandoverId, way: bytes | None) -> None:
        """Replace where answers go."""
        of_it = update(_handovers).where(_handovers.c.id == handover_id)
        await self._db.count(of_it.values(way=way))

    async def remove_of(self, chat: str) -> int:
        """Forget everything of a chat; return how many. Their words go with them."""
        return await self._db.count(delete(_handovers).where(_handovers.c.chat == chat))

    async def to_bring(self, *, limit: int) -> list[HandoverWord]:
        """Return words that wait to go out, oldest first; nobody else gets them meanwhile."""
        statement = select(_words).where(_goes_out, _words.c.delivery_id.is_(None))
        statement = statement.order_by(_words.c.at, _words.c.handover_id, _words.c.number)
        rows = await self._db.rows(taken_alone(self._db, statement.limit(limit)))
        return [noun_of(HandoverWord, row) for row in rows]

    async def brought(self, word: HandoverWord, delivery_id: DeliveryId) -> None:
        """Note that a word stands in the outbox."""
        await self._change(word, {"delivery_id": delivery_id})

    async def decided(
        self, *, limit: int
    ) -> Sequence[tuple[HandoverWord, DeliveryState, Reason | None]]:
        """Return words in the outbox whose fate is known by now; unknown if it was forgotten."""
        statement = (
            select(_words, _deliveries.c.state.label("now"), _deliveries.c.reason.label("why"))
            .outerjoin(_deliveries, _deliveries.c.id == _words.c.delivery_id)
            .where(
                _goes_out,
                _words.c.delivery_id.is_not(None),
                _deliveries.c.state.is_(None) | _deliveries.c.state.not_in(_UNDECIDED),
            )
            .limit(limit)
        )
        rows = await self._db.rows(statement)
        return [
            (_word_of(row._asdict()), row.now or DeliveryState.UNKNOWN, row.why) for row in rows
        ]

    async def settle(
        self, word: HandoverWord, state: DeliveryState, reason: Reason | None
    ) -> None:
        """Note what became of a word."""
        await self._change(word, {"state": state, "reason": reason})

    async def forget_before(self, at: datetime) -> int:
        """Forget words said before then and closed handovers that have none; return how many."""
        forgotten = await self._db.count(delete(_words).where(_words.c.at < at))
        has_words = exists().where(_words.c.handover_id == _handovers.c.id)
        await self._db.count(
            delete(_handovers).where(~_is_open, ~has_words, _handovers.c.closed_at < at)
        )
        return forgotten

    async def forget_ways(self) -> int:
        """Forget where answers go of closed ones of which nothing is to go out any more."""
        waits = exists().where(
            and_(
                _words.c.handover_id == _handovers.c.id,
                _goes_out,
                _words.c.delivery_id.is_(None),
            )
        )
        done = (~_is_open, _handovers.c.way.is_not(None), ~waits)
        return await self._db.count(update(_handovers).where(*done).values(way=None))

    async def _change(self, word: HandoverWord, values: dict[str, Any]) -> None:
        of_it = (_words.c.handover_id == word.handover_id, _words.c.number == word.number)
        await self._db.count(update(_words).where(*of_it).values(values))

    async def _first(
        self, statement: Select[Any], parameters: Parameters = None
    ) -> Handover | None:
        rows = await self._db.rows(kept_still(self._db, statement), parameters)
        return first_noun(Handover, rows)


def _word_of(row: dict[str, Any]) -> HandoverWord:
    return HandoverWord(
        **{name: value for name, value in row.items() if name not in {"now", "why"}}
    )
