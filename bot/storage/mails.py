"""Addresses officers confirmed, and letters on their way to them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update

from bot.core.ids import OfficerId
from bot.core.mails import OfficerMail, WaitingMail
from bot.storage import tables
from bot.storage.statements import Statements, first_noun, insert, noun_of, upsert, values_of

_addresses = tables.officer_mails
_mails = tables.mails


class SqlMails:
    """Fits `bot.core.mails.Mails`."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save_address(self, address: OfficerMail) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _addresses), values_of(address))

    async def addresses(self, officer_ids: Collection[OfficerId]) -> list[OfficerMail]:
        """Return their addresses, oldest first."""
        statement = (
            select(_addresses)
            .where(_addresses.c.officer_id.in_(officer_ids))
            .order_by(_addresses.c.added_at, _addresses.c.id)
        )
        return [noun_of(OfficerMail, row) for row in await self._db.rows(statement)]

    async def address(self, address_id: str) -> OfficerMail | None:
        """Return the address of that id."""
        statement = select(_addresses).where(_addresses.c.id == address_id)
        return first_noun(OfficerMail, await self._db.rows(statement))

    async def remove_address(self, address_id: str) -> None:
        """Forget the address and what waits for it."""
        await self._db.count(delete(_mails).where(_mails.c.to_id == address_id))
        await self._db.count(delete(_addresses).where(_addresses.c.id == address_id))

    async def forget_unconfirmed_before(self, at: datetime) -> int:
        """Forget addresses named before `at` that nobody confirmed; return how many."""
        old = select(_addresses.c.id).where(
            _addresses.c.confirmed_at.is_(None), _addresses.c.added_at < at
        )
        await self._db.count(delete(_mails).where(_mails.c.to_id.in_(old)))
        return await self._db.count(delete(_addresses).where(_addresses.c.id.in_(old)))

    async def add(self, mails: Sequence[WaitingMail]) -> None:
        """Store letters to be handed over."""
        if mails:
            await self._db.count(insert(self._db, _mails), [values_of(mail) for mail in mails])

    async def claim(
        self, limit: int, *, now: datetime, lease_until: datetime
    ) -> list[WaitingMail]:
        """Take the earliest due letters; nobody else gets them before the lease runs out."""
        due = (
            select(_mails.c.id)
            .where(_mails.c.not_before <= now)
            .order_by(_mails.c.not_before, _mails.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            # Named apart, the search runs once; PostgreSQL might otherwise repeat it.
            .cte("due")
        )
        statement = (
            update(_mails)
            .where(_mails.c.id.in_(select(due.c.id)))
            .values(not_before=lease_until, attempts=_mails.c.attempts + 1)
            .returning(*_mails.c)
        )
        claimed = [noun_of(WaitingMail, row) for row in await self._db.rows(statement)]
        return sorted(claimed, key=lambda mail: mail.id)

    async def save(self, mail: WaitingMail) -> None:
        """Replace a letter; one that was removed meanwhile stays away."""
        values = values_of(mail)
        statement = update(_mails).where(_mails.c.id == bindparam("of_mail"))
        await self._db.count(statement, {"of_mail": values.pop("id"), **values})

    async def remove(self, mail_id: str) -> None:
        """Forget a letter."""
        await self._db.count(delete(_mails).where(_mails.c.id == mail_id))

    async def waiting(self) -> int:
        """Return how many letters wait."""
        return int((await self._db.rows(select(func.count()).select_from(_mails)))[0][0])
