"""Joining, leaving, and what is known of somebody who did.

Acts of residents ride in the transaction of the message they came with, so they take `work`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.errors import NotFound
from bot.core.ids import ChannelId, PersonId, UnitId, new_id
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.officers import Officer
from bot.core.people import Person, PersonState
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.units import Household, Unit, below
from bot.core.windows import block_of
from bot.services.units.units import unit_joined_by


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTarget:
    """What a join code leads to."""

    unit: Unit
    household: Household | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """How many people of one unit are reached, and how many left or cannot be reached."""

    unit: Unit
    joined: int
    gone: int
    by_channel: Mapping[ChannelId, int]


class People:
    """Use cases about residents."""

    def __init__(self, *, storage: Storage, clock: Clock, chance: Chance) -> None:
        self._storage = storage
        self._clock = clock
        self._chance = chance

    async def find_target(self, join_code: str) -> JoinTarget | None:
        """Return what a code (already read with `read_code`) leads to."""
        async with self._storage.read() as work:
            household = await work.households.by_join_code(join_code)
            if household is not None:
                unit = await work.units.get(household.unit_id)
                return JoinTarget(unit=unit, household=household)
            found = await unit_joined_by(work, join_code)
            return JoinTarget(unit=found) if found is not None else None

    async def join(
        self,
        work: Work,
        address: Address,
        target: JoinTarget,
        *,
        consent: str,
        language: Language,
    ) -> Person:
        """Make the chat a member of the unit, or move it there; `consent` names the text."""
        known = await work.people.find(address.channel_id, address.chat)
        household_id = target.household.id if target.household else None
        if known is None:
            person = Person(
                id=PersonId(new_id(self._chance)),
                channel_id=address.channel_id,
                chat=address.chat,
                unit_id=target.unit.id,
                household_id=household_id,
                language=language,
                consent=consent,
                joined_at=self._clock.now(),
            )
        else:
            person = replace(
                known,
                unit_id=target.unit.id,
                household_id=household_id,
                state=PersonState.JOINED,
                language=language,
                consent=consent,
                joined_at=self._clock.now(),
                left_at=None,
            )
        await work.people.save(person)
        return person

    async def leave(self, work: Work, address: Address) -> None:
        """Stop writing to the chat; a second time changes nothing."""
        person = await work.people.find(address.channel_id, address.chat)
        if person is not None and person.state is not PersonState.LEFT:
            await work.people.save(person.left(at=self._clock.now()))

    async def lost(self, work: Work, address: Address) -> None:
        """Note that the platform no longer reaches the chat."""
        person = await work.people.find(address.channel_id, address.chat)
        if person is not None and person.is_reachable:
            await work.people.save(person.unreachable(at=self._clock.now()))

    async def found_again(self, work: Work, person: Person) -> None:
        """Note that somebody the platform had lost has written again."""
        if person.state is PersonState.UNREACHABLE:
            await work.people.save(replace(person, state=PersonState.JOINED, left_at=None))

    async def wrote(self, work: Work, person: Person, at: datetime) -> None:
        """Note the six hours in which somebody wrote; platforms count their windows from it."""
        await work.people.wrote(person.id, block=block_of(at))

    async def delete(self, work: Work, address: Address) -> None:
        """Forget the chat altogether (Nghị định 356/2025 Điều 5: deletion on request)."""
        person = await work.people.find(address.channel_id, address.chat)
        if person is not None:
            await work.people.remove(person.id)

    async def pledge(self, work: Work, address: Address) -> None:
        """Note that the household signed the commitment; the first signature stays.

        Raise `NotFound` if the chat has not joined.
        """
        person = await work.people.find(address.channel_id, address.chat)
        if person is None:
            raise NotFound("only members sign")
        at = person.pledged_at or self._clock.now()
        await work.people.save(replace(person, pledged_at=at))

    async def headcounts(self, officer: Officer) -> list[Headcount]:
        """Return, for each unit the officer sees, how many people it reaches."""
        async with self._storage.read() as work:
            units = await work.units.all()
            allowed = below(officer.unit_id, units)
            counts = await work.people.counts(allowed)
        return [_headcount(unit, counts) for unit in units if unit.id in allowed]


def _headcount(
    unit: Unit, counts: Mapping[tuple[UnitId, ChannelId, PersonState], int]
) -> Headcount:
    by_channel: dict[ChannelId, int] = {}
    gone = 0
    for (unit_id, channel_id, state), number in counts.items():
        if unit_id != unit.id:
            continue
        if state is PersonState.JOINED:
            by_channel[channel_id] = by_channel.get(channel_id, 0) + number
        else:
            gone += number
    return Headcount(unit=unit, joined=sum(by_channel.values()), gone=gone, by_channel=by_channel)
