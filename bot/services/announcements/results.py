"""Who was not reached by an announcement, and why: for officers who walk there instead.

Lists are read in pieces, by key and not by number, each piece in a look of its own: a million
copies take no more memory than one page, and no look holds the database for long.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from bot.core.announcements import Announcement
from bot.core.deliveries import DeliveryState
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId, OfficerId, UnitId
from bot.core.officers import Officer
from bot.core.results import Case, CopyResult, MissedHouse, MissedHouses, Place
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from bot.core.units import Unit, below
from bot.services.announcements import announcing
from bot.services.audit import Audit

_PIECE: Final = 1_000
# A list of a million lines reads the database for a minute and may fill the disk with a file.
EXPORTS_AT_ONCE: Final = 4
EXPORTS_OF_ONE: Final = 2
# What has no outcome yet stands last; what was sent is no part of these lists.
ORDER: Final = (
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
    DeliveryState.SKIPPED,
    DeliveryState.SENDING,
    DeliveryState.WAITING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many copies there are of each case, and of how many households nobody was reached.

    `units` are those the announcement is for, and all above and beside them that are needed to
    name them.
    """

    announcement: Announcement
    unit: Unit
    units: Mapping[UnitId, Unit]
    counts: Mapping[Case, int]
    houses: MissedHouses

    def many(self, states: Collection[DeliveryState], reason: Reason | None = None) -> int:
        """Return how many copies have one of these outcomes, and the reason if one is given."""
        return sum(self.counts[case] for case in self.cases(states, reason))

    def cases(
        self, states: Collection[DeliveryState], reason: Reason | None = None
    ) -> Sequence[Case]:
        """Return the cases with one of these outcomes, in the order of every list."""
        found = [
            case
            for case in self.counts
            if case.state in states and (reason is None or case.reason is reason)
        ]
        return sorted(found, key=_turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class HousePlace:
    """Where a list of households goes on: behind this code of this unit."""

    unit_id: UnitId
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """An announcement that may be looked at, and the units that may be named."""

    announcement: Announcement
    units: Mapping[UnitId, Unit] = field(repr=False)
    recipients: Sequence[Unit]
    may_name: Collection[UnitId]


class Results:
    """Use cases about who was not reached. `to` None everywhere: somebody at the machine."""

    def __init__(self, *, storage: Storage, audit: Audit) -> None:
        self._storage = storage
        self._audit = audit
        self._exports: Counter[OfficerId] = Counter()

    async def summary(self, announcement_id: AnnouncementId, *, to: Officer | None) -> Summary:
        """Return the counts. Raise `NotFound`."""
        async with self._storage.read() as work:
            scope = await _scope(work, announcement_id, to)
            counts = await work.results.counts(announcement_id)
            houses = await work.results.count_missed_houses(
                announcement_id, [unit.id for unit in scope.recipients]
            )
        if scope.announcement.amends is not None:
            # It was never meant for those who did not have the earlier text.
            houses = replace(houses, without_copies=0)
        return Summary(
            announcement=scope.announcement,
            unit=scope.units[scope.announcement.unit_id],
            units=scope.units,
            counts=counts,
            houses=houses,
        )

    async def copies(
        self,
        announcement_id: AnnouncementId,
        cases: Sequence[Case],
        *,
        to: Officer | None,
        after: Place | None = None,
        limit: int = _PIECE,
    ) -> list[CopyResult]:
        """Return the next copies of these cases, case after case. Raise `NotFound`.

        Whose unit `to` does not see (somebody who moved away) is told without a place.
        """
        found: list[CopyResult] = []
        async with self._storage.read() as work:
            scope = await _scope(work, announcement_id, to)
            for case in sorted(cases, key=_turn):
                if len(found) >= limit:
                    break
                if after is not None and _turn(case) < _turn(after.case):
                    continue
                is_same = after is not None and case == after.case
                found += await work.results.copies(
                    announcement_id,
                    case,
                    after=after if is_same else None,
                    limit=limit - len(found),
                )
        return [_placed(one, scope.may_name) for one in found]

    async def houses(
        self,
        announcement_id: AnnouncementId,
        *,
        to: Officer | None,
        has_copies: bool | None = None,
        after: HousePlace | None = None,
        limit: int = _PIECE,
    ) -> list[MissedHouse]:
        """Return the next households of which nobody was reached, unit after unit."""
        found: list[MissedHouse] = []
        async with self._storage.read() as work:
            scope = await _scope(work, announcement_id, to)
            if scope.announcement.amends is not None and has_copies is None:
                has_copies = True
            ids = [unit.id for unit in scope.recipients]
            begin = ids.index(after.unit_id) if after and after.unit_id in ids else 0
            for unit_id in ids[begin:]:
                if len(found) >= limit:
                    break
                found += await work.results.missed_houses(
                    announcement_id,
                    unit_id,
                    has_copies=has_copies,
                    after=after.code if after and after.unit_id == unit_id else "",
                    limit=limit - len(found),
                )
        return found

    async def all_copies(
        self, announcement_id: AnnouncementId, cases: Sequence[Case], *, to: Officer | None
    ) -> AsyncIterator[Sequence[CopyResult]]:
        """Yield all copies of these cases in pieces."""
        after: Place | None = None
        while piece := await self.copies(announcement_id, cases, to=to, after=after):
            yield piece
            after = piece[-1].place

    async def all_houses(
        self,
        announcement_id: AnnouncementId,
        *,
        to: Officer | None,
        has_copies: bool | None = None,
    ) -> AsyncIterator[Sequence[MissedHouse]]:
        """Yield all households of which nobody was reached in pieces."""
        after: HousePlace | None = None
        while piece := await self.houses(
            announcement_id, to=to, has_copies=has_copies, after=after
        ):
            yield piece
            after = HousePlace(unit_id=piece[-1].unit_id, code=piece[-1].code)

    @contextmanager
    def exporting(self, *, by: OfficerId) -> Iterator[None]:
        """Hold one of the few places for handing out a list. Raise `RuleBroken`."""
        is_full = self._exports.total() >= EXPORTS_AT_ONCE
        if is_full or self._exports[by] >= EXPORTS_OF_ONE:
            raise RuleBroken("exports_many")
        self._exports[by] += 1
        try:
            yield
        finally:
            self._exports[by] -= 1

    async def note_export(
        self, announcement_id: AnnouncementId, *, kind: str, what: str, by: Officer | None
    ) -> None:
        """Put on record that a list is handed out, before it is. Raise `NotFound`."""
        async with self._storage.begin() as work:
            await _scope(work, announcement_id, by)
            await announcing.note(
                self._audit,
                work,
                "announcement.export",
                about=announcement_id,
                by=by,
                facts={"kind": kind, "what": what},
            )
            await work.commit()


def _turn(case: Case) -> tuple[int, str]:
    place = ORDER.index(case.state) if case.state in ORDER else len(ORDER)
    return place, case.reason or ""


async def _scope(work: Work, announcement_id: AnnouncementId, to: Officer | None) -> _Scope:
    """Return what may be looked at. Raise `NotFound`."""
    announcement = await work.announcements.get(announcement_id)
    units = await work.units.all()
    if not announcing.is_seen(announcement, units, to=to):
        raise NotFound("no such announcement")
    may_name = {unit.id for unit in units} if to is None else below(to.unit_id, units)
    # One that was narrowed to topics or to who was missed was not meant for every household there,
    # yet of those that got nothing the officers would rather know one too many.
    meant_for = announcing.meant(announcement.unit_id, announcement.audience, units)
    return _Scope(
        announcement=announcement,
        units={unit.id: unit for unit in units},
        recipients=sorted(meant_for, key=units.index),
        may_name=may_name,
    )


def _placed(copy: CopyResult, may_name: Collection[UnitId]) -> CopyResult:
    if copy.unit_id is None or copy.unit_id in may_name:
        return copy
    return replace(
        copy,
        unit_id=None,
        household_code="",
        household_address="",
        joined_at=None,
        group_name="",
    )
