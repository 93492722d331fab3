"""Looks that are shared: never older than the question, and as few as can be."""

import asyncio

import pytest

from bot.services.shared_read import SharedRead


class Board:
    """Something to look at, slowly: a look sees what is written when it begins."""

    def __init__(self) -> None:
        self.written = 0
        self.looks = 0
        self.error: Exception | None = None
        self.gate = asyncio.Event()

    async def read(self) -> int:
        self.looks += 1
        seen = self.written
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return seen


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_many_at_once_share_looks() -> None:
    board = Board()
    read = SharedRead(board.read)
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(read()) for _ in range(50)]
        await settle()
        asking += [group.create_task(read()) for _ in range(50)]
        await settle()
        board.gate.set()
        assert await asyncio.gather(*asking) == [0] * 100
        assert board.looks == 2


async def test_what_was_written_before_the_question_is_seen() -> None:
    board = Board()
    read = SharedRead(board.read)
    async with asyncio.TaskGroup() as group:
        early = group.create_task(read())
        await settle()
        board.written = 1
        late = group.create_task(read())
        await settle()
        board.gate.set()
        assert (await early, await late) == (0, 1)


async def test_an_error_reaches_all_who_shared_the_look_and_nobody_after() -> None:
    board = Board()
    board.error = LookupError("gone")
    board.gate.set()
    read = SharedRead(board.read)
    for result in await asyncio.gather(*(read() for _ in range(3)), return_exceptions=True):
        assert isinstance(result, LookupError)
    board.error = None
    assert await read() == 0


@pytest.mark.parametrize("is_looking", [True, False], ids=["while it looks", "while it waits"])
async def test_who_gives_up_takes_nobody_along(*, is_looking: bool) -> None:
    board = Board()
    read = SharedRead(board.read)
    async with asyncio.TaskGroup() as group:
        before = [] if is_looking else [group.create_task(read())]
        await settle()
        leader = group.create_task(read())
        await settle()
        follower = group.create_task(read())
        await settle()
        leader.cancel()
        await settle()
        board.gate.set()
        assert await follower == 0
        assert leader.cancelled()
        assert [await one for one in before] == [0] * len(before)


async def test_a_follower_that_gives_up_leaves_the_look_to_the_others() -> None:
    board = Board()
    read = SharedRead(board.read)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(read())
        await settle()
        second, third = (group.create_task(read()) for _ in range(2))
        await settle()
        third.cancel()
        board.gate.set()
        assert (await first, await second) == (0, 0)
