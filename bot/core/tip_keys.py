"""The keys of tips as they were sealed to holders: who has which, who lacks some. A port."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.ids import KeyHolderId, OfficerId, TipId
from bot.core.tip_queue import TipSight
from bot.core.tips import WrappedKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The tips that all of these may know of, and the queue shows at a moment.

    What the queue does not show yet is not counted either: a number must not betray that
    something arrived just now. None for `now` leaves that out.
    """

    sights: tuple[TipSight, ...]
    now: datetime | None


class TipKeys(Protocol):
    """Wrapped keys, many at a time."""

    async def missing(self, holder_id: KeyHolderId, among: Shown) -> int:
        """Return how many of these tips are not sealed to the holder."""
        ...

    async def held(self, among: Shown) -> Mapping[KeyHolderId, int]:
        """Return how many of these tips are sealed to each holder that has any."""
        ...

    async def giveable(
        self, giver: KeyHolderId, taker: KeyHolderId, among: Shown | None = None
    ) -> int:
        """Return how many tips the giver can open and the taker cannot."""
        ...

    async def next_giveable(
        self,
        giver: KeyHolderId,
        taker: KeyHolderId,
        among: Shown | None = None,
        *,
        limit: int,
    ) -> list[WrappedKey]:
        """Return the giver's keys of some of those tips, by the tips' ids."""
        ...

    async def only_held_by(self, holder_id: KeyHolderId, *, with_paper: bool) -> int:
        """Return how many tips no other officer's living key opens.

        `with_paper` says whether a recovery key counts as another one.
        """
        ...

    async def kept_still(self, tip_ids: Collection[TipId]) -> frozenset[TipId]:
        """Return which tips are still there, and keep those until the transaction ends."""
        ...

    async def remove_of(self, holder_id: KeyHolderId) -> int:
        """Forget every key sealed to the holder; return how many."""
        ...

    async def free_claims(self, officer_id: OfficerId) -> int:
        """Give back what the officer had taken on and not closed; return how many tips."""
        ...
