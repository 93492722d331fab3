"""Who was not reached by an announcement: on a page, by outcome and reason, and as a file."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from bot.core.deliveries import DeliveryState
from bot.core.ids import AnnouncementId, DeliveryId, UnitId
from bot.core.officers import Act
from bot.core.results import Case, MissedHouse, Place
from bot.core.sending import Reason
from bot.services.announcements.results import HousePlace, Summary
from bot.services.sheets import csv_pieces, write_xlsx
from console.result_lines import Lines, words
from console.routes import get
from console.streams import begin, send_all
from console.visit import ROOT, Visit

_PAGE: Final = 50
_LONGEST_PLACE: Final = 300
_LARGEST_NUMBER: Final = 2**63
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(microseconds=1)
_READ_BYTES: Final = 256 * 1024
_CSV: Final = "text/csv; charset=utf-8"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPEN: Final = frozenset({DeliveryState.WAITING, DeliveryState.SENDING})


def _is_doubled(case: Case) -> bool:
    return case.reason is Reason.DOUBLED


FILTERS: Final[Mapping[str, Callable[[Case], bool]]] = {
    "chua-nhan": lambda case: case.state is not DeliveryState.SENT and not _is_doubled(case),
    "khong-gui-duoc": lambda case: case.state is DeliveryState.FAILED,
    "chua-ro": lambda case: case.state is DeliveryState.UNKNOWN,
    "bo-qua": lambda case: case.state is DeliveryState.SKIPPED and not _is_doubled(case),
    "dang-cho": lambda case: case.state in _OPEN,
    "nhan-thay": _is_doubled,
}
# Households, by whether a copy was meant for somebody of them.
HOUSES: Final[Mapping[str, bool | None]] = {"ho": None, "ho-da-gui": True, "ho-chua-gui": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One choice above the list, with how many lines it shows."""

    key: str
    count: int
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What is asked for: copies of some cases, or households."""

    key: str
    reason: Reason | None
    cases: Sequence[Case]

    @property
    def is_of_houses(self) -> bool:
        return self.key in HOUSES

    @property
    def query(self) -> dict[str, str]:
        return {"loc": self.key, **({"ly-do": self.reason.value} if self.reason else {})}


def _id(visit: Visit) -> AnnouncementId:
    return AnnouncementId(visit.part("announcement_id"))


def _chosen(visit: Visit, summary: Summary) -> _Chosen:
    key, typed = visit.request.query.get("loc", ""), visit.request.query.get("ly-do", "")
    reason = Reason(typed) if typed in set(Reason) else None
    if key not in FILTERS and key not in HOUSES:
        key = "nhan-thay" if reason is Reason.DOUBLED else "chua-nhan"
    if key in HOUSES:
        return _Chosen(key=key, reason=None, cases=())
    wanted = [one for one in summary.counts if FILTERS[key](one)]
    cases = [one for one in wanted if reason is None or one.reason is reason]
    return _Chosen(key=key, reason=reason, cases=cases)


async def show(visit: Visit) -> web.StreamResponse:
    """Show who was not reached, a page at a time."""
    summary = await visit.services.results.summary(_id(visit), to=visit.officer)
    chosen = _chosen(visit, summary)
    lines = await _lines(visit, summary)
    typed = visit.request.query.get("sau", "")[:_LONGEST_PLACE]
    if chosen.is_of_houses:
        houses = await visit.services.results.houses(
            _id(visit),
            to=visit.officer,
            has_copies=HOUSES[chosen.key],
            after=_read_house_place(typed),
            limit=_PAGE + 1,
        )
        shown: Sequence[object] = [lines.of_house(one) for one in houses[:_PAGE]]
        after = _house_place(houses[_PAGE - 1]) if len(houses) > _PAGE else ""
    else:
        copies = await visit.services.results.copies(
            _id(visit),
            chosen.cases,
            to=visit.officer,
            after=_read_place(typed),
            limit=_PAGE + 1,
        )
        shown = [lines.of_copy(one) for one in copies[:_PAGE]]
        after = _place(copies[_PAGE - 1].place) if len(copies) > _PAGE else ""
    return visit.show(
        "announcement_results.html",
        summary=summary,
        missed=_count(summary, "chua-nhan"),
        unknown=_count(summary, "chua-ro"),
        is_open=any(case.state in _OPEN for case in summary.counts),
        chosen=chosen,
        filters=_filters(visit, summary, chosen),
        house_filters=_house_filters(visit, summary, chosen),
        reason_filters=_reason_filters(visit, summary, chosen),
        lines=shown,
        query=urlencode(chosen.query),
        next_query=urlencode({**chosen.query, "sau": after}) if after else "",
        is_first=not typed,
    )


def _count(summary: Summary, key: str) -> int:
    return sum(many for case, many in summary.counts.items() if FILTERS[key](case))


def _href(visit: Visit, query: Mapping[str, str]) -> str:
    return f"{ROOT}/thong-bao/{_id(visit)}/ket-qua?{urlencode(query)}"


def _filters(visit: Visit, summary: Summary, chosen: _Chosen) -> list[Filter]:
    return [
        Filter(
            key=key,
            count=count,
            href=_href(visit, {"loc": key}),
            is_chosen=key == chosen.key,
        )
        for key in FILTERS
        if (count := _count(summary, key)) or key in {"chua-nhan", chosen.key}
    ]


def _house_filters(visit: Visit, summary: Summary, chosen: _Chosen) -> list[Filter]:
    houses = summary.houses
    counts = {
        "ho": houses.with_copies + houses.without_copies,
        "ho-da-gui": houses.with_copies,
        "ho-chua-gui": houses.without_copies,
    }
    return [
        Filter(
            key=key,
            count=count,
            href=_href(visit, {"loc": key}),
            is_chosen=key == chosen.key,
        )
        for key, count in counts.items()
        if count or key in {"ho", chosen.key}
    ]


def _reason_filters(visit: Visit, summary: Summary, chosen: _Chosen) -> list[Filter]:
    """Return the reasons within the chosen outcome; of one reason there is nothing to choose."""
    if chosen.is_of_houses:
        return []
    counts: dict[Reason, int] = {}
    for case, many in summary.counts.items():
        if case.reason is not None and FILTERS[chosen.key](case):
            counts[case.reason] = counts.get(case.reason, 0) + many
    if len(counts) <= 1 and chosen.reason is None:
        return []
    return [
        Filter(
            key=reason.value,
            count=count,
            href=_href(visit, {"loc": chosen.key, "ly-do": reason.value}),
            is_chosen=reason is chosen.reason,
        )
        for reason, count in sorted(counts.items(), key=lambda one: -one[1])
    ]


async def _lines(visit: Visit, summary: Summary) -> Lines:
    accounts = await visit.services.channels.accounts()
    return Lines(
        units=summary.units,
        channels={one.id: one for one in accounts},
        zone=visit.services.zone,
    )


# --- where a list goes on ----------------------------------------------------------------------


def _place(place: Place) -> str:
    at = "" if place.done_at is None else str((place.done_at - _EPOCH) // _STEP)
    return f"{place.case.state.value}.{place.case.reason or ''}.{at}.{place.id}"


def _read_place(typed: str) -> Place | None:
    """Return where the list goes on; whatever nobody was given begins anew."""
    parts = typed.split(".")
    if len(parts) != 4:  # noqa: PLR2004 - as many as `_place` writes
        return None
    state, reason, at, number = parts
    is_known = state in set(DeliveryState) and (not reason or reason in set(Reason))
    if not is_known or not _is_number(number) or (at and not _is_number(at)):
        return None
    try:
        done_at = _EPOCH + int(at) * _STEP if at else None
    except OverflowError:
        return None
    case = Case(state=DeliveryState(state), reason=Reason(reason) if reason else None)
    return Place(case=case, done_at=done_at, id=DeliveryId(int(number)))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(_LARGEST_NUMBER))


def _house_place(house: MissedHouse) -> str:
    return f"{house.unit_id}.{house.code}"


def _read_house_place(typed: str) -> HousePlace | None:
    unit_id, mark, code = typed.partition(".")
    return HousePlace(unit_id=UnitId(unit_id), code=code) if mark else None


# --- handed out as a file ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """What goes into a file, and what the file is called before its ending."""

    heads: Sequence[str]
    pieces: AsyncIterable[Sequence[Sequence[str]]]
    name: str


async def _table(visit: Visit, kind: str) -> _Table:
    """Return the chosen list as a table, once it is on record who takes it. Raise `NotFound`."""
    results = visit.services.results
    summary = await results.summary(_id(visit), to=visit.officer)
    chosen, lines = _chosen(visit, summary), await _lines(visit, summary)
    what = " ".join(chosen.query.values())
    await results.note_export(_id(visit), kind=kind, what=what, by=visit.officer)
    name = f"ket-qua-{summary.announcement.slug}"
    if chosen.is_of_houses:
        houses = results.all_houses(_id(visit), to=visit.officer, has_copies=HOUSES[chosen.key])
        return _Table(heads=words().house_columns, pieces=lines.of_houses(houses), name=name)
    copies = results.all_copies(_id(visit), chosen.cases, to=visit.officer)
    return _Table(heads=words().columns, pieces=lines.of_copies(copies), name=name)


async def as_csv(visit: Visit) -> web.StreamResponse:
    """Hand the list out as CSV, sent while it is read."""
    with visit.services.results.exporting(by=visit.officer.id):
        table = await _table(visit, "csv")
        response = await begin(visit.request, _CSV, file_name=f"{table.name}.csv")
        await send_all(visit.request, response, csv_pieces(table.heads, table.pieces))
    return response


async def as_xlsx(visit: Visit) -> web.StreamResponse:
    """Hand the list out as .xlsx: written to the disk, sent from there, gone afterwards."""
    exporting = visit.services.results.exporting(by=visit.officer.id)
    with exporting, TemporaryDirectory(prefix="binhyen-") as folder:
        table = await _table(visit, "xlsx")
        path = Path(folder) / "results.xlsx"
        await write_xlsx(path, table.heads, table.pieces)
        response = await begin(visit.request, _XLSX, file_name=f"{table.name}.xlsx")
        await send_all(visit.request, response, _read(path))
    return response


async def _read(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, _READ_BYTES):
            yield piece
    finally:
        file.close()


_RESULTS: Final = "/thong-bao/{announcement_id}/ket-qua"
ROUTES = (
    get(_RESULTS, show, needs=Act.SEE),
    get(f"{_RESULTS}.csv", as_csv, needs=Act.SEE, is_long=True),
    get(f"{_RESULTS}.xlsx", as_xlsx, needs=Act.SEE, is_long=True),
)
