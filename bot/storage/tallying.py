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
    started = select(_announcements.c.started_at).where(_announcements.c.id == announcement_id)
    began = await db.rows(started)
    started_at = began[0].started_at if began else None
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
    is_over = started_at is not None and not OPEN & outcomes.keys()
    finished_at = max(ends, default=started_at) if is_over else None
    return Tally(outcomes=outcomes, reasons=reasons, finished_at=finished_at)
