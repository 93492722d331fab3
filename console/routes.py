"""What a page is: its path, who may, and what it does.

Every route says who may; there is no default. Tests walk the table with every role.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from aiohttp import web

from bot.core.officers import Act
from console.visit import Visit


class Open(StrEnum):
    """Who needs no account: signing in, setting up, style sheets."""

    TO_ALL = "to_all"


Page = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the table. `path` begins behind /console."""

    method: Literal["GET", "POST"]
    path: str
    needs: Act | Open
    page: Page
    # How large a file may be that comes with the form; 0 where none may.
    file_most_bytes: int = 0
    # Whether the answer may take as long as it needs: it is sent while it is made.
    is_long: bool = False


def get(path: str, page: Page, *, needs: Act | Open, is_long: bool = False) -> Route:
    """Return a route that shows something, at once or (`is_long`) over a while."""
    return Route(method="GET", path=path, needs=needs, page=page, is_long=is_long)


def post(path: str, page: Page, *, needs: Act | Open, file_most_bytes: int = 0) -> Route:
    """Return a route that changes something; its form may bring a file of that size."""
    return Route(method="POST", path=path, needs=needs, page=page, file_most_bytes=file_most_bytes)
