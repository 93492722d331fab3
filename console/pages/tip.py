"""One tip: opened with the officer's key, its pictures, and the page every act comes back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.languages import Language
from bot.core.officers import Act
from bot.core.papers import Purpose
from bot.core.sealing import SealBroken
from bot.core.tip_deadlines import missed, upcoming
from bot.core.tips import CLOSED_STATES, TIP_MOVES, TipState
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.desk import LONGEST_REMARK, OpenedTip
from bot.services.tips.reading.redacting import pieces
from bot.services.tips.talk import LONGEST_MESSAGE
from console.forms import Problem
from console.pages.tip_parts import (
    QUEUE,
    RECEIVERS,
    locked,
    moves_from,
    names_of,
    reader_of,
    units_of,
)
from console.routes import get
from console.visit import Visit, see

# What a form says of the tip as its officer saw it.
_SEEN: Final = ("seen_state", "seen_claim", "seen_said")
_LONGEST_NUMBER: Final = 6
# Sentences of section "tips" that an officer may begin a message with.
REPLIES: Final = (
    "reply_when",
    "reply_where",
    "reply_more",
    "reply_picture",
    "reply_call",
    "reply_thanks",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What became different since the officer saw the tip."""

    is_moved: bool
    is_claimed: bool
    more_said: int


async def unlock(visit: Visit) -> web.StreamResponse:
    """Ask for the password again, and lead back to the queue."""
    return see(QUEUE) if reader_of(visit) is not None else locked(visit, QUEUE)


async def show(visit: Visit) -> web.StreamResponse:
    """Open one tip, or ask for the password again if the key is not in memory."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, address_of(visit))
    return await opened(visit, reader)


def address_of(visit: Visit) -> str:
    """Return where the tip of this visit is shown."""
    return f"{QUEUE}/{visit.part('tip_id')}"


async def opened(
    visit: Visit,
    reader: Reader,
    *,
    problem: Problem | None = None,
    at: str = "",
    typed: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Show the tip; `at` is the form that could not be done, `typed` replaces what stood in it."""
    reading = visit.services.reading
    tip_id = TipId(visit.part("tip_id"))
    try:
        one = await reading.desk.open(tip_id, reader)
    except RuleBroken as broken:
        return visit.show(
            "tip_locked.html", status=403, back=address_of(visit), problem=Problem(key=broken.key)
        )
    except SealBroken:
        # Changed in the database, or sealed by a browser that wrote nonsense.
        return visit.show(
            "tip_locked.html",
            status=403,
            back=address_of(visit),
            problem=Problem(key="tip_seal_broken"),
        )
    units = await units_of(visit)
    main, doubles = await reading.merging.around(one.tip, reader)
    return visit.show(
        "tip.html",
        status=422 if problem else 200,
        one=one,
        tip=one.tip,
        report=one.report,
        pieces=pieces(one.report),
        picture_count=len(one.pictures) + sum(len(said.pictures) for said in one.said),
        unit=units[one.tip.unit_id],
        other_units=[
            unit for unit in await visit.services.units.all() if unit.id != one.tip.unit_id
        ],
        names=await names_of(visit),
        able=await reading.claims.able(tip_id, reader),
        main=main,
        doubles=doubles,
        late=missed(one.tip, visit.now),
        next_up=upcoming(one.tip, visit.now),
        moves=moves_from(one.tip.state),
        may_double=TipState.DOUBLED in TIP_MOVES[one.tip.state],
        receivers=RECEIVERS,
        closed_states=CLOSED_STATES,
        voice=visit.services.tip_voice,
        purposes={one: visit.services.tip_voice(f"purpose_{one}", Language.VI) for one in Purpose},
        replies=REPLIES,
        longest=LONGEST_REMARK,
        message_longest=LONGEST_MESSAGE,
        changes=_changes(visit, one) if problem and problem.key == "tip_changed" else None,
        typed={**_typed(visit), **(typed or {})},
        at=at,
        problem=problem,
    )


def _typed(visit: Visit) -> Mapping[str, str]:
    names = (
        "to",
        "passed_to",
        "reason",
        "text",
        "note",
        "officer",
        "into",
        "unit",
        "words",
        "key",
    )
    return {name: visit.form.text(name) for name in names}


def _changes(visit: Visit, one: OpenedTip) -> Changes:
    state, claim, said = (visit.form.text(name) for name in _SEEN)
    is_number = said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER
    seen_said = int(said) if is_number else 0
    return Changes(
        is_moved=state != one.tip.state.value,
        is_claimed=claim != (one.tip.claimed_by or ""),
        more_said=max(0, len(one.said) - seen_said),
    )


async def pictures(visit: Visit) -> web.StreamResponse:
    """Show the pictures of a tip, each made anew."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, f"{address_of(visit)}/anh")
    viewed = await visit.services.reading.viewer.pictures(TipId(visit.part("tip_id")), reader)
    return visit.show("tip_pictures.html", viewed=viewed, back=address_of(visit))


ROUTES = (
    get("/tin-bao/khoa", unlock, needs=Act.MODERATE),
    get("/tin-bao/{tip_id}", show, needs=Act.MODERATE),
    get("/tin-bao/{tip_id}/anh", pictures, needs=Act.MODERATE),
)
