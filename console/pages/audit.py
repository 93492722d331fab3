"""The audit chain for an auditor: who did what, looked through, and the whole of it checked."""

from datetime import date, datetime
from urllib.parse import urlencode

from aiohttp import web

from bot.core.audit_check import ChainReport
from bot.core.officers import Act
from bot.services.audit_view import Asked, ChainTooLong
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit

_PATH = "/nhat-ky"
_FIELDS = ("ai", "viec", "ma", "tu", "den")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")
_LONGEST = 100
_MOST_DIGITS = 15


async def show(visit: Visit) -> web.StreamResponse:
    """List who did what, newest first, as far as it was asked for."""
    return await _page(visit)


async def verify(visit: Visit) -> web.StreamResponse:
    """Walk the chain and say in words what was found."""
    try:
        report = await visit.services.audit_view.verify(visit.officer)
    except ChainTooLong:
        return await _page(visit, is_too_long=True)
    return await _page(visit, report=report)


async def _page(
    visit: Visit, *, report: ChainReport | None = None, is_too_long: bool = False
) -> web.Response:
    typed = {name: visit.request.query.get(name, "").strip()[:_LONGEST] for name in _FIELDS}
    errors: dict[str, Problem] = {}
    asked = Asked(
        who=typed["ai"],
        act=typed["viec"],
        subject=typed["ma"],
        since=_day(typed, "tu", errors),
        until=_day(typed, "den", errors),
    )
    before = visit.request.query.get("truoc", "")
    is_number = before.isascii() and before.isdigit() and len(before) <= _MOST_DIGITS
    found = await visit.services.audit_view.page(
        visit.officer, asked, before=int(before) if is_number else None
    )
    kept = {name: value for name, value in typed.items() if value}
    return visit.show(
        "audit.html",
        status=422 if errors else 200,
        found=found,
        typed=typed,
        errors=errors,
        is_asked=bool(kept),
        is_first=not is_number,
        newest=f"{ROOT}{_PATH}?{urlencode(kept)}",
        older=f"{ROOT}{_PATH}?{urlencode({**kept, 'truoc': found.after})}" if found.after else "",
        report=report,
        is_too_long=is_too_long,
    )


def _day(typed: dict[str, str], name: str, errors: dict[str, Problem]) -> date | None:
    if not typed[name]:
        return None
    for pattern in _DAYS:
        try:
            day = datetime.strptime(typed[name], pattern).date()  # noqa: DTZ007 - a day alone
        except ValueError:
            continue
        # Before and behind these a day has no beginning in UTC, or none after it.
        if date(1970, 1, 2) <= day <= date(9000, 1, 1):
            typed[name] = day.isoformat()
            return day
    errors[name] = Problem(key="day_unreadable")
    return None


ROUTES = (
    get(_PATH, show, needs=Act.AUDIT),
    post(f"{_PATH}/kiem-tra", verify, needs=Act.AUDIT),
)
