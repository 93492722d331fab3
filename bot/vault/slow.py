"""Computations that are slow on purpose, in threads, never more at once than the machine can do.

Argon2id releases the interpreter while it works, so threads are enough. A flood of sign-ins must
not hold up those who send a tip: everyday work leaves one worker free for work that comes `first`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2.low_level import Type, hash_secret_raw

_Result = TypeVar("_Result")
SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """What one Argon2id computation takes: passes over memory, memory in KiB, parallel lanes."""

    passes: int
    memory_kib: int
    lanes: int


PASSWORD_COST: Final = Argon2Cost(passes=3, memory_kib=64 * 1024, lanes=4)
RECEIPT_COST: Final = Argon2Cost(passes=2, memory_kib=19 * 1024, lanes=1)
# For tests and for nothing else: it slows no one who guesses.
CHEAP_COST: Final = Argon2Cost(passes=1, memory_kib=8, lanes=1)


class SlowWork:
    """Owns the threads. Close it when nothing is waiting for it any more."""

    def __init__(self, *, workers: int) -> None:
        """Take at most `workers` computations at once: the number of cores."""
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="slow")
        self._everyday = asyncio.Semaphore(max(1, workers - 1))

    async def run(self, work: Callable[[], _Result], *, first: bool = False) -> _Result:
        """Return what `work` returns; with `first` it overtakes what waits in line."""
        loop = asyncio.get_running_loop()
        if first:
            return await loop.run_in_executor(self._threads, work)
        async with self._everyday:
            return await loop.run_in_executor(self._threads, work)

    def close(self) -> None:
        """Let what has begun end, drop what has not, and end the threads."""
        self._threads.shutdown(cancel_futures=True)


def argon2id(secret: bytes, salt: bytes, cost: Argon2Cost) -> bytes:
    """Return 32 bytes derived from `secret` at that cost. Blocks: call it through `SlowWork`."""
    return hash_secret_raw(
        secret,
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )
