"""Gathers arrivals of many callers into one commit.

While one batch is being written the next collects. A caller that finds nobody writing writes
for all who wait, and when it is done lets the first of those who came meanwhile write next. No
task of its own, so nothing to stop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bot.core.inbox import Arrival

_CALLERS_PER_BATCH: Final = 256
# What a waiting caller may be told instead of a count: it is its turn to write.
_YOUR_TURN: Final = -1


class _Caller:
    __slots__ = ("answer", "arrivals", "was_tried")

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self.arrivals = arrivals
        self.was_tried = False
        self.answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()


class Gathering:
    """Writes arrivals in batches."""

    def __init__(
        self, write: Callable[[Sequence[Sequence[Arrival]]], Awaitable[Sequence[int]]]
    ) -> None:
        """Write by `write`, which stores every caller's arrivals durably and counts the new."""
        self._write = write
        self._waiting: list[_Caller] = []
        self._is_writing = False

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        """Return how many of `arrivals` were new, once they are on the disk.

        A caller that is cancelled may have its arrivals stored all the same.
        """
        own = _Caller(arrivals)
        self._waiting.append(own)
        if self._is_writing:
            told = await self._told(own)
            if told != _YOUR_TURN:
                return told
        self._is_writing = True
        try:
            return await self._write_batch(own)
        finally:
            self._pass_on()

    async def _told(self, own: _Caller) -> int:
        try:
            return await own.answer
        except asyncio.CancelledError:
            if own in self._waiting:
                self._waiting.remove(own)
            if _is_told_to_write(own):
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Let the next caller write, or note that nobody does."""
        for caller in self._waiting:
            if not caller.answer.done():
                caller.answer.set_result(_YOUR_TURN)
                return
        self._is_writing = False

    async def _write_batch(self, own: _Caller) -> int:
        batch = self._waiting[:_CALLERS_PER_BATCH]
        del self._waiting[:_CALLERS_PER_BATCH]
        others = [caller for caller in batch if caller is not own]
        try:
            counts = await self._write([caller.arrivals for caller in batch])
        except asyncio.CancelledError:
            # The others must not lose theirs because the one who wrote for them went away.
            for caller in others:
                caller.was_tried = True
            self._waiting[:0] = others
            raise
        except Exception as error:
            for caller in others:
                if not caller.answer.done():
                    caller.answer.set_exception(error)
            raise
        # A try that was cancelled may have got there and make its arrivals look old; they count
        # as new, because waking a worker for nothing is better than not waking it.
        answers = {
            caller: len(caller.arrivals) if caller.was_tried else new
            for caller, new in zip(batch, counts, strict=True)
        }
        for caller in others:
            if not caller.answer.done():
                caller.answer.set_result(answers[caller])
        return answers[own]


def _is_told_to_write(caller: _Caller) -> bool:
    answer = caller.answer
    has_result = answer.done() and not answer.cancelled() and answer.exception() is None
    return has_result and answer.result() == _YOUR_TURN
