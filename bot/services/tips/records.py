"""What both sides of tips share: who may read what, and the sealing of a tip's records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import RuleBroken
from bot.core.ids import OfficerId, UnitId
from bot.core.officers import Act, HolderKind, KeyHolder, Officer
from bot.core.sealing import TipSealing
from bot.core.storage import Storage, Work
from bot.core.tip_queue import TipSight
from bot.core.tips import RecordKind, Tip, TipRecord
from bot.core.units import Unit, below, path_up
from bot.services.shared_read import SharedRead


class Records:
    """Seals and opens the records of tips, each bound to its place."""

    def __init__(self, sealing: TipSealing) -> None:
        self._sealing = sealing

    def sealed(
        self, tip: Tip, key: bytes, kind: RecordKind, *, sequence: int, plain: bytes, at: datetime
    ) -> TipRecord:
        """Return `plain` as the record of `tip` numbered `sequence`, sealed with `key`."""
        sealed = self._sealing.seal(
            key, plain, unit_id=tip.sealed_for, tip_id=tip.id, kind=kind, sequence=sequence
        )
        return TipRecord(
            tip_id=tip.id,
            sequence=sequence,
            kind=kind,
            sealed=sealed,
            at=coarse(at, is_urgent=tip.is_urgent),
        )

    def opened(self, tip: Tip, key: bytes, record: TipRecord) -> bytes:
        """Return what a record of `tip` says. Raise `SealBroken`."""
        return self._sealing.open(
            key,
            record.sealed,
            unit_id=tip.sealed_for,
            tip_id=tip.id,
            kind=record.kind,
            sequence=record.sequence,
        )


def coarse(at: datetime, *, is_urgent: bool) -> datetime:
    """Return the hour of `at`, or for urgent tips the quarter, so that no minute can betray."""
    minute = at.minute - at.minute % 15 if is_urgent else 0
    return at.replace(minute=minute, second=0, microsecond=0)


async def readers_of(
    work: Work, unit_id: UnitId, *, about_officer: bool = False
) -> list[KeyHolder]:
    """Return whose keys a tip filed under the unit is sealed to.

    Moderators of it or above and the recovery key; of a tip about an officer only those of the
    very unit, which is an inspectorate.
    """
    return (await all_readers(work)).of(unit_id, about_officer=about_officer)


async def all_readers(work: Work) -> "Readers":
    """Return who may read the tips of every unit, as it is at this moment."""
    return Readers(
        # First, so that what changes meanwhile is at worst taken for unknown.
        stamp=await work.officers.readers_stamp(),
        units={unit.id: unit for unit in await work.units.all()},
        officers={one.id: one for one in await work.officers.all()},
        holders=await work.officers.public_holders(),
    )


class KnownReaders:
    """Who may read what: looked up, and known from then on until it changes."""

    def __init__(self, storage: Storage) -> None:
        """Look in `storage`."""
        self._seen: Readers | None = None
        # Shared by all who tell at the same moment.
        self._look = SharedRead(lambda: storage.look(self._seen_in))

    async def __call__(self) -> "Readers":
        """Return who may read what, as it is after the call."""
        return await self._look()

    async def lately(self) -> "Readers":
        """Return who might read what when somebody looked last.

        For what is looked at again by `now` before anything is stored.
        """
        return self._seen or await self._look()

    async def now(self, work: Work) -> "Readers":
        """Return who may read what, as it is in the transaction of `work`."""
        seen = self._seen
        if seen is None or seen.stamp is None or seen.stamp != await work.officers.readers_stamp():
            # Not kept: what this transaction wrote itself may yet be undone.
            return await all_readers(work)
        return seen

    async def _seen_in(self, work: Work) -> "Readers":
        self._seen = seen = await self.now(work)
        return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who may read what; `units` are all there are.

    `stamp` is another wherever any of it is, None where the database does not tell.
    """

    stamp: str | None
    units: Mapping[UnitId, Unit]
    officers: Mapping[OfficerId, Officer]
    holders: Sequence[KeyHolder]

    def filed_under(self, unit_id: UnitId, *, about_officer: bool) -> UnitId:
        """Return the unit that is to read a tip told to `unit_id`.

        Itself, or for one about an officer the inspectorate that the unit, or the nearest above
        it, has named. Raise `RuleBroken` if none is named: the sender is told, and nothing goes
        to colleagues.
        """
        if not about_officer:
            return unit_id
        for unit in path_up(unit_id, self.units):
            if unit.inspectorate_id is not None:
                return unit.inspectorate_id
        raise RuleBroken("tips.no_inspectorate")

    def of(self, unit_id: UnitId, *, about_officer: bool = False) -> list[KeyHolder]:
        """Return whose keys a tip filed under the unit is sealed to, see `readers_of`."""
        line = _line(unit_id, self.units, about_officer=about_officer)
        return [one for one in self.holders if self._may_read(one, line)]

    def _may_read(self, holder: KeyHolder, line: frozenset[UnitId]) -> bool:
        if holder.unit_id not in line:
            return False
        if holder.kind is HolderKind.RECOVERY:
            return True
        officer = self.officers.get(holder.officer_id) if holder.officer_id else None
        if officer is None or not officer.is_active or not officer.may(Act.MODERATE):
            return False
        # An officer moved to another unit may hold a key from before.
        return officer.unit_id in line


def may_hold(holder: KeyHolder, tip: Tip, units: Mapping[UnitId, Unit]) -> bool:
    """Tell whether a tip's key may be sealed to this holder at all, by its unit."""
    return holder.unit_id in _line(tip.unit_id, units, about_officer=tip.is_about_officer)


def _line(
    unit_id: UnitId, units: Mapping[UnitId, Unit], *, about_officer: bool
) -> frozenset[UnitId]:
    """Return the units whose moderators may read what is filed under `unit_id`."""
    if about_officer:
        return frozenset({unit_id})
    return frozenset(unit.id for unit in path_up(unit_id, units))


async def seen_by(work: Work, officer: Officer) -> frozenset[UnitId]:
    """Return the units whose tips the officer may see, should a role allow it."""
    return below(officer.unit_id, await work.units.all())


async def sight_of(work: Work, officer: Officer) -> TipSight:
    """Return whose tips the officer may know of, should a role allow it."""
    return TipSight(unit_ids=await seen_by(work, officer), own=officer.unit_id)
