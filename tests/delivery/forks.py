"""Lives in processes of their own: one line a life, one fork a life, killed or not.

Forking makes hundreds of lives cost one start of Python. What a life says before a kill is heard.
"""

import asyncio
import gc
import os
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec

from content.book import Book
from tests.journeys.program import ROOT

L = TypeVar("L")
Live = Callable[[L, Book], Awaitable[None]]


def say(line: str) -> None:
    """Tell the one who watches; what was said before a kill is heard."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def serve_lives(kind: type[L], live: Live[L]) -> None:
    """Fork for each line but the first; say the number of the process, and when it ended."""
    book = Book.load()
    # The first is lived here: what Python learned on the way every fork knows from the start.
    say(f"began {os.getpid()}")
    asyncio.run(_lived(live, msgspec.json.decode(sys.stdin.readline(), type=kind), book))
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join()
    # What is there for good need not be looked at, and thereby copied, in every fork.
    gc.collect()
    gc.freeze()
    say("ended 0")
    for line in sys.stdin:
        say(f"ended {_live_apart(live, msgspec.json.decode(line, type=kind), book)}")


async def _lived(live: Live[L], life: L, book: Book) -> None:
    await live(life, book)


def _live_apart(live: Live[L], life: L, book: Book) -> int:
    """Live in a process of its own; return how it ended."""
    child = os.fork()
    if child == 0:
        say(f"began {os.getpid()}")
        try:
            asyncio.run(_lived(live, life, book))
        except BaseException as error:  # noqa: BLE001  # the watcher fails with it
            say(f"failed {error!r}")
        os._exit(0)
    return os.waitpid(child, 0)[1]


@asynccontextmanager
async def forks_of(module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start `python -m module`, which serves lives; it ends with the block."""
    forks = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert forks.stdin is not None
    try:
        yield forks
    finally:
        forks.stdin.close()
        await forks.wait()
