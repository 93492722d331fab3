import asyncio
import threading

import pytest
from argon2.low_level import Type, hash_secret_raw

from bot.vault.slow import PASSWORD_COST, RECEIPT_COST, Argon2Cost, SlowWork, argon2id


def test_the_real_costs_are_the_promised_ones() -> None:
    assert Argon2Cost(passes=3, memory_kib=65536, lanes=4) == PASSWORD_COST
    assert Argon2Cost(passes=2, memory_kib=19456, lanes=1) == RECEIPT_COST


def test_the_derivation_is_argon2id() -> None:
    cost = Argon2Cost(passes=2, memory_kib=32, lanes=2)
    expected = hash_secret_raw(
        b"secret",
        b"saltsalt",
        time_cost=2,
        memory_cost=32,
        parallelism=2,
        hash_len=32,
        type=Type.ID,
    )
    assert argon2id(b"secret", b"saltsalt", cost) == expected


async def test_what_a_computation_raises_arrives(slow: SlowWork) -> None:
    with pytest.raises(ZeroDivisionError):
        await slow.run(lambda: 1 // 0)


async def test_a_flood_of_everyday_work_leaves_a_worker_free(slow: SlowWork) -> None:
    gate, running, most = threading.Event(), 0, 0

    def stuck() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        assert gate.wait(timeout=30)
        running -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(slow.run(stuck))
        assert await slow.run(lambda: "answered", first=True) == "answered"
        gate.set()
    assert most == 1


async def test_never_more_run_at_once_than_there_are_workers(slow: SlowWork) -> None:
    both_in = threading.Barrier(2, timeout=30)
    lock, running, most = threading.Lock(), 0, 0

    def counted() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both_in.wait()
        with lock:
            running -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(slow.run(counted, first=True))
    assert most == 2


async def test_one_core_is_enough() -> None:
    slow = SlowWork(workers=1)
    assert await slow.run(lambda: "done") == "done"
    slow.close()


async def test_nothing_runs_after_closing(slow: SlowWork) -> None:
    slow.close()
    with pytest.raises(RuntimeError, match="after shutdown"):
        await slow.run(lambda: None)
