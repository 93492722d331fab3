"""What of the queue somebody wants to see, and where in it they are. Knows no content."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.core.ids import OfficerId, TipId, UnitId
from bot.core.tips import Tip, TipCategory, TipState


@dataclass(frozen=True, slots=True, kw_only=True)
class TipSight:
    """Whose tips somebody may know of: those of `unit_ids`.

    Of tips about an officer only those filed under `own`: a unit sees its own, nobody above or
    beside it learns that they exist.
    """

    unit_ids: frozenset[UnitId]
    own: UnitId

    def shows(self, tip: Tip) -> bool:
        """Tell whether the tip may be known of."""
        if tip.is_about_officer:
            return tip.unit_id == self.own
        return tip.unit_id in self.unit_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class TipFilter:
    """Which tips are wanted; what is left empty does not matter."""

    states: frozenset[TipState] = frozenset()
    category: TipCategory | None = None
    unit_ids: frozenset[UnitId] = frozenset()
    is_urgent: bool = False
    # Nobody has opened it, or its sender has said something since.
    is_unread: bool = False
    is_overdue: bool = False
    is_unclaimed: bool = False
    claimed_by: OfficerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TipPlace:
    """A place in the queue: that of the last tip on a page."""

    is_urgent: bool
    received_at: datetime
    tip_id: TipId

    @classmethod
    def of(cls, tip: Tip) -> "TipPlace":
        """Return the place of a tip."""
        return cls(is_urgent=tip.is_urgent, received_at=tip.received_at, tip_id=tip.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """A way to look at the queue that an officer gave a name; `query` as the page spells it."""

    officer_id: OfficerId
    name: str = field(repr=False)
    query: str
