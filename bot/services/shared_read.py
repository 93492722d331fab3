"""One look at the database for everybody who wants to see the same thing at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_Seen = TypeVar("_Seen")


class SharedRead(Generic[_Seen]):
    """Gives what `read` returns, as it is after the call.

    Whoever comes while a look is under way waits for the next one, together with all who came
    meanwhile: a look that began earlier might have missed what the caller has just written.
    """

    def __init__(self, read: Callable[[], Awaitable[_Seen]]) -> None:
        self._read = read
        self._next: asyncio.Future[_Seen] | None = None
        self._turn = asyncio.Lock()

    async def __call__(self) -> _Seen:
        """Return what is seen by a look that begins now or later; raise what `read` raises."""
        mine = self._next
        if mine is None:
            mine = self._next = asyncio.get_running_loop().create_future()
            return await self._look(mine)
        try:
            return await asyncio.shield(mine)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not mine.cancelled() or (task is not None and task.cancelling()):
                raise
        # Whoever was to look for us gave up.
        return await self()

    async def _look(self, mine: "asyncio.Future[_Seen]") -> _Seen:
        try:
            async with self._turn:
                self._next = None
                seen = await self._read()
        except BaseException as error:
            self._give_up(mine, error)
            raise
        mine.set_result(seen)
        return seen

    def _give_up(self, mine: "asyncio.Future[_Seen]", error: BaseException) -> None:
        if self._next is mine:
            self._next = None
        if isinstance(error, Exception):
            mine.set_exception(error)
            # Nobody else may be waiting, and then nobody would ask for it.
            mine.exception()
        else:
            mine.cancel()
