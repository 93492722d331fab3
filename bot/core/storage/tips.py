"""The port of the database: tips, their sealed records, their wrapped keys."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.ids import (
    KeyHolderId,
    OfficerId,
    TipId,
    UnitId,
)
from bot.core.tip_queue import SavedFilter, TipFilter, TipPlace, TipSight
from bot.core.tips import RecordKind, Tip, TipRecord, TipState, WrappedKey


class Tips(Protocol):
    """Tips, their sealed records, their wrapped keys."""

    async def add(
        self, tip: Tip, records: Sequence[TipRecord], keys: Sequence[WrappedKey]
    ) -> None:
        """Store a new tip. Raise `LocatorTaken` if its locator is."""
        ...

    async def save(self, tip: Tip) -> None: ...
    async def get(self, tip_id: TipId) -> Tip: ...
    async def by_locator(self, locator: str) -> Tip | None: ...
    async def by_reference(self, reference: str) -> Tip | None: ...
    async def doubles_of(self, tip_id: TipId) -> list[Tip]:
        """Return the tips that were merged into this one, by reference."""
        ...

    async def queue(
        self,
        sight: TipSight,
        *,
        now: datetime,
        wanted: TipFilter,
        after: TipPlace | None = None,
        limit: int = 50,
    ) -> list[Tip]:
        """Return visible tips behind a place: urgent first, then oldest."""
        ...

    async def counts(self, sight: TipSight, *, now: datetime, most: int) -> Mapping[TipState, int]:
        """Return how many visible tips stand in each state, counting to `most` and no further."""
        ...

    async def undecided_before(
        self, received: datetime, *, after: TipId | None, limit: int
    ) -> list[Tip]:
        """Return visible tips received before then that are not decided, by id."""
        ...

    async def shown_between(
        self, since: datetime, until: datetime, *, about_officers: bool = False
    ) -> list[Tip]:
        """Return the tips the queue began to show from `since` to `until`, by id.

        Either those about officers, which are told to their own unit only, or the others.
        """
        ...

    async def with_news(self, limit: int) -> list[Tip]:
        """Return tips whose senders said something that no officer has opened, by id."""
        ...

    async def add_record(self, record: TipRecord) -> None: ...
    async def next_sequence(self, tip_id: TipId) -> int:
        """Return the number of the tip's next record; `get` the tip first, which locks it."""
        ...

    async def records(
        self, tip_id: TipId, *, kinds: Collection[RecordKind] = ()
    ) -> list[TipRecord]:
        """Return the tip's records in order; no `kinds` means all of them."""
        ...

    async def routed(self, unit_ids: Collection[UnitId], *, limit: int) -> list[Tip]:
        """Return tips whose senders may answer in the chat, the last moved first."""
        ...

    async def sealed_for(self, sight: TipSight) -> frozenset[UnitId]:
        """Return the units that tips in sight were written to, if to others than now have them.

        What their senders answer still waits there.
        """
        ...

    async def remove(self, tip_id: TipId) -> None:
        """Forget a tip: wrapped keys, records, row."""
        ...

    async def key_for(self, tip_id: TipId, holder_id: KeyHolderId) -> WrappedKey | None: ...
    async def keys_of(self, holder_id: KeyHolderId) -> list[WrappedKey]: ...
    async def holders_of(self, tip_id: TipId) -> frozenset[KeyHolderId]:
        """Return to whom the tip's key is sealed."""
        ...

    async def add_keys(self, keys: Sequence[WrappedKey]) -> None: ...
    async def remove_keys(self, tip_id: TipId, holder_ids: Collection[KeyHolderId]) -> None: ...
    async def save_filter(self, saved: SavedFilter) -> None: ...
    async def saved_filters(self, officer_id: OfficerId) -> list[SavedFilter]:
        """Return an officer's own filters, by name."""
        ...

    async def remove_filter(self, officer_id: OfficerId, name: str) -> None: ...
    async def note_try(self, locator: str, at: datetime) -> None: ...
    async def tries_since(self, locator: str, since: datetime) -> int: ...
    async def forget_tries(self, locator: str) -> None: ...
    async def forget_tries_before(self, at: datetime) -> int: ...
