"""The end of a tip: when it is forgotten, and the bare numbers that stay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.core.ids import TipId, UnitId
from bot.core.tips import Tip, TipCategory, TipState


@dataclass(frozen=True, slots=True, kw_only=True)
class TipCount:
    """How many tips of a month, a unit and a category came to stand in `state`.

    `month` is its first day. Tips that are forgotten live on in these numbers only.
    """

    month: date
    unit_id: UnitId
    category: TipCategory
    state: TipState
    many: int


class TipEnds(Protocol):
    """What forgetting needs of tips, and nothing that opens one."""

    async def undated(self, limit: int) -> Sequence[Tip]:
        """Return closed tips that have no day to be forgotten on, locked."""
        ...

    async def reopened(self, limit: int) -> Sequence[Tip]:
        """Return tips that are open again and still have that day, locked."""
        ...

    async def set_day(self, tip_id: TipId, day: date | None) -> None:
        """Say on which day a tip is to be forgotten."""
        ...

    async def due(self, today: date, limit: int) -> list[TipId]:
        """Return tips to be forgotten by now; those that are held are not among them."""
        ...

    async def remove_keys(self, tip_id: TipId) -> int:
        """Remove the wrapped keys, so that nobody can open what is left; return how many."""
        ...

    async def remove_records(self, tip_id: TipId) -> None:
        """Remove the sealed records."""
        ...

    async def remove(self, tip_id: TipId) -> Tip | None:
        """Remove the rest; return what it was, or None if it is gone already."""
        ...

    async def with_keys(self, tip_ids: Collection[TipId]) -> set[TipId]:
        """Return those that somebody could still open."""
        ...

    async def count(self, tip: Tip) -> None:
        """Add a tip that is no more to the numbers that stay."""
        ...

    async def counts(
        self, unit_ids: Collection[UnitId], *, since: date, until: date
    ) -> list[TipCount]:
        """Return the numbers of months from `since`, before `until`: forgotten tips and kept."""
        ...
