"""Seeing to it that nobody who holds the database can tell what was written together.

A tip and the way back to its sender are kept in one transaction, or one could be lost without
the other. Once an hour everything that came is written anew, in the order of random numbers.
"""

from datetime import UTC, datetime
from typing import Final

from bot.core.shuffling import Shuffled
from bot.core.storage import Storage
from bot.core.time import Clock

_SINCE: Final = "tips.shuffled"
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class TipShuffling:
    """Use cases of the clock about the order of rows."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def shuffle(self) -> None:
        """Write anew what came since the hour of the last time, and every way to a chat.

        Cut off anywhere, nothing is lost, and the next run does all of it.
        """
        hour = self._clock.now().replace(minute=0, second=0, microsecond=0)
        async with self._storage.read() as work:
            kept = await work.settings.get(_SINCE)
        since = datetime.fromisoformat(kept) if kept else _EVER
        for what in Shuffled:
            await self._shuffle(what, since)
        async with self._storage.begin() as work:
            await work.settings.put(_SINCE, hour.isoformat())
            await work.commit()

    async def _shuffle(self, what: Shuffled, since: datetime) -> None:
        after = ""
        while True:
            async with self._storage.begin() as work:
                after = await work.shuffling.shuffle(what, since=since, after=after)
                await work.commit()
            if not after:
                return
