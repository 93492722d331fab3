"""Tokens of other software, addresses that are told what happened, and the calls to them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)

from bot.core.api_tokens import ApiToken
from bot.core.errors import NotFound
from bot.core.hooks import CallState, Hook, HookCall
from bot.core.ids import ApiTokenId, HookCallId, HookId, OfficerId
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

_tokens = tables.api_tokens
_hooks = tables.hooks
_calls = tables.hook_calls
# A partial index serves only a condition the planner can read, not one bound later.
_WAITING: Final[ColumnElement[Any]] = literal_column("'waiting'")
_WIPED: Final = b""


class SqlApiTokens:
    """Tokens of other software."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, token: ApiToken) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _tokens), values_of(token))

    async def get(self, token_id: ApiTokenId) -> ApiToken:
        """Return the token. Raise `NotFound`."""
        statement = kept_still(self._db, select(_tokens).where(_tokens.c.id == token_id))
        token = first_noun(ApiToken, await self._db.rows(statement))
        if token is None:
            raise NotFound(f"token {token_id}")
        return token

    async def by_hash(self, token_hash: bytes) -> ApiToken | None:
        """Return the token whose text has this hash."""
        statement = select(_tokens).where(_tokens.c.token_hash == token_hash)
        return first_noun(ApiToken, await self._db.rows(statement))

    async def of_officers(self, officer_ids: Collection[OfficerId]) -> list[ApiToken]:
        """Return their tokens, revoked ones too, newest first."""
        statement = (
            select(_tokens)
            .where(_tokens.c.officer_id.in_(officer_ids))
            .order_by(_tokens.c.added_at.desc(), _tokens.c.id)
        )
        return [noun_of(ApiToken, row) for row in await self._db.rows(statement)]


class SqlHooks:
    """Addresses that are told what happened."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, hook: Hook) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _hooks), values_of(hook))

    async def get(self, hook_id: HookId) -> Hook:
        """Return the hook. Raise `NotFound`."""
        statement = kept_still(self._db, select(_hooks).where(_hooks.c.id == hook_id))
        hook = first_noun(Hook, await self._db.rows(statement))
        if hook is None:
            raise NotFound(f"hook {hook_id}")
        return hook

    async def all(self) -> list[Hook]:
        """Return every hook, oldest first."""
        statement = select(_hooks).order_by(_hooks.c.added_at, _hooks.c.id)
        return [noun_of(Hook, row) for row in await self._db.rows(statement)]

    async def remove(self, hook_id: HookId) -> None:
        """Forget the hook and its calls."""
        await self._db.count(delete(_calls).where(_calls.c.hook_id == hook_id))
        await self._db.count(delete(_hooks).where(_hooks.c.id == hook_id))


class SqlHookCalls:
    """What hooks are still to be told, and what they were told lately."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add(self, calls: Sequence[HookCall]) -> int:
        """Store what is new by id; return how many were."""
        statement = (
            insert(self._db, _calls)
            .on_conflict_do_nothing(index_elements=["id"])
            .returning(_calls.c.id)
        )
        return sum([len(await self._db.rows(statement, values_of(call))) for call in calls])

    async def save(self, call: HookCall) -> None:
        """Replace a call; one whose hook was removed meanwhile stays away."""
        values = values_of(call)
        statement = update(_calls).where(_calls.c.id == bindparam("of_call"))
        await self._db.count(statement, {"of_call": values.pop("id"), **values})

    async def claim(self, limit: int, *, now: datetime, lease_until: datetime) -> list[HookCall]:
        """Take the earliest due calls; nobody else gets them before the lease runs out."""
        due = (
            select(_calls.c.id)
            .where(_calls.c.state == _WAITING, _calls.c.not_before <= now)
            .order_by(_calls.c.not_before, _calls.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            # Named apart, the search runs once; PostgreSQL might otherwise repeat it.
            .cte("due")
        )
        statement = (
            update(_calls)
            .where(_calls.c.id.in_(select(due.c.id)))
            .values(not_before=lease_until, attempts=_calls.c.attempts + 1)
            .returning(*_calls.c)
        )
        found = [noun_of(HookCall, row) for row in await self._db.rows(statement)]
        return sorted(found, key=lambda call: call.id)

    async def known(self, ids: Collection[HookCallId]) -> set[HookCallId]:
        """Return which of the ids are there, whatever became of the calls."""
        statement = select(_calls.c.id).where(_calls.c.id.in_(ids))
        return {row.id for row in await self._db.rows(statement)}

    async def counts(self) -> Mapping[tuple[HookId, CallState], int]:
        """Return how many calls of each hook stand where."""
        statement = select(_calls.c.hook_id, _calls.c.state, func.count().label("many")).group_by(
            _calls.c.hook_id, _calls.c.state
        )
        return {(row.hook_id, row.state): row.many for row in await self._db.rows(statement)}

    async def give_up(self, hook_id: HookId, *, at: datetime) -> int:
        """Give up every call of a hook that still waits; return how many."""
        statement = (
            update(_calls)
            .where(_calls.c.hook_id == hook_id, _calls.c.state == CallState.WAITING)
            .values(state=CallState.GIVEN_UP, body=_WIPED, done_at=at)
        )
        return await self._db.count(statement)

    async def forget_before(self, at: datetime) -> int:
        """Forget calls that were done or given up before; return how many."""
        return await self._db.count(delete(_calls).where(_calls.c.done_at < at))
