"""Since when the failures of an announcement are counted, and whether the program held it.

Two moments for each announcement that ever needed them, kept among the small values: an
announcement itself says what officers want, this says what the program noticed.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from bot.core.ids import AnnouncementId
from bot.core.storage import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`begun_at` None: since the start. `held_at`: when the program paused it by itself."""

    begun_at: datetime | None = None
    held_at: datetime | None = None


async def count_of(work: Work, announcement_id: AnnouncementId) -> Count:
    """Return the present count."""
    kept = await work.settings.get(_key(announcement_id))
    return msgspec.json.decode(kept, type=Count) if kept else Count()


async def begin_count(work: Work, announcement_id: AnnouncementId, *, at: datetime) -> None:
    """Count from now on: somebody looked at what went wrong and lets it go on."""
    await _keep(work, announcement_id, Count(begun_at=at))


async def hold_count(work: Work, announcement_id: AnnouncementId, *, at: datetime) -> None:
    """Note that the program paused the announcement by itself."""
    count = await count_of(work, announcement_id)
    await _keep(work, announcement_id, Count(begun_at=count.begun_at, held_at=at))


async def _keep(work: Work, announcement_id: AnnouncementId, count: Count) -> None:
    await work.settings.put(_key(announcement_id), msgspec.json.encode(count).decode())


def _key(announcement_id: AnnouncementId) -> str:
    return f"count:{announcement_id}"
