"""What became of an announcement's recipients, counted from its rows."""

from datetime import datetime

from sqlalchemy import func, select

from bot.core.deliveries import DeliveryState, Tally
from bot.core.ids import AnnouncementId
from bot.core.sending import Reason
from bot.storage import tables
from bot.storage.claiming import rows
from bot.storage.recording import OPEN
from bot.storage.statements import Statements

_announcements = tables.announcements


async def tally_of(db: Statements, announcement_id: AnnouncementId) -> Tally:
    """Return what became of the recipients; the outcomes add up to them."""
    counted = (
        select(
            rows.c.state,
            rows.c.reason,
            func.count().label("many"),
            func.max(rows.c.done_at).label("last"),
        )
        .where(rows.c.announcement_id == announcement_id)
        .group_by(rows.c.state, rows.c.reason)
    )
    started_at, is_frozen = await _began(db, announcement_id)
    outcomes: dict[DeliveryState, int] = {}
    reasons: dict[Reason, int] = {}
    ends: list[datetime] = []
    for row in await db.rows(counted):
        state, reason, count, last = row.state, row.reason, row.many, row.last
        outcomes[state] = outcomes.get(state, 0) + count
        if reason is not None:
            reasons[reason] = reasons.get(reason, 0) + count
        if last is not None:
            ends.append(last)
    is_over = started_at is not None and is_frozen and not OPEN & outcomes.keys()
    finished_at = max(ends, default=started_at) if is_over else None
    return Tally(outcomes=outcomes, reasons=reasons, finished_at=finished_at)


async def _began(db: Statements, announcement_id: AnnouncementId) -> tuple[datetime | None, bool]:
    """Return when it started, and whether every recipient has a row."""
    columns = (_announcements.c.started_at, _announcements.c.freezing_after)
    found = await db.rows(select(*columns).where(_announcements.c.id == announcement_id))
    return (found[0].started_at, found[0].freezing_after is None) if found else (None, True)
