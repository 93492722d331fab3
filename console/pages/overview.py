"""The first page: the numbers somebody should act on, each a link to those very items."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.core.announcements import AnnouncementState
from bot.core.channels import AccountState
from bot.core.officers import Act
from bot.core.tips import CLOSED_STATES, TipState
from bot.core.units import below
from bot.services.announcements.announcing import Shown
from console.routes import get
from console.visit import Visit

_RUNNING: Final = frozenset({"sending", "paused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TipNumbers:
    """How many tips nobody has looked at, and how many are being worked on."""

    waiting: int
    in_hand: int


async def show(visit: Visit) -> web.StreamResponse:
    """Show the numbers of the officer's units."""
    services, officer = visit.services, visit.officer
    today = visit.now.astimezone(services.zone).date()
    shown = await services.announcements.newest(officer)
    headcounts = await services.people.headcounts(officer)
    allowed = below(officer.unit_id, [one.unit for one in headcounts])
    accounts = [one for one in await services.channels.accounts() if one.unit_id in allowed]
    return visit.show(
        "overview.html",
        tips=await _tip_numbers(visit),
        to_approve=await services.approvals.waiting_for(officer),
        proposed=[one for one in shown if one.announcement.state is AnnouncementState.PROPOSED],
        running=[one for one in shown if one.state in _RUNNING],
        overdue=[one for one in shown if one.announcement.state is AnnouncementState.OVERDUE],
        returned=[one for one in shown if _is_returned(one)],
        scheduled=[one for one in shown if one.announcement.state is AnnouncementState.SCHEDULED],
        people=sum(one.joined for one in headcounts),
        households=sum(one.unit.households for one in headcounts),
        broken=[one for one in accounts if one.state is AccountState.BROKEN],
        set_aside=len(await services.set_aside.all(officer)),
        to_answer=await _to_answer(visit),
        to_call=await services.call_backs.count(officer) if officer.may(Act.ANNOUNCE) else 0,
        mail_trouble=await services.mailing.trouble() if officer.may(Act.ADMINISTER) else "",
        lapsing=sum(one.is_lapsing(today) for one in await services.groups.all(officer)),
    )


def _is_returned(one: Shown) -> bool:
    """Tell whether it came back to its writers, who have not sent it again."""
    is_draft = one.announcement.state is AnnouncementState.DRAFT
    return is_draft and one.announcement.sent_back is not None


async def _to_answer(visit: Visit) -> int:
    may = visit.officer.may(Act.ANSWER)
    return await visit.services.handovers.count(visit.officer) if may else 0


async def _tip_numbers(visit: Visit) -> TipNumbers | None:
    if not visit.officer.may(Act.MODERATE):
        return None
    counts = await visit.services.reading.queue.counts(visit.officer)
    closed = sum(counts.get(state, 0) for state in CLOSED_STATES)
    waiting = counts.get(TipState.NEW, 0)
    return TipNumbers(waiting=waiting, in_hand=sum(counts.values()) - waiting - closed)


ROUTES = (get("", show, needs=Act.SEE), get("/", show, needs=Act.SEE))
