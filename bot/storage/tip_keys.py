"""The keys of tips as they were sealed to holders. Nothing here opens anything."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, update
from sqlalchemy.sql.expression import FromClause

from bot.core.ids import KeyHolderId, OfficerId, TipId
from bot.core.officers import HolderKind
from bot.core.tip_keys import Shown
from bot.core.tips import CLOSED_STATES, WrappedKey
from bot.storage import tables
from bot.storage.statements import Statements, kept_still, noun_of
from bot.storage.tips import known_of

_keys = tables.tip_keys
_tips = tables.tips


class SqlTipKeys:
    """Wrapped keys, many at a time."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def missing(self, holder_id: KeyHolderId, among: Shown) -> int:
        """Return how many of these tips are not sealed to the holder."""
        statement = (
            select(func.count())
            .select_from(_tips)
            .where(*_shown(among), ~_has_key(_tips, "id", holder_id))
        )
        return await self._number(statement)

    async def held(self, among: Shown) -> Mapping[KeyHolderId, int]:
        """Return how many of these tips are sealed to each holder that has any."""
        statement = (
            select(_keys.c.holder_id, func.count().label("many"))
            .join(_tips, _tips.c.id == _keys.c.tip_id)
            .where(*_shown(among))
            .group_by(_keys.c.holder_id)
        )
        return {row.holder_id: row.many for row in await self._db.rows(statement)}

    async def giveable(
        self, giver: KeyHolderId, taker: KeyHolderId, among: Shown | None = None
    ) -> int:
        """Return how many tips the giver can open and the taker cannot."""
        rows = _giveable(giver, taker, among).subquery()
        return await self._number(select(func.count()).select_from(rows))

    async def next_giveable(
        self,
        giver: KeyHolderId,
        taker: KeyHolderId,
        among: Shown | None = None,
        *,
        limit: int,
    ) -> list[WrappedKey]:
        """Return the giver's keys of some of those tips, by the tips' ids."""
        statement = _giveable(giver, taker, among).order_by(_keys.c.tip_id).limit(limit)
        return [noun_of(WrappedKey, row) for row in await self._db.rows(statement)]

    async def only_held_by(self, holder_id: KeyHolderId, *, with_paper: bool) -> int:
        """Return how many tips no other officer's living key opens.

        `with_paper` says whether a recovery key counts as another one.
        """
        other, holders = _keys.alias("other"), tables.key_holders
        kinds = set(HolderKind) if with_paper else {HolderKind.OFFICER}
        opened_by_others = exists(
            select(other.c.tip_id)
            .join(holders, holders.c.id == other.c.holder_id)
            .where(
                other.c.tip_id == _keys.c.tip_id,
                other.c.holder_id != holder_id,
                holders.c.kind.in_(kinds),
                holders.c.retired_at.is_(None),
            )
        )
        statement = (
            select(func.count())
            .select_from(_keys)
            .where(_keys.c.holder_id == holder_id, ~opened_by_others)
        )
        return await self._number(statement)

    async def kept_still(self, tip_ids: Collection[TipId]) -> frozenset[TipId]:
        """Return which tips are still there, and keep those until the transaction ends."""
        statement = select(_tips.c.id).where(_tips.c.id.in_(tip_ids)).order_by(_tips.c.id)
        rows = await self._db.rows(kept_still(self._db, statement))
        return frozenset(TipId(row.id) for row in rows)

    async def remove_of(self, holder_id: KeyHolderId) -> int:
        """Forget every key sealed to the holder; return how many."""
        return await self._db.count(delete(_keys).where(_keys.c.holder_id == holder_id))

    async def free_claims(self, officer_id: OfficerId) -> int:
        """Give back what the officer had taken on and not closed; return how many tips."""
        statement = (
            update(_tips)
            .where(_tips.c.claimed_by == officer_id, _tips.c.state.not_in(CLOSED_STATES))
            # Whoever looks at one of them must not save over this unseen.
            .values(claimed_by=None, version=_tips.c.version + 1)
        )
        return await self._db.count(statement)

    async def _number(self, statement: Select[int]) -> int:
        return int((await self._db.rows(statement))[0][0])


def _shown(among: Shown) -> list[ColumnElement[bool]]:
    seen = [one for sight in among.sights for one in known_of(sight)]
    return seen if among.now is None else [*seen, _tips.c.visible_at <= among.now]


def _has_key(of: FromClause, column: str, holder_id: KeyHolderId) -> ColumnElement[bool]:
    own = _keys.alias("own")
    return exists(
        select(own.c.tip_id).where(own.c.tip_id == of.c[column], own.c.holder_id == holder_id)
    )


def _giveable(giver: KeyHolderId, taker: KeyHolderId, among: Shown | None) -> Select[Any]:
    statement = select(_keys).where(_keys.c.holder_id == giver, ~_has_key(_keys, "tip_id", taker))
    if among is None:
        return statement
    return statement.join(_tips, _tips.c.id == _keys.c.tip_id).where(*_shown(among))
