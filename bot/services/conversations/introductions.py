"""Who was told that a program answers them, so that they are told once (Luật 134/2025 Điều 11).

Of a conversation only the year is kept in which it was told, under its pseudonym; one in which
nothing but a tip was written has no such note.
"""

from datetime import UTC, datetime
from typing import Final

from bot.core.ids import ConversationKey
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Work

# The law wants people to know; after some years it may be somebody else's phone.
_YEARS: Final = 3


async def is_introduced(work: Work, conversation: ConversationKey, *, now: datetime) -> bool:
    """Tell whether the conversation was told already."""
    return await work.slips.get(SlipKind.INTRODUCED, conversation, now=now) is not None


async def note_introduced(work: Work, conversation: ConversationKey, *, now: datetime) -> None:
    """Note that it is told now."""
    until = datetime(now.year + _YEARS, 1, 1, tzinfo=UTC)
    await work.slips.put(Slip(kind=SlipKind.INTRODUCED, key=conversation, until=until))
