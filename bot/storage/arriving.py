"""Storing arrivals in bulk on SQLite: the fast way behind a burst of webhooks.

The same rows as `bot.storage.inbox` writes, given to the driver without a stop in between.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from bot.core.inbox import Arrival
from bot.storage.columns import Moment

_PUT: Final = (
    "INSERT INTO inbox (channel_id, event_id, conversation, sealed, state, attempts, arrived_at,"
    " free_at) VALUES (?, ?, ?, ?, 'waiting', 0, ?, ?)"
    " ON CONFLICT (channel_id, event_id) DO NOTHING"
)
_moment: Final = Moment()


def store_each(driver: sqlite3.Connection, batches: Sequence[Sequence[Arrival]]) -> list[int]:
    """Store the arrivals of several callers; return how many of each one's were new.

    With one writer, whatever stands behind the last row of before is ours.
    """
    rows = [_row_of(arrival) for batch in batches for arrival in batch]
    if not rows:
        return [0] * len(batches)
    last = driver.execute("SELECT max(id) FROM inbox").fetchone()[0] or 0
    if driver.executemany(_PUT, rows).rowcount == len(rows):
        return [len(batch) for batch in batches]
    found = driver.execute("SELECT channel_id, event_id FROM inbox WHERE id > ?", (last,))
    new = set(found.fetchall())
    counts = []
    for batch in batches:
        own = {(arrival.channel_id, arrival.event_id) for arrival in batch} & new
        # The same event from two callers at once is new to the first one only.
        new -= own
        counts.append(len(own))
    return counts


def _row_of(arrival: Arrival) -> tuple[object, ...]:
    arrived_at = _moment.put(arrival.arrived_at)
    return (
        arrival.channel_id,
        arrival.event_id,
        arrival.conversation,
        arrival.sealed,
        arrived_at,
        arrived_at,
    )
