"""Accounts on platforms."""

from typing import Final

from sqlalchemy import bindparam, select

from bot.core.channels import AccountState, ChannelAccount
from bot.core.errors import NotFound
from bot.core.ids import ChannelId
from bot.storage import tables
from bot.storage.statements import Statements, first_noun, kept_still, noun_of, upsert, values_of

# Built once: every message runs it, and building it takes longer.
_GETTING: Final = select(tables.channels).where(tables.channels.c.id == bindparam("of"))


class SqlChannelAccounts:
    """Accounts on platforms; removed ones stay, for what was sent through them."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, account: ChannelAccount) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, tables.channels), values_of(account))

    async def get(self, channel_id: ChannelId) -> ChannelAccount:
        """Return the account, also a removed one. Raise `NotFound`."""
        found = await self._db.rows(kept_still(self._db, _GETTING), {"of": channel_id})
        account = first_noun(ChannelAccount, found)
        if account is None:
            raise NotFound(f"channel {channel_id}")
        return account

    async def all(self) -> list[ChannelAccount]:
        """Return every account that was not removed, oldest first."""
        table = tables.channels
        statement = (
            select(table)
            .where(table.c.state != AccountState.REMOVED)
            .order_by(table.c.added_at, table.c.id)
        )
        return [noun_of(ChannelAccount, row) for row in await self._db.rows(statement)]
