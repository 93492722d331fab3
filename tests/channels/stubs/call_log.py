"""How often each method was called, and waiting for the next call without polling."""

import asyncio
from collections import Counter


class CallLog(Counter[str]):
    """Counts requests as they arrive, before they are answered."""

    def __init__(self) -> None:
        super().__init__()
        self._arrived = asyncio.Event()

    def note(self, method: str) -> None:
        """Count one request."""
        self[method] += 1
        told, self._arrived = self._arrived, asyncio.Event()
        told.set()

    async def wait_for(self, method: str, count: int, *, timeout_s: float = 5.0) -> None:
        """Return when `method` was called `count` times; TimeoutError after `timeout_s`."""
        async with asyncio.timeout(timeout_s):
            while self[method] < count:
                await self._arrived.wait()
