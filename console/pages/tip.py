"""One tip: opened with the officer's key, and moved on."""

import base64
from typing import Final

from aiohttp import web

from bot.core.errors import RuleBroken, UnlawfulMove
from bot.core.ids import TipId
from bot.core.officers import Act
from bot.core.tips import CLOSED_STATES, TipState
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.desk import LONGEST_REMARK
from console.forms import Problem
from console.pages.tip_parts import QUEUE, RECEIVERS, locked, moves_from, reader_of, units_of
from console.routes import get, post
from console.visit import Visit, see

_LONGEST_NUMBER: Final = 12


async def unlock(visit: Visit) -> web.StreamResponse:
    """Ask for the password again, and lead back to the queue."""
    return see(QUEUE) if reader_of(visit) is not None else locked(visit, QUEUE)


async def show(visit: Visit) -> web.StreamResponse:
    """Open one tip, or ask for the password again if the key is not in memory."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, f"{QUEUE}/{visit.part('tip_id')}")
    return await _opened(visit, reader)


async def _opened(
    visit: Visit, reader: Reader, *, problem: Problem | None = None
) -> web.StreamResponse:
    tip_id = TipId(visit.part("tip_id"))
    try:
        opened = await visit.services.reading.desk.open(tip_id, reader)
    except RuleBroken as broken:
        return visit.show(
            "tip_locked.html",
            status=403,
            back=f"{QUEUE}/{tip_id}",
            problem=Problem(key=broken.key),
        )
    units = await units_of(visit)
    return visit.show(
        "tip.html",
        status=422 if problem else 200,
        tip=opened.tip,
        report=opened.report,
        records=opened.records,
        # Within the page: nothing of a tip has an address of its own.
        pictures=[base64.b64encode(picture).decode() for picture in opened.pictures],
        unit=units[opened.tip.unit_id],
        moves=moves_from(opened.tip.state),
        receivers=RECEIVERS,
        closed_states=CLOSED_STATES,
        voice=visit.services.tip_voice,
        chosen=visit.form.text("to"),
        passed_to=visit.form.text("passed_to"),
        reason=visit.form.text("reason"),
        reason_longest=LONGEST_REMARK,
        problem=problem,
    )


def version_of(visit: Visit) -> int | None:
    """Return at which version the officer saw the tip, None if the form does not say."""
    typed = visit.form.text("version")
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_NUMBER
    return int(typed) if is_number else None


async def move(visit: Visit) -> web.StreamResponse:
    """Move a tip on; what was typed stays if it may not be."""
    tip_id = TipId(visit.part("tip_id"))
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, f"{QUEUE}/{tip_id}")
    to = visit.form.text("to")
    if to not in set(TipState) - {TipState.DOUBLED}:
        return await _opened(visit, reader, problem=Problem(key="tip_state_missing"))
    try:
        await visit.services.reading.desk.move(
            tip_id,
            TipState(to),
            reader,
            reason=visit.form.text("reason"),
            passed_to=visit.form.text("passed_to"),
            version=version_of(visit),
        )
    except UnlawfulMove:
        # Somebody else moved it meanwhile: the page now shows where it stands.
        return await _opened(visit, reader, problem=Problem(key="tip_moved_meanwhile"))
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        return await _opened(visit, reader, problem=problem)
    return see(f"{QUEUE}/{tip_id}")


ROUTES = (
    get("/tin-bao/khoa", unlock, needs=Act.MODERATE),
    get("/tin-bao/{tip_id}", show, needs=Act.MODERATE),
    post("/tin-bao/{tip_id}/chuyen", move, needs=Act.MODERATE),
)
