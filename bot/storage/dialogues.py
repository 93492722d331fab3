"""Saved steps of conversations."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select

from bot.core.dialogues import SavedStep
from bot.core.ids import ConversationKey
from bot.storage import tables
from bot.storage.statements import Statements, first_noun, upsert, values_of

_dialogues = tables.dialogues
_of_it = _dialogues.c.conversation == bindparam("of")
# Built once: every message runs these, and building them takes longer.
_GETTING: Final = select(_dialogues).where(_of_it)
_REMOVING: Final = delete(_dialogues).where(_of_it)


class SqlDialogues:
    """Saved steps."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def get(self, conversation: ConversationKey) -> SavedStep | None:
        """Return where the conversation stands, expired or not."""
        return first_noun(SavedStep, await self._db.rows(_GETTING, {"of": conversation}))

    async def save(self, step: SavedStep) -> None:
        """Insert or replace by conversation."""
        statement = upsert(self._db, _dialogues, keys=("conversation",))
        await self._db.count(statement, values_of(step))

    async def remove(self, conversation: ConversationKey) -> None:
        """Forget the step."""
        await self._db.count(_REMOVING, {"of": conversation})

    async def forget_before(self, expired_before: datetime) -> int:
        """Forget steps that expired before; return how many."""
        return await self._db.count(
            delete(_dialogues).where(_dialogues.c.expires_at < expired_before)
        )
