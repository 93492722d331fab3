"""A database of which nothing can be written for a while."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bot.core.errors import StorageTrouble
from bot.core.inbox import Arrival
from bot.core.storage import Storage, Work


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

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        return await self._storage.accept(arrivals)
