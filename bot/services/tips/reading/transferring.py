"""Giving a tip to another unit, or to the inspectorate: its key goes to their readers.

Who may no longer read it loses the key. Records stay bound to the unit they were sealed for.
"""

from dataclasses import replace

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import TipId, UnitId
from bot.core.sealing import TipSealing
from bot.core.tips import RecordKind, Tip, WrappedKey
from bot.services.tips.reading.access import Handling, Held, Reader
from bot.services.tips.records import all_readers, readers_of


class Transfers:
    """Use cases of giving a tip away."""

    def __init__(self, *, handling: Handling, sealing: TipSealing) -> None:
        self._handling = handling
        self._sealing = sealing

    async def to_unit(
        self,
        tip_id: TipId,
        reader: Reader,
        unit_id: UnitId,
        *,
        reason: str,
        version: int | None = None,
    ) -> Tip:
        """Give a tip to another unit. Raise `NotFound`, `TipChanged`, or `RuleBroken`.

        A tip about an officer stays with inspectorates: it goes only to one that a unit named.
        """
        async with self._handling.held(tip_id, reader, version=version) as held:
            units = {unit.id: unit for unit in await held.work.units.all()}
            if unit_id not in units:
                raise NotFound("no such unit")
            named = {unit.inspectorate_id for unit in units.values()}
            if unit_id == held.tip.unit_id or (held.tip.is_about_officer and unit_id not in named):
                raise RuleBroken("tip_unit_wrong")
            return await self._give(held, unit_id, reason, held.tip)

    async def to_inspectorate(
        self, tip_id: TipId, reader: Reader, *, reason: str, version: int | None = None
    ) -> Tip:
        """Give a tip that turns out to be about an officer to the inspectorate alone.

        Raise `NotFound`, `TipChanged`, or `RuleBroken` if none is named or it holds no key.
        """
        async with self._handling.held(tip_id, reader, version=version) as held:
            if held.tip.is_about_officer:
                raise RuleBroken("tip_unit_wrong")
            readers = await all_readers(held.work)
            filed = readers.filed_under(held.tip.unit_id, about_officer=True)
            return await self._give(held, filed, reason, replace(held.tip, is_about_officer=True))

    async def _give(self, held: Held, unit_id: UnitId, reason: str, tip: Tip) -> Tip:
        if not reason.strip():
            raise RuleBroken("tip_reason_missing")
        work = held.work
        readers = await readers_of(work, unit_id, about_officer=tip.is_about_officer)
        if not readers:
            raise RuleBroken("tip_unit_keyless")
        await self._handling.write(held, RecordKind.REASON, reason.strip().encode())
        able = {one.id for one in readers}
        before = await work.tips.holders_of(tip.id)
        await work.tips.add_keys(
            [
                WrappedKey(
                    tip_id=tip.id,
                    holder_id=one.id,
                    wrapped=self._sealing.wrap(held.key, one.public_key),
                )
                for one in readers
                if one.id not in before
            ]
        )
        await work.tips.remove_keys(tip.id, before - able)
        keepers = {one.officer_id for one in readers}
        given = replace(
            tip,
            unit_id=unit_id,
            has_news=True,
            claimed_by=tip.claimed_by if tip.claimed_by in keepers else None,
            # A double of what stays behind would point out of sight.
            merged_into=None if tip.is_about_officer else tip.merged_into,
        )
        return await self._handling.done(held, given, "tip.transfer", to=unit_id)
