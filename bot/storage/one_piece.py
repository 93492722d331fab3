"""What a unit of work does run in one piece, in the thread that has the connection.

Handing one statement to a thread and its rows back costs more than the statement, most of it
waiting for Python's lock. So whoever needs nothing but the database in between is handed over
whole.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Executable, Row

from bot.storage.statements import Parameters

_T = TypeVar("_T")
Found = tuple[Sequence[Row[Any]], int]


class Unbroken:
    """Runs each statement at once, in the thread that asks. Fits `Statements`."""

    is_postgres: Final = False

    def __init__(self, run: Callable[[Executable, Parameters], Found]) -> None:
        """Run by `run`, which returns the rows and how many were touched."""
        self._run = run

    async def rows(
        self, statement: Executable, parameters: Parameters = None
    ) -> Sequence[Row[Any]]:
        """Run `statement` and return its rows."""
        return self._run(statement, parameters)[0]

    async def count(self, statement: Executable, parameters: Parameters = None) -> int:
        """Run `statement` and return how many rows it touched."""
        return self._run(statement, parameters)[1]


def to_its_end(begun: Awaitable[_T]) -> _T:
    """Return what `begun` returns, which waits for nothing. Raise what it raises.

    Raise `RuntimeError` if it would wait: there is no event loop in this thread.
    """
    whole = _awaited(begun)
    try:
        whole.send(None)
    except StopIteration as end:
        result: _T = end.value
        return result
    finally:
        whole.close()
    raise RuntimeError("what runs in one piece may wait for the database and nothing else")


async def _awaited(begun: Awaitable[_T]) -> _T:
    return await begun
