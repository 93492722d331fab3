"""Arrivals, from acknowledged to handled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)

from bot.core.ids import InboxId
from bot.core.inbox import Arrival, InboxRow, InboxState, SetAside
from bot.storage import tables
from bot.storage.statements import Statements, insert, noun_of

_inbox = tables.inbox
_older = tables.inbox.alias("older")
# A partial index serves only a condition the planner can read, not one bound later.
_WAITING: ColumnElement[Any] = literal_column("'waiting'")
_CLAIMED = ("id", "channel_id", "event_id", "conversation", "sealed", "attempts", "arrived_at")
_is_head = ~(
    select(_older.c.id)
    .where(
        _older.c.conversation == _inbox.c.conversation,
        _older.c.state == _WAITING,
        _older.c.id < _inbox.c.id,
    )
    .exists()
)


def _heads() -> Select[tuple[int]]:
    return select(_inbox.c.id).where(_inbox.c.state == _WAITING, _is_head)


# Named apart, the search runs once; PostgreSQL might otherwise repeat it and lease more.
_chosen = (
    _heads()
    .where(_inbox.c.free_at <= bindparam("now"))
    .order_by(_inbox.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("chosen")
)
# Built once: every message runs these, and building them takes longer.
_CLAIMING: Final = (
    update(_inbox)
    .where(_inbox.c.id.in_(select(_chosen.c.id)))
    .values(owner=bindparam("by_owner"), free_at=bindparam("lease_until"))
    .returning(*(_inbox.c[name] for name in _CLAIMED))
)
_HANDLED: Final = (
    update(_inbox)
    .where(_inbox.c.id == bindparam("of"), _inbox.c.state != InboxState.HANDLED)
    .values(
        state=InboxState.HANDLED,
        sealed=None,
        conversation=None,
        owner=None,
        error=None,
        arrived_at=bindparam("hour"),
        free_at=bindparam("hour"),
        done_at=bindparam("hour"),
    )
)


class SqlInbox:
    """Arrivals. A claim takes only the oldest of each conversation, so order is kept."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def put_many(self, arrivals: Sequence[Arrival]) -> int:
        """Store what is new by (channel, event id); return how many were."""
        return sum(await self.put_each([arrivals]))

    async def put_each(self, batches: Sequence[Sequence[Arrival]]) -> list[int]:
        """Store the arrivals of several callers; return how many of each one's were new."""
        rows = [_row_of(arrival) for batch in batches for arrival in batch]
        if not rows:
            return [0] * len(batches)
        statement = (
            insert(self._db, _inbox)
            .on_conflict_do_nothing(index_elements=["channel_id", "event_id"])
            .returning(_inbox.c.channel_id, _inbox.c.event_id)
        )
        new = {(row.channel_id, row.event_id) for row in await self._db.rows(statement, rows)}
        counts = []
        for batch in batches:
            own = {(arrival.channel_id, arrival.event_id) for arrival in batch} & new
            # The same event from two callers at once is new to the first one only.
            new -= own
            counts.append(len(own))
        return counts

    async def claim(
        self, limit: int, *, owner: str, now: datetime, lease_until: datetime
    ) -> list[InboxRow]:
        """Lease due arrivals, oldest first, one of each conversation."""
        asked = {"most": limit, "by_owner": owner, "now": now, "lease_until": lease_until}
        rows = await self._db.rows(_CLAIMING, asked)
        return sorted((noun_of(InboxRow, row) for row in rows), key=lambda row: row.id)

    async def handled(self, row_id: InboxId, *, at: datetime) -> None:
        """Mark as handled; wipe body, conversation and moment, keep channel and event id."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        await self._db.count(_HANDLED, {"of": row_id, "hour": hour})

    async def retry(self, row_id: InboxId, *, not_before: datetime) -> None:
        """Count an attempt and free the row for later."""
        await self._set(row_id, attempts=_inbox.c.attempts + 1, owner=None, free_at=not_before)

    async def set_aside(self, row_id: InboxId, *, error: str, at: datetime) -> None:
        """Give up for now; later arrivals of the conversation go on."""
        await self._set(
            row_id,
            state=InboxState.SET_ASIDE,
            attempts=_inbox.c.attempts + 1,
            owner=None,
            error=error,
            done_at=at,
        )

    async def _set(self, row_id: InboxId, **values: object) -> None:
        await self._db.count(
            update(_inbox)
            .where(_inbox.c.id == row_id, _inbox.c.state != InboxState.HANDLED)
            .values(**values)
        )

    async def free(self, owner: str) -> int:
        """End the leases of an owner that is known to be gone; return how many."""
        return await self._db.count(
            update(_inbox)
            .where(_inbox.c.owner == owner, _inbox.c.state == _WAITING)
            .values(owner=None, free_at=_inbox.c.arrived_at)
        )

    async def all_set_aside(self) -> list[SetAside]:
        """Return what nobody could handle, oldest first."""
        columns = (
            _inbox.c[name] for name in ("id", "channel_id", "error", "attempts", "arrived_at")
        )
        statement = (
            select(*columns)
            .where(_inbox.c.state == literal_column("'set_aside'"))
            .order_by(_inbox.c.id)
        )
        # The planner needs the index's own condition spelled out.
        statement = statement.where(_inbox.c.state != _WAITING)
        return [noun_of(SetAside, row) for row in await self._db.rows(statement)]

    async def requeue(self, row_id: InboxId) -> None:
        """Let a row that was set aside be tried again from the beginning."""
        await self._db.count(
            update(_inbox)
            .where(_inbox.c.id == row_id, _inbox.c.state == InboxState.SET_ASIDE)
            .values(
                state=InboxState.WAITING,
                attempts=0,
                error=None,
                done_at=None,
                free_at=_inbox.c.arrived_at,
            )
        )

    async def next_due(self) -> datetime | None:
        """Return when the earliest arrival may be claimed, or None if none waits."""
        heads = _heads().with_only_columns(func.min(_inbox.c.free_at))
        return (await self._db.rows(heads))[0][0]  # type: ignore[no-any-return] # one column, a moment or none

    async def backlog(self) -> int:
        """Return how many arrivals wait."""
        statement = select(func.count()).where(_inbox.c.state == _WAITING)
        return int((await self._db.rows(statement))[0][0])

    async def forget_handled_before(self, at: datetime) -> int:
        """Delete rows handled before; return how many. Their event ids count as new again."""
        return await self._db.count(
            delete(_inbox).where(
                _inbox.c.state == literal_column("'handled'"),
                _inbox.c.state != _WAITING,
                _inbox.c.done_at < at,
            )
        )

    async def oldest_waiting(self) -> datetime | None:
        """Return when the oldest waiting arrival came, or None."""
        statement = (
            select(_inbox.c.arrived_at)
            .where(_inbox.c.state == _WAITING)
            .order_by(_inbox.c.id)
            .limit(1)
        )
        rows = await self._db.rows(statement)
        return rows[0][0] if rows else None


def _row_of(arrival: Arrival) -> dict[str, object]:
    return {
        "channel_id": arrival.channel_id,
        "event_id": arrival.event_id,
        "conversation": arrival.conversation,
        "sealed": arrival.sealed,
        "state": InboxState.WAITING,
        "attempts": 0,
        "arrived_at": arrival.arrived_at,
        "free_at": arrival.arrived_at,
    }
