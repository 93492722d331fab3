"""The port of the database: units, households, people."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.audience import Selection
from bot.core.ids import (
    AnnouncementId,
    ChannelId,
    HouseholdId,
    PersonId,
    UnitId,
)
from bot.core.people import Person, PersonState
from bot.core.reach import Latecomers, ReachCase, ReachCount, Reached
from bot.core.units import Household, Unit


class Units(Protocol):
    """The tree of units."""

    async def save(self, unit: Unit) -> None: ...
    async def get(self, unit_id: UnitId) -> Unit: ...
    async def by_code(self, code: str) -> Unit | None: ...
    async def by_join_code(self, join_code: str) -> Unit | None: ...
    async def all(self) -> list[Unit]: ...


class Households(Protocol):
    """The lists of households."""

    async def save_many(self, households: Sequence[Household]) -> None: ...
    async def get(self, household_id: HouseholdId) -> Household: ...
    async def by_join_code(self, join_code: str) -> Household | None: ...
    async def of_unit(self, unit_id: UnitId) -> list[Household]: ...


class People(Protocol):
    """Residents who joined. `find` knows one chat of one channel."""

    async def save(self, person: Person) -> None: ...
    async def get(self, person_id: PersonId) -> Person: ...
    async def find(self, channel_id: ChannelId, chat: str) -> Person | None: ...
    async def remove(self, person_id: PersonId) -> None:
        """Delete the person; deliveries to them keep their outcome and lose the name."""
        ...

    async def wrote(self, person_id: PersonId, *, block: datetime) -> None:
        """Note the six hours in which somebody wrote; it only ever moves forward."""
        ...

    async def counts(
        self, unit_ids: Collection[UnitId]
    ) -> Mapping[tuple[UnitId, ChannelId, PersonState], int]: ...
    async def chats(
        self, unit_ids: Collection[UnitId], channel_id: ChannelId, *, since: datetime | None
    ) -> list[str]:
        """Return the chats of those who joined the units on a channel, who wrote last first.

        With `since`, of those only who last wrote, or joined, no earlier.
        """
        ...

    async def reach(self, selection: Selection) -> list[ReachCount]:
        """Count whom `Deliveries.freeze` would take, case by case."""
        ...

    async def gone(self, selection: Selection) -> Mapping[tuple[ChannelId, ReachCase], int]:
        """Count whom it would take had they not left or blocked us, by channel and why."""
        ...

    async def behind(
        self,
        selection: Selection,
        channel_id: ChannelId,
        case: ReachCase,
        *,
        after: PersonId | None = None,
        limit: int = 100,
    ) -> list[Reached]:
        """Return the people behind one of those numbers, by their ids, those after `after`."""
        ...

    async def late(self, announcement_id: AnnouncementId, selection: Selection) -> Latecomers:
        """Count whom `Deliveries.freeze` would give a copy now who have none of it."""
        ...

    async def interests(self, person_id: PersonId) -> frozenset[str]:
        """Return the topics somebody asked to hear of."""
        ...

    async def set_interests(self, person_id: PersonId, topics: Collection[str]) -> None: ...
