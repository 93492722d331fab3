"""Wake-up calls within a process.

The database is the truth: a call that is lost costs only the time until the next look.
"""

import asyncio


class Bell:
    """Rung when there may be work; waited for by the one who does it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake the waiting one, now or at its next wait."""
        self._event.set()

    async def wait(self, at_most_s: float) -> bool:
        """Wait until rung or `at_most_s` passed; tell whether it was rung."""
        try:
            async with asyncio.timeout(max(at_most_s, 0)):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True

    def take(self) -> bool:
        """Tell whether it was rung since the last time, without waiting."""
        was_rung = self._event.is_set()
        self._event.clear()
        return was_rung
