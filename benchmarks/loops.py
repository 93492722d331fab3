"""Which event loop to measure on: the one that `serve` would use here, for everybody alike."""

import asyncio
import importlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


def quickest_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes uvloop's loop where the extra `speed` is installed, else Python's own."""
    try:
        made: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module(
            "uvloop"
        ).new_event_loop
    except ModuleNotFoundError:
        return asyncio.new_event_loop
    return made


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run `work` on that loop."""
    with asyncio.Runner(loop_factory=quickest_loop()) as runner:
        return runner.run(work)
