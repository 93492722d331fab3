"""Receipts made ahead: never given twice, never too old, made at once when there is none."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from bot.services.tips.receiving.ready_receipts import ENOUGH, ReadyReceipts
from bot.vault.receipts import Receipts
from bot.vault.slow import CHEAP_COST, SlowWork
from bot.vault.talks import TalkBox
from tests.fakes import FakeClock

HOURS_S = 3600.0


@pytest.fixture
def receipts() -> Iterator[Receipts]:
    slow = SlowWork(workers=1)
    yield Receipts(bytes(32), slow=slow, cost=CHEAP_COST)
    slow.close()


@asynccontextmanager
async def kept_ready(ready: ReadyReceipts, *, most: int) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(ready.keep_ready(most=most))
        try:
            yield
        finally:
            keeping.cancel()


async def until(ready: ReadyReceipts, clock: FakeClock, wanted: int) -> None:
    async with asyncio.timeout(20):
        while len(ready) < wanted:
            clock.advance(1.0)
            await asyncio.sleep(0)


async def test_none_ready_is_made_at_once(receipts: Receipts) -> None:
    made = await ReadyReceipts(receipts=receipts, talks=TalkBox(), clock=FakeClock()).take()
    key = await receipts.key_of(made.receipt.secret, made.salt, made.proof.stored)
    assert key == made.proof.key


async def test_ready_ones_open_what_they_lock_and_none_is_given_twice(receipts: Receipts) -> None:
    clock = FakeClock()
    ready = ReadyReceipts(receipts=receipts, talks=TalkBox(), clock=clock)
    async with kept_ready(ready, most=5):
        await until(ready, clock, 5)
    taken = [await ready.take() for _ in range(7)]
    assert len({one.receipt.text for one in taken}) == 7
    assert len({one.talk.private for one in taken}) == 7
    for one in taken:
        key = await receipts.key_of(one.receipt.secret, one.salt, one.proof.stored)
        assert key == one.proof.key


async def test_that_all_are_ready_is_noted_once_and_no_tip_after_it(
    receipts: Receipts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    clock = FakeClock()
    ready = ReadyReceipts(receipts=receipts, talks=TalkBox(), clock=clock)
    async with kept_ready(ready, most=3):
        for _ in range(3):
            await until(ready, clock, 3)
            for _ in range(50):
                clock.advance(10.0)
                await asyncio.sleep(0)
            await ready.take()
    assert [record.message for record in caplog.records].count("receipts.ready") == 1


async def test_what_was_taken_is_made_anew_and_no_more_than_that(receipts: Receipts) -> None:
    clock = FakeClock()
    ready = ReadyReceipts(receipts=receipts, talks=TalkBox(), clock=clock)
    async with kept_ready(ready, most=3):
        await until(ready, clock, 3)
        await ready.take()
        await until(ready, clock, 3)
        for _ in range(50):
            clock.advance(10.0)
            await asyncio.sleep(0)
        assert len(ready) == 3


async def test_a_program_that_has_just_started_makes_none(receipts: Receipts) -> None:
    clock = FakeClock()
    ready = ReadyReceipts(receipts=receipts, talks=TalkBox(), clock=clock)
    async with kept_ready(ready, most=3):
        await asyncio.sleep(0)
        clock.advance(9.0)
        await asyncio.sleep(0)
        assert len(ready) == 0


async def test_old_ones_are_thrown_away(receipts: Receipts) -> None:
    clock = FakeClock()
    ready = ReadyReceipts(receipts=receipts, talks=TalkBox(), clock=clock)
    async with kept_ready(ready, most=3):
        await until(ready, clock, 3)
    clock.advance(25 * HOURS_S)
    made = await ready.take()
    assert made.made_at == clock.monotonic()
    assert len(ready) == 0


async def test_nothing_is_made_beside_those_who_are_answered_while_some_are_left(
    receipts: Receipts,
) -> None:
    clock = FakeClock()
    ready = ReadyReceipts(receipts=receipts, talks=TalkBox(), clock=clock)
    async with kept_ready(ready, most=ENOUGH + 4):
        await until(ready, clock, ENOUGH + 4)
        for left in reversed(range(ENOUGH, ENOUGH + 4)):
            await ready.take()
            clock.advance(1.0)
            await asyncio.sleep(0)
            assert len(ready) == left
        # Fewer than enough are left: somebody would soon have to wait.
        await ready.take()
        await until(ready, clock, ENOUGH)
        clock.advance(2.0)
        await until(ready, clock, ENOUGH + 4)
