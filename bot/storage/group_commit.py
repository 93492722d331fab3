"""Units of work that write to SQLite take turns, and reach the disk together.

SQLite lets one writer at a time write, and a durable commit costs a flush of the disk, far more
than the few rows of a unit. So units of work line up for the turn; each writes inside a savepoint
of one open transaction, and that transaction is committed when nobody is lined up any more, or
when it holds `UNITS_PER_GROUP` units or was open for `GROUP_LIFE_S`. `commit` of a unit returns
after that flush. When the flush fails, every unit of the group learns it.

A unit of work holds the turn from its first statement to its end: awaiting something slow in
between (a platform, a password hash) holds up everybody who wants to write.

Everything that must happen is handed to the writer thread without awaiting, in order. So a task
that is cancelled while it waits leaves nothing half done: its unit is undone by the next thing in
that thread's line, and a unit already on its way to the disk gets there.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Executable, Row

from bot.core.errors import StorageTrouble
from bot.storage.disk import Disk, UnitOnDisk, Whole
from bot.storage.one_piece import Unbroken
from bot.storage.statements import Parameters
from bot.storage.troubles import trouble_of

UNITS_PER_GROUP: Final = 64
GROUP_LIFE_S: Final = 0.005
WHOLES_AT_ONCE: Final = 24
# The journal is cut once nobody has written for this long, or at the latest after the second.
_REST_S: Final = 1.0
_NO_REST_S: Final = 30.0
_CLOSED: Final = "The database was closed"
_T = TypeVar("_T")


class UnitOfWork:
    """Statements of one unit of work, and its end."""

    is_postgres: Final = False

    def __init__(self, writer: "GroupCommit") -> None:
        """Belong to `writer`; made by `GroupCommit.unit` only."""
        self._writer = writer
        self.on_disk = UnitOnDisk()
        self.has_turn = False
        self.is_over = False
        self.flushed: asyncio.Future[None] | None = None

    async def rows(
        self, statement: Executable, parameters: Parameters = None
    ) -> Sequence[Row[Any]]:
        """Run `statement` and return its rows."""
        return (await self._run(statement, parameters))[0]

    async def count(self, statement: Executable, parameters: Parameters = None) -> int:
        """Run `statement` and return how many rows it touched."""
        return (await self._run(statement, parameters))[1]

    async def _run(
        self, statement: Executable, parameters: Parameters
    ) -> tuple[Sequence[Row[Any]], int]:
        await self._take_turn()
        disk = self._writer.disk
        return await self._writer.in_thread(
            lambda: disk.execute(self.on_disk, statement, parameters)
        )

    async def whole(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Return what `work` returns, once what it wrote is on the disk, and end the unit.

        It may wait for nothing but statements of `unbroken`. Raises what `work` raises, or
        `StorageTrouble`; then nothing is stored.
        """
        if self.is_over or self.has_turn:
            raise RuntimeError("a whole unit of work is begun and ended in one piece")
        self.is_over = True
        result: _T = await self._writer.whole(Whole(self.on_disk, work))
        return result

    @property
    def unbroken(self) -> Unbroken:
        """Statements of this unit for `whole`."""
        return Unbroken(partial(self._writer.disk.execute, self.on_disk))

    async def _take_turn(self) -> None:
        if self.is_over:
            raise RuntimeError("this unit of work was committed or left")
        if not self.has_turn:
            await self._writer.take_turn()
            self.has_turn = True

    async def commit(self) -> None:
        """Return once what was written is on the disk. Raise `StorageTrouble`."""
        if self.is_over:
            raise RuntimeError("this unit of work was committed or left")
        self.is_over = True
        if self.has_turn:
            await self._writer.keep(self)

    def leave(self) -> None:
        """Forget what was not committed."""
        if not self.is_over and self.has_turn:
            self._writer.undo(self)
        self.is_over = True


class GroupCommit:
    """The line of those who want to write, and the thread that writes."""

    def __init__(self, path: Path) -> None:
        """Write to the database file at `path`; `open` connects."""
        self.disk = Disk(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="binhyen-sqlite")
        self._line: deque[asyncio.Future[None]] = deque()
        self._is_taken = False
        self._is_closed = False
        self._kept: list[UnitOfWork] = []
        self._units_in_group = 0
        self._group_since = 0.0
        self._rest: asyncio.TimerHandle | None = None
        self._wholes: deque[tuple[Whole, asyncio.Future[Any]]] = deque()
        self._is_writing_wholes = False

    async def open(self) -> None:
        """Connect. Raises `StorageTrouble`."""
        self._loop = asyncio.get_running_loop()
        self._wiped_at = self._loop.time()
        try:
            await self.in_thread(self.disk.open)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        """Give one unit of work; what it does not commit is forgotten."""
        unit = UnitOfWork(self)
        try:
            yield unit
        finally:
            unit.leave()

    async def in_thread(self, work: Callable[[], _T]) -> _T:
        """Run `work` in the writer thread, after everything handed over before."""
        return await asyncio.wrap_future(self._thread.submit(work))

    async def alone(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work` on the connection while nobody has the turn and no group is open."""
        await self.take_turn()
        try:
            self._flush()
            return await self.in_thread(lambda: work(self.disk.connection))
        finally:
            self._pass_on()

    async def at_once(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run `work` as a transaction of its own, handed over in one piece.

        For what is written in bulk and needs no look in between: a unit of work is handed to
        the thread and back for every statement. Raises `StorageTrouble`. A caller that is
        cancelled does not stop it.
        """
        await self.take_turn()
        try:
            if self._units_in_group:
                self._flush()
            done = self._thread.submit(self.disk.at_once, work)
            self._rest_later()
            return await asyncio.wrap_future(done)
        finally:
            self._pass_on()

    async def whole(self, one: Whole) -> Any:  # noqa: ANN401 - whatever its work returns
        """Return what the work returns, once it is on the disk; see `UnitOfWork.whole`.

        Those who come while others are being written are handed over together: one trip to the
        thread and back, and one flush, for all of them.
        """
        told: asyncio.Future[Any] = self._loop.create_future()
        self._wholes.append((one, told))
        if not self._is_writing_wholes:
            self._is_writing_wholes = True
            # Of its own, so that nobody who goes away takes the others along.
            self._writing = self._loop.create_task(self._write_wholes())
        return await told

    async def _write_wholes(self) -> None:
        """Write until nobody waits any more; what goes wrong is told to each who waits."""
        while self._wholes:
            some: list[tuple[Whole, asyncio.Future[Any]]] = []
            try:
                await self._write_some(some)
            except Exception as error:  # noqa: BLE001  # told to those it belongs to
                if not some:
                    # Closed: nobody's turn will come.
                    some, self._wholes = list(self._wholes), deque()
                for one, _ in some:
                    one.error = one.error or trouble_of(error)
            for one, told in some:
                if not told.done():
                    _settle(told, one)
        self._is_writing_wholes = False

    async def _write_some(self, some: list[tuple[Whole, "asyncio.Future[Any]"]]) -> None:
        await self.take_turn()
        try:
            while self._wholes and len(some) < WHOLES_AT_ONCE:
                one, told = self._wholes.popleft()
                # Whoever was cancelled while it waited changes nothing.
                if not told.done():
                    some.append((one, told))
            if not some:
                return
            if self._units_in_group:
                self._flush()
            done = self._thread.submit(self.disk.write_wholes, [one for one, _ in some])
            self._rest_later()
            await asyncio.wrap_future(done)
        finally:
            self._pass_on()

    async def take_turn(self) -> None:
        """Wait in line until it is the caller's turn to write."""
        if self._is_closed:
            raise StorageTrouble(_CLOSED)
        if not self._is_taken:
            self._is_taken = True
            return
        place = self._loop.create_future()
        self._line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                # The turn was given to us in the moment we were cancelled.
                self._flush()
                self._pass_on()
            raise

    async def keep(self, unit: UnitOfWork) -> None:
        """End the unit that has the turn; return when its group is on the disk."""
        unit.flushed = flushed = self._loop.create_future()
        self._kept.append(unit)
        self._hand_over(lambda: self.disk.keep(unit.on_disk))
        self._end()
        await flushed

    def undo(self, unit: UnitOfWork) -> None:
        """End the unit that has the turn and forget what it wrote."""
        self._hand_over(lambda: self.disk.undo(unit.on_disk))
        self._end()

    def _end(self) -> None:
        if self._units_in_group == 0:
            self._group_since = self._loop.time()
        self._units_in_group += 1
        if not self._is_anybody_in_line() or self._is_group_full():
            self._flush()
        self._pass_on()

    def _is_anybody_in_line(self) -> bool:
        # The places of those who were cancelled stay in the line until it moves past them.
        return any(not place.done() for place in self._line)

    def _is_group_full(self) -> bool:
        return (
            self._units_in_group >= UNITS_PER_GROUP
            or self._loop.time() - self._group_since >= GROUP_LIFE_S
        )

    def _pass_on(self) -> None:
        while self._line:
            place = self._line.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._is_taken = False

    def _hand_over(self, work: Callable[[], None]) -> "Future[None]":
        return self._thread.submit(work)

    def _flush(self) -> None:
        units, self._kept, self._units_in_group = self._kept, [], 0
        if not units:
            self._hand_over(self.disk.drop)
            return
        done = self._hand_over(self.disk.flush)
        done.add_done_callback(
            lambda done: self._loop.call_soon_threadsafe(_tell, units, done.exception())
        )
        self._rest_later()

    def _rest_later(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        if self._loop.time() - self._wiped_at > _NO_REST_S:
            self._wipe_journal()
        else:
            self._rest = self._loop.call_later(_REST_S, self._wipe_journal)

    def _wipe_journal(self) -> None:
        self._wiped_at = self._loop.time()
        self._hand_over(self.disk.wipe_journal)

    async def close(self) -> None:
        """Let those in line finish, then close the connection."""
        await self.take_turn()
        self._is_closed = True
        if self._rest is not None:
            self._rest.cancel()
        self._flush()
        for place in self._line:
            if not place.done():
                place.set_exception(StorageTrouble(_CLOSED))
        closed = self._hand_over(self.disk.close)
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(closed))


def _settle(told: "asyncio.Future[Any]", one: Whole) -> None:
    if one.error is None:
        told.set_result(one.result)
    else:
        told.set_exception(one.error)


def _tell(units: Sequence[UnitOfWork], error: BaseException | None) -> None:
    for unit in units:
        if unit.flushed is None or unit.flushed.done():
            continue
        wrong = unit.on_disk.error or (trouble_of(error) if error is not None else None)
        if wrong is None:
            unit.flushed.set_result(None)
        else:
            unit.flushed.set_exception(wrong)
