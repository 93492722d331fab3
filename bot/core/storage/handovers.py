"""The port of the database: conversations handed over to people."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.deliveries import DeliveryState
from bot.core.handovers import Handover, HandoverState, HandoverWord
from bot.core.ids import DeliveryId, HandoverId, UnitId
from bot.core.sending import Reason


class Handovers(Protocol):
    """Conversations handed over, and what was said there.

    The side of officers never reads `chat` (a keyed pseudonym of the conversation) or `way` (the
    sealed address); every method that does says so.
    """

    async def add(self, handover: Handover, *, chat: str, way: bytes) -> None:
        """Keep a new one. Raise `StorageTrouble` if one of that chat is open already."""
        ...

    async def save(self, handover: Handover) -> None:
        """Replace what both sides know of it."""
        ...

    async def get(self, handover_id: HandoverId) -> Handover: ...
    async def of_units(
        self, unit_ids: Collection[UnitId], states: Collection[HandoverState], *, limit: int
    ) -> list[Handover]:
        """Return those of the units in these states, the longest asked first."""
        ...

    async def count(self, unit_ids: Collection[UnitId]) -> int:
        """Return how many of the units nobody has taken, or hold words nobody looked at."""
        ...

    async def open_before(self, at: datetime, *, limit: int) -> list[Handover]:
        """Return open ones whose last word was said before `at`, the longest silent first."""
        ...

    async def add_word(self, word: HandoverWord) -> None: ...
    async def words(self, handover_id: HandoverId) -> list[HandoverWord]:
        """Return what was said, in order."""
        ...

    async def open_of(self, chat: str) -> Handover | None:
        """Return the open one of a chat. For the side of residents."""
        ...

    async def has_any(self, chat: str) -> bool:
        """Tell whether any of a chat is kept, open or closed. For the side of residents."""
        ...

    async def way(self, handover_id: HandoverId) -> bytes | None:
        """Return where answers go, None once that is forgotten. For the side of residents."""
        ...

    async def save_way(self, handover_id: HandoverId, way: bytes | None) -> None:
        """Replace where answers go. For the side of residents."""
        ...

    async def remove_of(self, chat: str) -> int:
        """Forget everything of a chat; return how many. For the side of residents."""
        ...

    async def to_bring(self, *, limit: int) -> list[HandoverWord]:
        """Return words that wait to go out, oldest first; nobody else gets them meanwhile."""
        ...

    async def brought(self, word: HandoverWord, delivery_id: DeliveryId) -> None:
        """Note that a word stands in the outbox."""
        ...

    async def decided(
        self, *, limit: int
    ) -> Sequence[tuple[HandoverWord, DeliveryState, Reason | None]]:
        """Return words in the outbox whose fate is known by now; unknown if it was forgotten."""
        ...

    async def settle(
        self, word: HandoverWord, state: DeliveryState, reason: Reason | None
    ) -> None:
        """Note what became of a word."""
        ...

    async def forget_before(self, at: datetime) -> int:
        """Forget words said before then and closed handovers that have none; return how many."""
        ...

    async def forget_ways(self) -> int:
        """Forget where answers go of closed ones of which nothing is to go out any more."""
        ...
