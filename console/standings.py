"""How the officer who looks stands to an announcement: what it waits for, and who is late."""

from dataclasses import dataclass

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.officers import Act
from bot.core.reach import Latecomers
from bot.services.announcements.announcing import Shown
from bot.services.announcements.approvals import Standing
from console.plans import Plan, plan_of
from console.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """What the page of an announcement shows of it. The plan is of what waits for approval.

    `text` is what its own unit reads.
    """

    standing: Standing
    plan: Plan | None
    late: Latecomers | None
    text: str


async def shows_of(visit: Visit, shown: Shown) -> Shows:
    """Return how the officer stands to an announcement."""
    one = shown.announcement
    is_proposed = one.state is AnnouncementState.PROPOSED
    unit_id = visit.request.query.get("don-vi", "")
    return Shows(
        standing=await visit.services.approvals.standing(one, to=visit.officer),
        plan=await plan_of(visit, one, unit_id=unit_id) if is_proposed else None,
        late=await _late(visit, one),
        text=await text_of(visit, shown),
    )


async def text_of(visit: Visit, shown: Shown) -> str:
    """Return the text as it is read in the announcement's own unit."""
    units = {unit.id: unit for unit in await visit.services.units.all()}
    return visit.services.texts.shown(shown.announcement.text, shown.unit, units)


async def _late(visit: Visit, one: Announcement) -> Latecomers | None:
    """Return who came late, for those who may send it to them too."""
    if not visit.officer.may(Act.ANNOUNCE) or one.started_at is None:
        return None
    late = await visit.services.reaches.late(one)
    return late if late.people or late.groups else None
