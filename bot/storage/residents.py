"""Units, their households, and the people who joined."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, literal, select, update

from bot.core.audience import Selection
from bot.core.deliveries import DeliveryState
from bot.core.errors import NotFound
from bot.core.ids import AnnouncementId, ChannelId, HouseholdId, PersonId, UnitId
from bot.core.people import Person, PersonState
from bot.core.reach import Latecomers, ReachCase, ReachCount, Reached
from bot.core.sending import Reason
from bot.core.units import Household, Unit
from bot.storage import tables
from bot.storage.falling_back import fall_back
from bot.storage.reaching import count_gone, count_late, count_reach, list_reach
from bot.storage.readers_stamp import note_readers_changed
from bot.storage.statements import Statements, first_noun, noun_of, upsert, values_of

# Built once: every message runs these, and building them takes longer.
_ALL_UNITS: Final = select(tables.units).order_by(tables.units.c.code)
_FINDING: Final = select(tables.people).where(
    tables.people.c.channel_id == bindparam("of_channel"),
    tables.people.c.chat == bindparam("of_chat"),
)


class SqlUnits:
    """The tree of units."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, unit: Unit) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, tables.units), values_of(unit))
        await note_readers_changed(self._db)

    async def get(self, unit_id: UnitId) -> Unit:
        """Return the unit. Raise `NotFound`."""
        statement = select(tables.units).where(tables.units.c.id == unit_id)
        unit = first_noun(Unit, await self._db.rows(statement))
        if unit is None:
            raise NotFound(f"unit {unit_id}")
        return unit

    async def by_code(self, code: str) -> Unit | None:
        """Return the unit with this code."""
        statement = select(tables.units).where(tables.units.c.code == code)
        return first_noun(Unit, await self._db.rows(statement))

    async def by_join_code(self, join_code: str) -> Unit | None:
        """Return the unit people join with this code."""
        statement = select(tables.units).where(tables.units.c.join_code == join_code)
        return first_noun(Unit, await self._db.rows(statement))

    async def all(self) -> list[Unit]:
        """Return every unit, by code."""
        return [noun_of(Unit, row) for row in await self._db.rows(_ALL_UNITS)]


class SqlHouseholds:
    """The lists of households."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save_many(self, households: Sequence[Household]) -> None:
        """Insert or replace by id."""
        if households:
            rows = [values_of(household) for household in households]
            await self._db.count(upsert(self._db, tables.households), rows)

    async def get(self, household_id: HouseholdId) -> Household:
        """Return the household. Raise `NotFound`."""
        statement = select(tables.households).where(tables.households.c.id == household_id)
        household = first_noun(Household, await self._db.rows(statement))
        if household is None:
            raise NotFound(f"household {household_id}")
        return household

    async def by_join_code(self, join_code: str) -> Household | None:
        """Return the household people join with this code."""
        statement = select(tables.households).where(tables.households.c.join_code == join_code)
        return first_noun(Household, await self._db.rows(statement))

    async def of_unit(self, unit_id: UnitId) -> list[Household]:
        """Return the unit's households, by code."""
        table = tables.households
        statement = select(table).where(table.c.unit_id == unit_id).order_by(table.c.code)
        return [noun_of(Household, row) for row in await self._db.rows(statement)]


class SqlPeople:
    """Residents who joined."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, person: Person) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, tables.people), values_of(person))

    async def get(self, person_id: PersonId) -> Person:
        """Return the person. Raise `NotFound`."""
        statement = select(tables.people).where(tables.people.c.id == person_id)
        person = first_noun(Person, await self._db.rows(statement))
        if person is None:
            raise NotFound(f"person {person_id}")
        return person

    async def find(self, channel_id: ChannelId, chat: str) -> Person | None:
        """Return who joined from this chat."""
        asked = {"of_channel": channel_id, "of_chat": chat}
        return first_noun(Person, await self._db.rows(_FINDING, asked))

    async def remove(self, person_id: PersonId) -> None:
        """Delete the person; deliveries to them keep their outcome and lose the name.

        Copies that still waited are skipped: they left.
        """
        copies = tables.deliveries
        left = await self._db.rows(
            update(copies)
            .where(copies.c.person_id == person_id, copies.c.state == DeliveryState.WAITING)
            # Nobody told us the hour; the copy's own is near enough and names no moment of theirs.
            .values(
                state=DeliveryState.SKIPPED,
                reason=Reason.LEFT,
                owner=None,
                done_at=copies.c.not_before,
            )
            .returning(copies.c.id, copies.c.not_before)
        )
        for row in left:
            await fall_back(self._db, [row.id], at=row.not_before)
        await self._db.count(delete(tables.people).where(tables.people.c.id == person_id))

    async def wrote(self, person_id: PersonId, *, block: datetime) -> None:
        """Note the six hours in which somebody wrote; it only ever moves forward."""
        table = tables.people
        earlier = table.c.wrote_at.is_(None) | (table.c.wrote_at < block)
        await self._db.count(
            update(table).where(table.c.id == person_id, earlier).values(wrote_at=block)
        )

    async def chats(
        self, unit_ids: Collection[UnitId], channel_id: ChannelId, *, since: datetime | None
    ) -> list[str]:
        """Return the chats of those who joined, who wrote last first."""
        table = tables.people
        wrote_at = func.coalesce(table.c.wrote_at, table.c.joined_at)
        statement = (
            select(table.c.chat)
            .where(
                table.c.unit_id.in_(unit_ids),
                table.c.channel_id == channel_id,
                table.c.state == PersonState.JOINED,
            )
            .order_by(wrote_at.desc(), table.c.id)
        )
        if since is not None:
            statement = statement.where(wrote_at >= literal(since, table.c.joined_at.type))
        return [row.chat for row in await self._db.rows(statement)]

    async def counts(
        self, unit_ids: Collection[UnitId]
    ) -> Mapping[tuple[UnitId, ChannelId, PersonState], int]:
        """Return how many people there are, by unit, channel and state."""
        table = tables.people
        group = (table.c.unit_id, table.c.channel_id, table.c.state)
        statement = (
            select(*group, func.count().label("many"))
            .where(table.c.unit_id.in_(unit_ids))
            .group_by(*group)
        )
        return {
            (row.unit_id, row.channel_id, row.state): row.many
            for row in await self._db.rows(statement)
        }

    async def reach(self, selection: Selection) -> list[ReachCount]:
        """Count whom an announcement would reach, case by case."""
        return await count_reach(self._db, selection)

    async def gone(self, selection: Selection) -> Mapping[tuple[ChannelId, ReachCase], int]:
        """Count whom an announcement would reach had they not left or blocked us."""
        return await count_gone(self._db, selection)

    async def behind(
        self,
        selection: Selection,
        channel_id: ChannelId,
        case: ReachCase,
        *,
        after: PersonId | None = None,
        limit: int = 100,
    ) -> list[Reached]:
        """Return the people behind a number, by their ids."""
        return await list_reach(self._db, selection, channel_id, case, after=after, limit=limit)

    async def late(self, announcement_id: AnnouncementId, selection: Selection) -> Latecomers:
        """Count whom freezing once more would give a copy."""
        return await count_late(self._db, announcement_id, selection)

    async def interests(self, person_id: PersonId) -> frozenset[str]:
        """Return the topics somebody asked to hear of."""
        table = tables.interests
        statement = select(table.c.topic).where(table.c.person_id == person_id)
        return frozenset(row.topic for row in await self._db.rows(statement))

    async def set_interests(self, person_id: PersonId, topics: Collection[str]) -> None:
        """Let these be the topics somebody asked to hear of."""
        table = tables.interests
        await self._db.count(delete(table).where(table.c.person_id == person_id))
        rows = [{"person_id": person_id, "topic": topic} for topic in sorted(topics)]
        if rows:
            await self._db.count(insert(table), rows)
