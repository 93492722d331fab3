"""What both sides of tips share: who may read what, and the sealing of a tip's records."""

from datetime import datetime

from bot.core.ids import OfficerId, UnitId
from bot.core.officers import Act, HolderKind, KeyHolder, Officer
from bot.core.sealing import TipSealing
from bot.core.storage import Work
from bot.core.tips import RecordKind, Tip, TipRecord
from bot.core.units import below, path_up


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


async def readers_of(work: Work, unit_id: UnitId) -> list[KeyHolder]:
    """Return whose keys a tip of the unit is sealed to: moderators of it or above, recovery."""
    units = {unit.id: unit for unit in await work.units.all()}
    line = {unit.id for unit in path_up(unit_id, units)}
    officers: dict[OfficerId, Officer] = {one.id: one for one in await work.officers.all()}
    found: list[KeyHolder] = []
    for holder in await work.officers.public_holders():
        if holder.unit_id not in line:
            continue
        if holder.kind is HolderKind.RECOVERY:
            found.append(holder)
            continue
        officer = officers.get(holder.officer_id) if holder.officer_id else None
        if officer is not None and officer.is_active and officer.may(Act.MODERATE):
            found.append(holder)
    return found


async def seen_by(work: Work, officer: Officer) -> frozenset[UnitId]:
    """Return the units whose tips the officer may see, should a role allow it."""
    return below(officer.unit_id, await work.units.all())
