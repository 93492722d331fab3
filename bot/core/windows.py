"""Until when a platform lets us write to somebody who wrote to us, and what it costs.

What is kept is coarse on purpose: the six hours in which somebody last wrote, so that the
record cannot be laid beside the hour of a tip.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

BLOCK: Final = timedelta(hours=6)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Window(StrEnum):
    """What it means to write to somebody now."""

    FREE = "free"
    PAID = "paid"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule:
    """How long after somebody's last word writing is free, and how long it is possible at all."""

    free_for: timedelta
    open_for: timedelta

    def window(self, wrote_at: datetime, now: datetime) -> Window:
        """Return the window of somebody who last wrote in the block that begins at `wrote_at`.

        In doubt it is dearer, but never closed: the platform itself may still say no.
        """
        if now < wrote_at + self.free_for:
            return Window.FREE
        return Window.PAID if wrote_at >= self.closed_before(now) else Window.CLOSED

    def closed_before(self, now: datetime) -> datetime:
        """Return the block before which somebody's window is certainly closed."""
        return now - self.open_for - BLOCK

    def free_from(self, now: datetime) -> datetime:
        """Return the first block after whose beginning writing is certainly free."""
        return now - self.free_for


def block_of(at: datetime) -> datetime:
    """Return the beginning of the six hours that `at` lies in."""
    return at - (at - _EPOCH) % BLOCK
