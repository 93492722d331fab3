"""What waits for browsers of the web channel."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy import insert as plain_insert

from bot.core.ids import ConversationKey
from bot.core.storage import Letter
from bot.storage import tables
from bot.storage.statements import Statements, insert, noun_of

_letters = tables.letters
_mailboxes = tables.mailboxes


class SqlMailboxes:
    """Letters, numbered within their mailbox from 1; a number is never given twice."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def put(
        self, mailbox: ConversationKey, sealed: bytes, *, is_secret: bool, at: datetime
    ) -> int:
        """Store a letter; return its number.

        The counter's row is held until this unit of work ends, so that no letter becomes visible
        before one with a lower number.
        """
        counted = (
            insert(self._db, _mailboxes)
            .on_conflict_do_update(
                index_elements=["mailbox"], set_={"last_number": _mailboxes.c.last_number + 1}
            )
            .returning(_mailboxes.c.last_number)
        )
        rows = await self._db.rows(counted, {"mailbox": mailbox, "last_number": 1})
        number = int(rows[0].last_number)
        row = {
            "mailbox": mailbox,
            "number": number,
            "sealed": sealed,
            "is_secret": is_secret,
            "put_at": at,
        }
        await self._db.count(plain_insert(_letters), row)
        return number

    async def after(
        self, mailbox: ConversationKey, number: int, *, limit: int = 100
    ) -> list[Letter]:
        """Return letters with a higher number, in order."""
        statement = (
            select(_letters.c.number, _letters.c.sealed, _letters.c.put_at)
            .where(_letters.c.mailbox == mailbox, _letters.c.number > number)
            .order_by(_letters.c.number)
            .limit(limit)
        )
        return [noun_of(Letter, row) for row in await self._db.rows(statement)]

    async def wipe_secrets(self, mailbox: ConversationKey, up_to: int) -> None:
        """Remove secret letters the browser says it has shown."""
        await self._db.count(
            delete(_letters).where(
                _letters.c.mailbox == mailbox, _letters.c.number <= up_to, _letters.c.is_secret
            )
        )

    async def remove(self, mailbox: ConversationKey) -> None:
        """Remove the mailbox with everything in it."""
        await self._db.count(delete(_letters).where(_letters.c.mailbox == mailbox))
        await self._db.count(delete(_mailboxes).where(_mailboxes.c.mailbox == mailbox))

    async def forget_before(self, at: datetime) -> int:
        """Remove letters put before; return how many. Counting goes on where it was."""
        return await self._db.count(delete(_letters).where(_letters.c.put_at < at))
