"""Who is answered next, when very many send a tip at the same moment.

With everybody at once nobody is done before the last; so a few are let in at a time, in the
order they came. Whoever need not or did solve the task of a flood stands in a line of their own,
which is not made longer by those who only flood. Of the others, whom a flood makes many, the
newest and the oldest take turns: who comes now is soon told of the task, and nobody is forgotten.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

# So many of the first line go before one of the second: nobody waits for ever.
FIRST_OF_ALL: Final = 3


class TwoLines:
    """Lets `most` in at a time."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._first: deque[asyncio.Future[None]] = deque()
        self._second: deque[asyncio.Future[None]] = deque()
        self._went_before = 0
        self._is_newest_next = True

    @asynccontextmanager
    async def turn(self, *, first: Callable[[], bool]) -> AsyncIterator[None]:
        """Wait for a turn, in the first line if `first` says so, and have it until the end.

        It is asked again when the turn comes: those who stood before may have been so many that
        whoever has done nothing for it must now stand behind those who did.
        """
        goes_first = first()
        await self._wait(self._first if goes_first else self._second)
        if goes_first and not first():
            self._pass_on()
            await self._wait(self._second)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, line: deque[asyncio.Future[None]]) -> None:
        if self._free:
            self._free -= 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                # The turn was given to us in the moment we were cancelled.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        is_second_due = self._went_before >= FIRST_OF_ALL
        lines = (self._second, self._first) if is_second_due else (self._first, self._second)
        for line in lines:
            while line:
                place = self._taken_from(line)
                if not place.done():
                    self._went_before = self._went_before + 1 if line is self._first else 0
                    place.set_result(None)
                    return
        self._free += 1

    def _taken_from(self, line: deque[asyncio.Future[None]]) -> asyncio.Future[None]:
        if line is self._first:
            return line.popleft()
        self._is_newest_next = not self._is_newest_next
        return line.popleft() if self._is_newest_next else line.pop()
