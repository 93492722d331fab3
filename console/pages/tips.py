"""Tips: the queue, one tip opened with the officer's key, and moving it on."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.core.errors import RuleBroken, UnlawfulMove
from bot.core.ids import TipId
from bot.core.officers import Act
from bot.core.tips import CLOSED_STATES, TIP_MOVES, TipState
from bot.services.tips.reading.access import Reader
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see

_PAGE: Final = 25
_LAST_PAGE: Final = 4_000
_REASON_LONGEST: Final = 1_000
_UNFINISHED: Final = frozenset(TipState) - CLOSED_STATES
FILTERS: Final[Mapping[str, frozenset[TipState]]] = {
    "chua-xong": _UNFINISHED,
    "dang-cho": frozenset({TipState.NEW}),
    "xac-minh": frozenset({TipState.IN_VERIFICATION}),
    "can-them": frozenset({TipState.NEEDS_MORE}),
    "da-chuyen": frozenset({TipState.PASSED_ON}),
    "da-dong": CLOSED_STATES,
    "tat-ca": frozenset(TipState),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One choice above the list, with how many tips it shows."""

    key: str
    count: int


async def queue(visit: Visit) -> web.StreamResponse:
    """Show what waits: urgent first, then oldest."""
    chosen = visit.request.query.get("loc", "")
    if chosen not in FILTERS:
        chosen = "chua-xong"
    number = _page_number(visit.request.query.get("trang", ""))
    counts = await visit.services.reading.queue.counts(visit.officer)
    tips = await visit.services.reading.queue.tips(
        visit.officer, states=FILTERS[chosen], limit=_PAGE + 1, offset=(number - 1) * _PAGE
    )
    return visit.show(
        "tips.html",
        tips=tips[:_PAGE],
        units={unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)},
        filters=[
            Filter(key=key, count=sum(counts.get(state, 0) for state in states))
            for key, states in FILTERS.items()
        ],
        chosen=chosen,
        waiting=counts.get(TipState.NEW, 0),
        page=number,
        has_more=len(tips) > _PAGE,
    )


def _page_number(typed: str) -> int:
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= len(str(_LAST_PAGE))
    return min(max(int(typed), 1), _LAST_PAGE) if is_number else 1


async def show(visit: Visit) -> web.StreamResponse:
    """Open one tip, or ask for the password again if the key is not in memory."""
    reader = _reader(visit)
    if reader is None:
        return _locked(visit)
    return await _opened(visit, reader)


def _reader(visit: Visit) -> Reader | None:
    return visit.services.officers.reader(visit.signed_in) if visit.signed_in else None


def _locked(visit: Visit) -> web.Response:
    return visit.show("tip_locked.html", tip_id=visit.part("tip_id"), problem=None)


async def _opened(
    visit: Visit, reader: Reader, *, problem: Problem | None = None
) -> web.StreamResponse:
    tip_id = TipId(visit.part("tip_id"))
    try:
        opened = await visit.services.reading.desk.open(tip_id, reader)
    except RuleBroken as broken:
        return visit.show(
            "tip_locked.html", status=403, tip_id=tip_id, problem=Problem(key=broken.key)
        )
    units = {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}
    allowed = TIP_MOVES[opened.tip.state]
    return visit.show(
        "tip.html",
        status=422 if problem else 200,
        tip=opened.tip,
        report=opened.report,
        records=opened.records,
        # Within the page: nothing of a tip has an address of its own.
        pictures=[base64.b64encode(picture).decode() for picture in opened.pictures],
        unit=units[opened.tip.unit_id],
        moves=[state for state in TipState if state in allowed],
        closed_states=CLOSED_STATES,
        voice=visit.services.tip_voice,
        chosen=visit.form.text("to"),
        reason=visit.form.text("reason"),
        reason_longest=_REASON_LONGEST,
        problem=problem,
    )


async def move(visit: Visit) -> web.StreamResponse:
    """Move a tip on; what was typed stays if it may not be."""
    reader = _reader(visit)
    if reader is None:
        return _locked(visit)
    tip_id = TipId(visit.part("tip_id"))
    reason, to = visit.form.text("reason"), visit.form.text("to")
    if to not in set(TipState):
        return await _opened(visit, reader, problem=Problem(key="tip_state_missing"))
    if len(reason) > _REASON_LONGEST:
        too_long = Problem(key="too_long", values={"longest": _REASON_LONGEST})
        return await _opened(visit, reader, problem=too_long)
    try:
        await visit.services.reading.desk.move(tip_id, TipState(to), reader, reason=reason)
    except UnlawfulMove:
        # Somebody else moved it meanwhile: the page now shows where it stands.
        return await _opened(visit, reader, problem=Problem(key="tip_moved_meanwhile"))
    except RuleBroken as broken:
        return await _opened(visit, reader, problem=Problem(key=broken.key))
    return see(f"{ROOT}/tin-bao/{tip_id}")


ROUTES = (
    get("/tin-bao", queue, needs=Act.MODERATE),
    get("/tin-bao/{tip_id}", show, needs=Act.MODERATE),
    post("/tin-bao/{tip_id}/chuyen", move, needs=Act.MODERATE),
)
