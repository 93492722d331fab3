"""The queue of tips: filtered, page by page, and several tips moved at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import TipId, UnitId
from bot.core.officers import Act
from bot.core.tip_deadlines import missed, upcoming
from bot.core.tip_queue import TipFilter, TipPlace
from bot.core.tips import CLOSED_STATES, PassedTo, TipCategory, TipState
from bot.services.tips.reading.desk import LONGEST_REMARK
from bot.services.tips.reading.queue import COUNTED_TO
from console.forms import Problem
from console.pages.tip_parts import (
    QUEUE,
    RECEIVERS,
    locked,
    names_of,
    reader_of,
    units_of,
)
from console.routes import get, post
from console.visit import Visit, see

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = int(timedelta(days=365 * 200).total_seconds())
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
# Yes or no questions about a tip, as the address spells them.
TICKS: Final = ("khan", "moi", "qua-han", "cua-toi", "chua-nhan")
# Several tips at once may be set aside or passed on; what needs a look at each is not offered.
TOGETHER: Final = (
    TipState.IN_VERIFICATION,
    TipState.PASSED_ON,
    TipState.RESOLVED,
    TipState.UNFOUNDED,
    TipState.SPAM,
    TipState.FALSE,
)
_MOST_TOGETHER: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One choice above the list, with how many tips it shows; `is_more` if there are more."""

    key: str
    count: int
    is_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the address asks for; what is not understood is left out."""

    state: str
    category: TipCategory | None
    unit_id: UnitId | None
    ticks: frozenset[str]

    @property
    def query(self) -> str:
        """Return the question as the address spells it."""
        pairs = [("loc", self.state)]
        if self.category is not None:
            pairs.append(("viec", self.category.value))
        if self.unit_id is not None:
            pairs.append(("don-vi", self.unit_id))
        return urlencode(pairs + [(one, "1") for one in TICKS if one in self.ticks])

    def filter_for(self, visit: Visit) -> TipFilter:
        """Return the question as the queue understands it."""
        return TipFilter(
            states=FILTERS[self.state],
            category=self.category,
            unit_ids=frozenset({self.unit_id} if self.unit_id else ()),
            is_urgent="khan" in self.ticks,
            is_unread="moi" in self.ticks,
            is_overdue="qua-han" in self.ticks,
            is_unclaimed="chua-nhan" in self.ticks,
            claimed_by=visit.officer.id if "cua-toi" in self.ticks else None,
        )


def _wanted(asked: Mapping[str, str], units: Mapping[UnitId, object]) -> Wanted:
    state, category = asked.get("loc", ""), asked.get("viec", "")
    unit_id = UnitId(asked.get("don-vi", ""))
    return Wanted(
        state=state if state in FILTERS else "chua-xong",
        category=TipCategory(category) if category in set(TipCategory) else None,
        unit_id=unit_id if unit_id in units else None,
        ticks=frozenset(one for one in TICKS if asked.get(one)),
    )


async def queue(visit: Visit) -> web.StreamResponse:
    """Show what waits: urgent first, then oldest."""
    return await _shown(visit)


async def _shown(visit: Visit, *, problem: Problem | None = None) -> web.StreamResponse:
    reading = visit.services.reading
    reader = reader_of(visit)
    if reader is not None:
        # What was answered in chats is put with its tips before these are listed.
        await reading.talks.collect(reader)
    units = await units_of(visit)
    wanted = _wanted(visit.request.query, units)
    after = _place(visit.request.query.get("sau", ""))
    page = await reading.queue.page(visit.officer, wanted.filter_for(visit), after=after)
    return visit.show(
        "tips.html",
        status=422 if problem else 200,
        tips=page.tips,
        late={tip.id: missed(tip, visit.now) for tip in page.tips},
        next_up={tip.id: upcoming(tip, visit.now) for tip in page.tips},
        now=visit.now,
        units=units,
        names=await names_of(visit),
        filters=[_counted(key, states, page.counts) for key, states in FILTERS.items()],
        waiting=_counted("dang-cho", FILTERS["dang-cho"], page.counts),
        wanted=wanted,
        ticks=TICKS,
        saved=await reading.queue.saved(visit.officer),
        is_first=after is None,
        after=_spelled(page.after) if page.after else "",
        has_key=reader is not None,
        together=TOGETHER,
        receivers=RECEIVERS,
        reason_longest=LONGEST_REMARK,
        problem=problem,
    )


def _counted(key: str, states: frozenset[TipState], counts: Mapping[TipState, int]) -> Filter:
    each = [counts.get(state, 0) for state in states]
    return Filter(key=key, count=sum(each), is_more=COUNTED_TO in each)


def _spelled(place: TipPlace) -> str:
    seconds = int((place.received_at - _EPOCH).total_seconds())
    return f"{int(place.is_urgent)}.{seconds}.{place.tip_id}"


def _place(typed: str) -> TipPlace | None:
    urgent, _, rest = typed.partition(".")
    seconds, _, tip_id = rest.partition(".")
    is_number = seconds.isascii() and seconds.isdigit() and len(seconds) <= len(str(_LATEST))
    if urgent not in {"0", "1"} or not is_number or int(seconds) > _LATEST:
        return None
    return TipPlace(
        is_urgent=urgent == "1",
        received_at=_EPOCH + timedelta(seconds=int(seconds)),
        tip_id=TipId(tip_id),
    )


async def keep_filter(visit: Visit) -> web.StreamResponse:
    """Keep what is looked at under a name."""
    fields = {name: visit.form.text(name) for name in ("loc", "viec", "don-vi", *TICKS)}
    wanted = _wanted(fields, await units_of(visit))
    name = visit.form.text("name")
    try:
        await visit.services.reading.queue.save(visit.officer, name, wanted.query)
    except RuleBroken as broken:
        return await _shown(visit, problem=Problem(key=broken.key, values=broken.values))
    return see(f"{QUEUE}?{wanted.query}")


async def forget_filter(visit: Visit) -> web.StreamResponse:
    """Forget a filter that was kept."""
    await visit.services.reading.queue.forget(visit.officer, visit.form.text("name"))
    return see(QUEUE)


async def move_together(visit: Visit) -> web.StreamResponse:
    """Move the chosen tips for one reason and tell what became of each."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, QUEUE)
    tip_ids = [TipId(one) for one in visit.form.texts("tip")]
    to, passed_to = visit.form.text("to"), visit.form.text("passed_to")
    if not tip_ids or len(tip_ids) > _MOST_TOGETHER:
        return await _shown(visit, problem=Problem(key="tips_none_chosen"))
    if to not in set(TOGETHER):
        return await _shown(visit, problem=Problem(key="tip_state_missing"))
    if to == TipState.PASSED_ON and passed_to not in set(PassedTo):
        return await _shown(visit, problem=Problem(key="tip_passed_to_missing"))
    reason = visit.form.text("reason")
    if TipState(to) in CLOSED_STATES and not reason:
        return await _shown(visit, problem=Problem(key="tip_reason_missing"))
    outcomes = await visit.services.reading.desk.move_all(
        tip_ids, TipState(to), reader, reason=reason, passed_to=passed_to
    )
    return visit.show("tips_moved.html", outcomes=outcomes, to=TipState(to))


ROUTES = (
    get("/tin-bao", queue, needs=Act.MODERATE),
    post("/tin-bao/loc", keep_filter, needs=Act.MODERATE),
    post("/tin-bao/loc/bo", forget_filter, needs=Act.MODERATE),
    post("/tin-bao/chuyen-nhieu", move_together, needs=Act.MODERATE),
)
