"""What became of the copies of one announcement: counts, and lists read in pieces.

The copies of one case stand together in `ix_deliveries_announcement`, in the order in which they
ended; so a piece is found at once however many are done.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, Subquery, case, func, literal, select

from bot.core.deliveries import DeliveryState
from bot.core.ids import AnnouncementId, HouseholdId, UnitId
from bot.core.people import PersonState
from bot.core.results import Case, CopyResult, HouseCopy, MissedHouse, MissedHouses, Place
from bot.core.sending import Reason
from bot.storage import tables
from bot.storage.claiming import rows
from bot.storage.missing import copies_of_houses, count_missed, missed, of_copy, of_one
from bot.storage.statements import Statements

_people: Final = tables.people
_groups: Final = tables.groups
_households: Final = tables.households
_BEST_FIRST: Final = (
    DeliveryState.SENT,
    DeliveryState.UNKNOWN,
    DeliveryState.SENDING,
    DeliveryState.WAITING,
    DeliveryState.FAILED,
    DeliveryState.SKIPPED,
)


class SqlResults:
    """What became of single copies."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def counts(self, announcement_id: AnnouncementId) -> Mapping[Case, int]:
        """Return how many copies there are of each case."""
        found = await self._db.rows(
            select(rows.c.state, rows.c.reason, func.count().label("many"))
            .where(rows.c.announcement_id == announcement_id)
            .group_by(rows.c.state, rows.c.reason)
        )
        return {Case(state=row.state, reason=row.reason): row.many for row in found}

    async def copies(
        self,
        announcement_id: AnnouncementId,
        of: Case,
        *,
        after: Place | None = None,
        limit: int,
    ) -> list[CopyResult]:
        """Return copies of a case in the order in which they ended, those behind `after`."""
        found: list[Row[Any]] = []
        if after is not None:
            same = same_moment(announcement_id, after).limit(limit)
            found += await self._db.rows(told(announcement_id, same))
        if len(found) < limit and (after is None or after.done_at is not None):
            since = after.done_at if after else None
            later = ended_later(announcement_id, of, since).limit(limit - len(found))
            found += await self._db.rows(told(announcement_id, later))
        return [_copy(row) for row in found]

    async def missed_houses(
        self,
        announcement_id: AnnouncementId,
        unit_id: UnitId,
        *,
        has_copies: bool | None = None,
        after: str = "",
        limit: int,
    ) -> list[MissedHouse]:
        """Return households of a unit by code, those behind the code `after`."""
        found = await self._db.rows(
            missed(announcement_id, [unit_id], has_copies=has_copies)
            .where(_households.c.code > after)
            .order_by(_households.c.code)
            .limit(limit)
        )
        ids = [row.id for row in found]
        members, copies = await self._members(ids), await self._copies(announcement_id, ids)
        return [
            MissedHouse(
                id=row.id,
                unit_id=unit_id,
                code=row.code,
                address=row.address,
                members=members.get(row.id, 0),
                copies=tuple(copies.get(row.id, ())),
            )
            for row in found
        ]

    async def _members(self, ids: Sequence[HouseholdId]) -> Mapping[HouseholdId, int]:
        if not ids:
            return {}
        house = _people.c.household_id
        counted = await self._db.rows(
            select(house, func.count().label("many"))
            .where(house.in_(ids), _people.c.state == PersonState.JOINED)
            .group_by(house)
        )
        return {row.household_id: row.many for row in counted}

    async def _copies(
        self, announcement_id: AnnouncementId, ids: Sequence[HouseholdId]
    ) -> Mapping[HouseholdId, list[HouseCopy]]:
        found: dict[HouseholdId, list[HouseCopy]] = {}
        if not ids:
            return found
        for row in await self._db.rows(copies_of_houses(announcement_id, ids)):
            if row.state is None:
                continue
            copy = HouseCopy(
                case=Case(state=row.state, reason=row.reason), channel_id=row.channel_id
            )
            found.setdefault(row.household_id, []).append(copy)
        return found

    async def count_missed_houses(
        self, announcement_id: AnnouncementId, unit_ids: Collection[UnitId]
    ) -> MissedHouses:
        """Return how many households of the units have nobody whom a copy reached."""
        found = (await self._db.rows(count_missed(announcement_id, unit_ids)))[0]
        with_copies = found.with_copies or 0
        return MissedHouses(with_copies=with_copies, without_copies=found.many - with_copies)


def told(announcement_id: AnnouncementId, chosen: Select[Any]) -> Select[Any]:
    """Return what is told of some chosen copies, from where their person or group is now.

    They are chosen first: looking up everybody's household to sort a whole case by its moments
    would cost a hundred times as much as telling of one page.
    """
    copy = chosen.subquery("chosen")
    state, channel = _of_house(announcement_id, copy)
    return (
        select(
            copy.c.id,
            copy.c.state,
            copy.c.reason,
            copy.c.channel_id,
            copy.c.done_at,
            func.coalesce(_people.c.unit_id, _groups.c.unit_id).label("unit_id"),
            _households.c.code,
            _households.c.address,
            _people.c.joined_at,
            copy.c.group_id,
            _groups.c.name,
            state.label("house_state"),
            channel.label("house_channel"),
        )
        .select_from(
            copy.outerjoin(_people, _people.c.id == copy.c.person_id)
            .outerjoin(_households, _households.c.id == _people.c.household_id)
            .outerjoin(_groups, _groups.c.id == copy.c.group_id)
        )
        .order_by(copy.c.done_at, copy.c.id)
    )


def _of_house(
    announcement_id: AnnouncementId, copy: Subquery
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return state and channel of the copy for somebody else of a doubled one's household."""
    member = _people.alias("member")

    def of_member(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return of_copy(column, announcement_id, member.c.id)

    state = of_member(of_one.c.state)
    rank = case(
        *((literal(one, rows.c.state.type), place) for place, one in enumerate(_BEST_FIRST)),
        value=state,
    )

    def best(column: ColumnElement[Any]) -> ColumnElement[Any]:
        statement = (
            select(of_member(column))
            .where(
                member.c.household_id == _people.c.household_id,
                member.c.id != copy.c.person_id,
                state.is_not(None),
            )
            .order_by(rank, member.c.id)
            .limit(1)
            .correlate(copy, _people)
            .scalar_subquery()
        )
        return case((copy.c.reason == Reason.DOUBLED, statement))

    return best(of_one.c.state), best(of_one.c.channel_id)


def _of_case(announcement_id: AnnouncementId, of: Case) -> Select[Any]:
    has_reason = rows.c.reason.is_(None) if of.reason is None else rows.c.reason == of.reason
    names = ("id", "state", "reason", "channel_id", "done_at", "person_id", "group_id")
    return select(*(rows.c[name] for name in names)).where(
        rows.c.announcement_id == announcement_id, rows.c.state == of.state, has_reason
    )


def same_moment(announcement_id: AnnouncementId, after: Place) -> Select[Any]:
    """Return the copies behind `after` that ended at its very moment: freezing ends many."""
    at = after.done_at
    moment = rows.c.done_at.is_(None) if at is None else rows.c.done_at == at
    return (
        _of_case(announcement_id, after.case)
        .where(moment, rows.c.id > after.id)
        .order_by(rows.c.id)
    )


def ended_later(announcement_id: AnnouncementId, of: Case, since: datetime | None) -> Select[Any]:
    """Return the copies of a case that ended after a moment; without one, all of them."""
    statement = _of_case(announcement_id, of)
    if since is not None:
        statement = statement.where(rows.c.done_at > since)
    return statement.order_by(rows.c.done_at, rows.c.id)


def _copy(row: Row[Any]) -> CopyResult:
    return CopyResult(
        id=row.id,
        case=Case(state=row.state, reason=row.reason),
        channel_id=row.channel_id,
        done_at=row.done_at,
        unit_id=row.unit_id,
        household_code=row.code or "",
        household_address=row.address or "",
        joined_at=row.joined_at,
        is_group=row.group_id is not None,
        group_name=row.name or "",
        house_state=row.house_state,
        house_channel=row.house_channel,
    )
