"""The real time and real chance: the one place that asks the machine for either."""

import asyncio
import secrets
import time
from datetime import UTC, datetime


class RealClock:
    """The machine's clock. Fits `bot.core.time.Clock`."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await asyncio.sleep(seconds)


class RealChance:
    """The operating system's chance. Fits `bot.core.time.Chance`."""

    def token(self, size_bytes: int) -> bytes:
        """Return `size_bytes` random bytes."""
        return secrets.token_bytes(size_bytes)

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to `limit` - 1."""
        return secrets.randbelow(limit)
