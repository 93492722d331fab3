"""Two lines: some at a time, in order, the first before the second, and nobody forgotten."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from bot.web.two_lines import FIRST_OF_ALL, TwoLines


def yes() -> bool:
    return True


def no() -> bool:
    return False


async def order_of(comers: Sequence[tuple[str, bool]], *, gives_up: str = "") -> list[str]:
    """Return the order in which comers have their turn, one at a time, all there before."""
    lines = TwoLines(1)
    went: list[str] = []

    async def come(name: str, *, first: bool) -> None:
        async with lines.turn(first=lambda: first):
            went.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group, lines.turn(first=yes):
        tasks = {name: group.create_task(come(name, first=first)) for name, first in comers}
        await asyncio.sleep(0)
        if gives_up:
            tasks[gives_up].cancel()
            await asyncio.sleep(0)
    return went


async def test_the_first_line_goes_before_the_second_in_the_order_they_came() -> None:
    comers = (("s1", False), ("f1", True), ("f2", True))
    assert await order_of(comers) == ["f1", "f2", "s1"]


async def test_of_the_second_line_the_newest_and_the_oldest_take_turns() -> None:
    comers = [(f"s{number}", False) for number in range(1, 6)]
    assert await order_of(comers) == ["s5", "s1", "s4", "s2", "s3"]


async def test_whoever_may_no_longer_stand_in_the_first_line_stands_in_the_second() -> None:
    lines = TwoLines(1)
    went: list[str] = []
    is_flood = False

    async def come(name: str, first: Callable[[], bool]) -> None:
        async with lines.turn(first=first):
            went.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group, lines.turn(first=yes):
        group.create_task(come("did nothing", lambda: not is_flood))
        group.create_task(come("second", no))
        group.create_task(come("solved", yes))
        await asyncio.sleep(0)
        is_flood = True
    assert went == ["solved", "did nothing", "second"]


async def test_the_second_line_is_not_forgotten_however_long_the_first_is() -> None:
    comers = [("second", False), *((f"f{number}", True) for number in range(20))]
    assert (await order_of(comers)).index("second") <= FIRST_OF_ALL


async def test_whoever_goes_away_keeps_nobody_waiting() -> None:
    comers = (("f1", True), ("f2", True), ("s1", False))
    assert await order_of(comers, gives_up="f1") == ["f2", "s1"]


async def test_so_many_are_let_in_at_a_time_and_no_more() -> None:
    lines = TwoLines(3)
    inside, most = 0, 0

    async def come() -> None:
        nonlocal inside, most
        async with lines.turn(first=yes):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    for _ in range(2):
        await asyncio.gather(*(come() for _ in range(10)))
    assert most == 3


async def test_whoever_fails_gives_the_turn_on() -> None:
    lines = TwoLines(1)

    async def fail() -> None:
        async with lines.turn(first=no):
            raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            await fail()
    async with asyncio.timeout(5), lines.turn(first=no):
        pass
