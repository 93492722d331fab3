"""A tip that a page sends twice is stored once: a second tap, or an answer lost on the way.

Kept in memory for some minutes, under a number that only this one page knows together with what
it sent; so whoever changes a word has sent another tip. Lost at a restart, when sending again
makes a second tip: twice is better than not at all.
"""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Generic, TypeVar

from bot.core.time import Clock

# A page that waits for an answer is looked at by its writer; after this it is opened anew.
KEPT_S: Final = 600.0
_MOST: Final = 5_000
_NUMBER: Final = re.compile(r"[0-9a-f]{32}")


_Answer = TypeVar("_Answer")


class SentAgain(Generic[_Answer]):
    """Remembers which answer, a receipt, was given to what."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._answers: OrderedDict[bytes, tuple[float, asyncio.Future[_Answer]]] = OrderedDict()

    def knows(self, mark: bytes) -> bool:
        """Tell whether this was sent before and is stored, or on its way there."""
        self._forget()
        return mark in self._answers

    async def answer(self, mark: bytes, store: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Return the receipt that `store` returns, or that it returned for this `mark` before.

        An empty `mark` is never known. What `store` raises is raised for all who wait for it,
        and not remembered.
        """
        if not mark:
            return await store()
        if self.knows(mark):
            return await asyncio.shield(self._answers[mark][1])
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._answers[mark] = (self._clock.monotonic(), answer)
        try:
            receipt = await store()
        except BaseException as error:
            self._answers.pop(mark, None)
            answer.set_exception(error if isinstance(error, Exception) else TimeoutError())
            # Nobody else may be waiting, and then nobody would ask for it.
            answer.exception()
            raise
        answer.set_result(receipt)
        return receipt

    def _forget(self) -> None:
        oldest = self._clock.monotonic() - KEPT_S
        while self._answers:
            first = next(iter(self._answers))
            if self._answers[first][0] >= oldest and len(self._answers) < _MOST:
                return
            del self._answers[first]


def mark_of(number: str, parts: Iterable[bytes]) -> bytes:
    """Return the mark of what a page sent with its `number`; empty if that is none of ours."""
    if not _NUMBER.fullmatch(number):
        return b""
    digest = hashlib.blake2b(number.encode(), digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
