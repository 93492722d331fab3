"""Time and chance as arguments. The real ones live in `bot.clock`, the tests' in `tests.fakes`."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, for measuring how long something takes."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class Chance(Protocol):
    """Gives what nobody can guess."""

    def token(self, size_bytes: int) -> bytes:
        """Return `size_bytes` random bytes."""
        ...

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to `limit` - 1, all equally likely."""
        ...
