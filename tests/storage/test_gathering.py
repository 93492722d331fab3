"""Callers are gathered; one that goes away or a write that fails is nobody else's loss."""

import asyncio
from collections.abc import Sequence

from bot.core.errors import StorageTrouble
from bot.core.inbox import Arrival
from bot.storage.gathering import Gathering
from tests.storage.nouns import arrival


class Gate:
    """Writes when it is told to, and remembers the batches."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.batches: list[list[str]] = []
        self.trouble: StorageTrouble | None = None

    async def write(self, batches: Sequence[Sequence[Arrival]]) -> Sequence[int]:
        await self.is_open.wait()
        if self.trouble is not None:
            raise self.trouble
        self.batches.append([one.event_id for batch in batches for one in batch])
        return [len(batch) for batch in batches]


async def test_while_one_batch_is_written_the_next_collects() -> None:
    gate = Gate()
    gathering = Gathering(gate.write)
    async with asyncio.TaskGroup() as group:
        calls = [
            group.create_task(gathering.accept([arrival(f"{number}")])) for number in range(5)
        ]
        await asyncio.sleep(0)
        gate.is_open.set()
    assert [call.result() for call in calls] == [1] * 5
    assert gate.batches == [["0"], ["1", "2", "3", "4"]]


async def test_when_the_one_who_writes_goes_away_the_others_are_written() -> None:
    gate = Gate()
    gathering = Gathering(gate.write)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(gathering.accept([arrival("0")]))
        await asyncio.sleep(0)
        writing = group.create_task(gathering.accept([arrival("1")]))
        other = group.create_task(gathering.accept([arrival("2")]))
        await asyncio.sleep(0)
        gate.is_open.set()
        await first
        gate.is_open.clear()
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.sleep(0)
        gate.is_open.set()
    assert other.result() == 1
    assert "2" in {event for batch in gate.batches for event in batch}


async def test_one_who_goes_away_in_line_is_not_written() -> None:
    gate = Gate()
    gathering = Gathering(gate.write)
    async with asyncio.TaskGroup() as group:
        group.create_task(gathering.accept([arrival("0")]))
        await asyncio.sleep(0)
        gone = group.create_task(gathering.accept([arrival("1")]))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        gate.is_open.set()
    assert gate.batches == [["0"]]


async def test_a_write_that_fails_is_told_to_everyone_in_it_and_the_next_goes_on() -> None:
    gate = Gate()
    gate.trouble = StorageTrouble("full")
    gate.is_open.set()
    gathering = Gathering(gate.write)
    calls = (gathering.accept([arrival(f"{number}")]) for number in range(3))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [StorageTrouble] * 3
    gate.trouble = None
    assert await gathering.accept([arrival("again")]) == 1


async def test_a_large_crowd_is_written_in_several_batches() -> None:
    gate = Gate()
    gathering = Gathering(gate.write)
    async with asyncio.TaskGroup() as group:
        for number in range(600):
            group.create_task(gathering.accept([arrival(f"{number}")]))
        await asyncio.sleep(0)
        gate.is_open.set()
    assert sum(len(batch) for batch in gate.batches) == 600
    assert max(len(batch) for batch in gate.batches) <= 256


async def test_nothing_to_store_is_nothing_new() -> None:
    gate = Gate()
    gate.is_open.set()
    assert await Gathering(gate.write).accept([]) == 0
