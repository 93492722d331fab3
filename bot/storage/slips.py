"""Notes kept for a while: used once, or read until their hour has passed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, delete, select

from bot.core.slips import Slip, SlipKind
from bot.storage import tables
from bot.storage.statements import Statements, first_noun, insert, noun_of, upsert, values_of

_slips = tables.slips
# Built once: every message runs it twice, and building it takes longer.
_GETTING: Final = select(_slips).where(
    _slips.c.kind == bindparam("of_kind"),
    _slips.c.key == bindparam("of_key"),
    _slips.c.until > bindparam("now"),
)


class SqlSlips:
    """Notes kept for a while."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def put(self, slip: Slip) -> None:
        """Keep it; one with the same kind and key is replaced."""
        await self.put_many([slip])

    async def put_many(self, slips: Sequence[Slip]) -> None:
        """Keep them all."""
        if slips:
            statement = upsert(self._db, _slips, keys=("kind", "key"))
            await self._db.count(statement, [values_of(slip) for slip in slips])

    async def claim(self, slip: Slip, *, now: datetime) -> bool:
        """Keep it unless one with the same kind and key still stands; tell whether it was kept."""
        fresh = insert(self._db, _slips)
        statement = fresh.on_conflict_do_update(
            index_elements=["kind", "key"],
            set_={name: fresh.excluded[name] for name in ("holder", "body", "until")},
            where=_slips.c.until <= now,
        ).returning(_slips.c.key)
        return bool(await self._db.rows(statement, values_of(slip)))

    async def get(self, kind: SlipKind, key: str, *, now: datetime) -> Slip | None:
        """Return it unless it has run out."""
        asked = {"of_kind": kind, "of_key": key, "now": now}
        return first_noun(Slip, await self._db.rows(_GETTING, asked))

    async def take(self, kind: SlipKind, key: str, *, now: datetime) -> Slip | None:
        """Return it unless it has run out, and remove it, so that nobody gets it again."""
        statement = delete(_slips).where(_named(kind, key)).returning(*_slips.c)
        slip = first_noun(Slip, await self._db.rows(statement))
        return slip if slip is not None and slip.until > now else None

    async def of_holder(self, kind: SlipKind, holder: str, *, now: datetime) -> list[Slip]:
        """Return what has this holder, the first to run out first."""
        statement = (
            select(_slips)
            .where(_held(kind, holder), _slips.c.until > now)
            .order_by(_slips.c.until, _slips.c.key)
        )
        return [noun_of(Slip, row) for row in await self._db.rows(statement)]

    async def remove(self, kind: SlipKind, key: str) -> None:
        """Forget it."""
        await self._db.count(delete(_slips).where(_named(kind, key)))

    async def remove_of(self, kind: SlipKind, holder: str) -> int:
        """Forget everything of a holder; return how many."""
        return await self._db.count(delete(_slips).where(_held(kind, holder)))

    async def forget_before(self, at: datetime) -> int:
        """Forget what had run out by then; return how many."""
        return await self._db.count(delete(_slips).where(_slips.c.until < at))


def _named(kind: SlipKind, key: str) -> ColumnElement[bool]:
    return and_(_slips.c.kind == kind, _slips.c.key == key)


def _held(kind: SlipKind, holder: str) -> ColumnElement[bool]:
    return and_(_slips.c.kind == kind, _slips.c.holder == holder)
