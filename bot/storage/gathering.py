"""Gathers arrivals of many callers into one commit.

While one batch is being written the next collects. Whoever finds nobody writing writes for all
who wait; the others find their answer ready. No task of its own, so nothing to stop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.inbox import Arrival

_CALLERS_PER_BATCH: Final = 256


@dataclass(slots=True)
class _Caller:
    arrivals: Sequence[Arrival]
    new: int | None = None
    error: Exception | None = None


class Gathering:
    """Writes arrivals in batches."""

    def __init__(
        self, write: Callable[[Sequence[Sequence[Arrival]]], Awaitable[Sequence[int]]]
    ) -> None:
        """Write by `write`, which stores every caller's arrivals durably and counts the new."""
        self._write = write
        self._waiting: list[_Caller] = []
        self._is_writing = asyncio.Lock()

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        """Return how many of `arrivals` were new, once they are on the disk.

        A caller that is cancelled may have its arrivals stored all the same.
        """
        own = _Caller(arrivals)
        self._waiting.append(own)
        try:
            async with self._is_writing:
                if own.new is None and own.error is None:
                    await self._write_batch(own)
        except asyncio.CancelledError:
            if own in self._waiting:
                self._waiting.remove(own)
            raise
        if own.error is not None:
            raise own.error
        return own.new or 0

    async def _write_batch(self, own: _Caller) -> None:
        batch = self._waiting[:_CALLERS_PER_BATCH]
        del self._waiting[:_CALLERS_PER_BATCH]
        try:
            counts = await self._write([caller.arrivals for caller in batch])
        except asyncio.CancelledError:
            # The others must not lose theirs because the one who wrote for them went away.
            self._waiting[:0] = [caller for caller in batch if caller is not own]
            raise
        except Exception as error:  # noqa: BLE001  # handed to every caller of the batch
            for caller in batch:
                caller.error = error
        else:
            for caller, new in zip(batch, counts, strict=True):
                caller.new = new
