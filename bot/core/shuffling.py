"""Writing rows anew, so that a database does not tell what was written together.

Beside what stands in a row, a database knows where the row lies and, PostgreSQL, by which
transaction it was written: the same for a tip and for all else that was kept with it, such as
the way back to its sender. Neither can be left out, so both are made to tell nothing.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Shuffled(StrEnum):
    """What is written anew, each in a transaction of its own."""

    ROUTES = "tip_routes"
    CHATS = "route_chats"
    POSTS = "route_posts"
    LETTERS = "route_letters"
    TIPS = "tips"
    RECORDS = "tip_records"
    KEYS = "tip_keys"


class Shuffling(Protocol):
    """Writes rows anew in the order of their random ids."""

    async def shuffle(self, what: Shuffled, *, since: datetime, after: str = "") -> str:
        """Write everything anew, of tips what came to them in the hours from `since` on.

        Tips go in parts, in the order of their ids: return the last of this part, to be given as
        `after` for the next, or nothing when there is no more.
        """
        ...
