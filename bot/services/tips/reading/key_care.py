"""Who can open which tips, and giving the keys of tips to somebody who lacks them.

In pieces, each a transaction of its own: what a piece gave stays given whatever comes after,
and whoever starts again goes on with what is still lacking. Who may ask for it is for callers.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.core.errors import NotFound
from bot.core.ids import KeyHolderId, OfficerId, UnitId
from bot.core.officers import Act, HolderKind, KeyHolder, Officer
from bot.core.sealing import TipSealing
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.tip_keys import Shown
from bot.core.tip_queue import TipSight
from bot.core.tips import WrappedKey
from bot.core.units import Unit, below
from bot.services.audit import Audit
from bot.services.tips.reading.access import Reader

PIECE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderLine:
    """One key and what it opens. `officer` is None for the recovery key.

    `missing` counts the tips it ought to open and does not, `giveable` those of them whose key
    the one who looks could give.
    """

    holder: KeyHolder
    officer: Officer | None
    held: int
    missing: int
    giveable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """A key in hand: whose it is, and the private half for as long as it is needed."""

    holder_id: KeyHolderId
    private_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What the audit chain says of each piece that was given."""

    act: str
    by: OfficerId | str
    subject: str


class KeyCare:
    """Use cases about the keys of tips."""

    def __init__(
        self, *, storage: Storage, sealing: TipSealing, audit: Audit, clock: Clock
    ) -> None:
        self._storage = storage
        self._sealing = sealing
        self._audit = audit
        self._clock = clock

    async def lines(
        self,
        viewer: Officer | None,
        reader: Reader | None = None,
        *,
        only: OfficerId | None = None,
    ) -> list[HolderLine]:
        """Return the keys of the viewer's units (or of one officer there), by login, paper last.

        Only tips the viewer may know of are counted; None is whoever has the machine. With a
        `reader`, also how many tips the reader's own key could give to each.
        """
        async with self._storage.read() as work:
            units = await work.units.all()
            sight = _machine_sight(units) if viewer is None else _sight(viewer.unit_id, units)
            officers = {one.id: one for one in await work.officers.all()}
            held = await work.tip_keys.held(self._shown(sight))
            lines = []
            for holder in await work.officers.holders():
                if holder.unit_id not in sight.unit_ids or (only and holder.officer_id != only):
                    continue
                among = self._shown(sight, _sight(holder.unit_id, units))
                missing, giveable = await _lacks(work, holder, among, reader)
                line = HolderLine(
                    holder=holder,
                    officer=officers.get(holder.officer_id) if holder.officer_id else None,
                    held=held.get(holder.id, 0),
                    missing=missing,
                    giveable=giveable,
                )
                lines.append(line)
        return sorted(lines, key=lambda line: line.officer.login if line.officer else "\uffff")

    def _shown(self, *sights: TipSight) -> Shown:
        return Shown(sights=sights, now=self._clock.now())

    async def give(self, holder_id: KeyHolderId, reader: Reader, *, most: int) -> int:
        """Give a holder under the reader what it lacks and the reader can open, up to `most`.

        Return how many. Raise `NotFound` for a key that is not in the reader's units.
        """
        async with self._storage.read() as work:
            units = await work.units.all()
            holder = _living(await work.officers.public_holders(), holder_id)
        if not reader.officer.may(Act.MODERATE) or holder.unit_id not in below(
            reader.officer.unit_id, units
        ):
            raise NotFound("no such key")
        return await self.hand_over(
            Giver(holder_id=reader.holder_id, private_key=reader.private_key),
            holder,
            noted=Noted(
                act="key.give",
                by=reader.officer.id,
                subject=holder.officer_id or HolderKind.RECOVERY,
            ),
            among=self._shown(
                _sight(reader.officer.unit_id, units), _sight(holder.unit_id, units)
            ),
            most=most,
        )

    async def hand_over(
        self,
        giver: Giver,
        taker: KeyHolder,
        *,
        noted: Noted,
        among: Shown | None = None,
        most: int | None = None,
    ) -> int:
        """Seal to `taker` every tip the giver can open and it cannot; return how many.

        Raise `NotFound` if the taker's key was retired meanwhile, `SealBroken` if the private
        key is not the giver's.
        """
        given = 0
        while most is None or given < most:
            limit = PIECE if most is None else min(PIECE, most - given)
            async with self._storage.read() as work:
                piece = await work.tip_keys.next_giveable(
                    giver.holder_id, taker.id, among, limit=limit
                )
            if not piece:
                break
            # A few hundred curve operations would hold up everybody else for too long.
            keys = await asyncio.to_thread(self._rewrapped, piece, giver, taker)
            given += await self._keep(keys, taker, noted)
        return given

    def _rewrapped(
        self, piece: Sequence[WrappedKey], giver: Giver, taker: KeyHolder
    ) -> list[WrappedKey]:
        return [
            WrappedKey(
                tip_id=held.tip_id,
                holder_id=taker.id,
                wrapped=self._sealing.wrap(
                    self._sealing.unwrap(held.wrapped, giver.private_key), taker.public_key
                ),
            )
            for held in piece
        ]

    async def _keep(self, keys: Sequence[WrappedKey], taker: KeyHolder, noted: Noted) -> int:
        async with self._storage.begin() as work:
            # Some may have been forgotten since they were read.
            there = await work.tip_keys.kept_still({key.tip_id for key in keys})
            kept = [key for key in keys if key.tip_id in there]
            # The chain lets one in at a time; who retires keys waits for it too.
            await self._audit.note(
                work,
                noted.act,
                by=noted.by,
                subject=noted.subject,
                facts={"tips": str(len(kept))},
            )
            if _living(await work.officers.public_holders(), taker.id).claim != taker.claim:
                raise NotFound("another key than the one that was read")
            await work.tips.add_keys(kept)
            await work.commit()
        return len(kept)


async def _lacks(
    work: Work, holder: KeyHolder, among: Shown, reader: Reader | None
) -> tuple[int, int]:
    """Return how many of the tips a holder lacks, and how many of those the reader could give."""
    missing = await work.tip_keys.missing(holder.id, among)
    if reader is None or not missing:
        return missing, 0
    return missing, await work.tip_keys.giveable(reader.holder_id, holder.id, among)


def takes(holder: KeyHolder, units: list[Unit]) -> Shown:
    """Return every tip whose key may be sealed to the holder, shown in the queue or not."""
    return Shown(sights=(_sight(holder.unit_id, units),), now=None)


def _sight(unit_id: UnitId, units: list[Unit]) -> TipSight:
    return TipSight(unit_ids=below(unit_id, units), own=unit_id)


def _machine_sight(units: list[Unit]) -> TipSight:
    # Whoever has the machine sees no more of tips about officers than others do.
    return TipSight(unit_ids=frozenset(unit.id for unit in units), own=UnitId(""))


def _living(holders: Sequence[KeyHolder], holder_id: KeyHolderId) -> KeyHolder:
    for holder in holders:
        if holder.id == holder_id:
            return holder
    raise NotFound("no such key")
