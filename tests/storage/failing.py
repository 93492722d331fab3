"""A database of which nothing can be written for a while."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from bot.core.errors import StorageTrouble
from bot.core.inbox import Arrival
from bot.core.storage import Storage, Work

_T = TypeVar("_T")


class FailingStorage:
    """A database of which no commit comes through while `fails` is set."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.fails = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        async with self._storage.begin() as work:
            commit = work.commit

            async def tried() -> None:
                if self.fails:
                    raise StorageTrouble("the database is locked")
                await commit()

            work.commit = tried  # type: ignore[method-assign] # put in its place
            yield work

    def read(self) -> AbstractAsyncContextManager[Work]:
        return self._storage.read()

    async def change(self, change: Callable[[Work], Awaitable[_T]]) -> _T:
        async def tried(work: Work) -> _T:
            result = await change(work)
            if self.fails:
                raise StorageTrouble("the database is locked")
            return result

        return await self._storage.change(tried)

    async def look(self, see: Callable[[Work], Awaitable[_T]]) -> _T:
        return await self._storage.look(see)

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        return await self._storage.accept(arrivals)
