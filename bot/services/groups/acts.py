"""Acts on groups that outlive the page which began them.

Once the platform has made, filled or left a group, that must be put on record, however long the
answer took and whoever went away meanwhile. What the acts are is left to
`bot.services.groups.desks`.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from bot.core.errors import RuleBroken

log: Final = logging.getLogger(__name__)
T = TypeVar("T")


class LastingActs:
    """The acts under way in this process."""

    def __init__(self) -> None:
        self._going: set[asyncio.Task[Any]] = set()

    async def finish(self, act: Coroutine[Any, Any, T], *, wait_s: float) -> T:
        """Return what the act ends with.

        Raise `RuleBroken` where that takes longer than `wait_s`: the act goes on then.
        """
        task = asyncio.get_running_loop().create_task(act)
        self._going.add(task)
        task.add_done_callback(self._going.discard)
        try:
            await asyncio.wait({task}, timeout=wait_s)
        finally:
            if not task.done():
                task.add_done_callback(_ended_unseen)
        if not task.done():
            raise RuleBroken("group_still_going")
        return task.result()

    async def close(self) -> None:
        """Wait for the acts under way."""
        if self._going:
            await asyncio.wait(self._going)


def _ended_unseen(task: asyncio.Task[Any]) -> None:
    """Log a failure that nobody waits for any more; what was asked for is not in the line."""
    if not task.cancelled() and (error := task.exception()) is not None:
        why = error.key if isinstance(error, RuleBroken) else type(error).__name__
        log.error("group.act_failed", extra={"why": why})
