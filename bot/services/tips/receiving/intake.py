"""Taking tips in: sealed at once, a receipt given, a way back only for those who want one.

What is said in the clear passes through here only in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from bot.core.errors import RuleBroken
from bot.core.ids import TipId, new_id
from bot.core.officers import KeyHolder
from bot.core.sealing import Receipt, TipSeals
from bot.core.storage import Work
from bot.core.time import Chance, Clock
from bot.core.tips import RecordKind, Report, WrappedKey
from bot.core.turns import Effect
from bot.core.units import Unit
from bot.services.qr_codes import Modules
from bot.services.tips.receiving.fresh import Arrival, FreshTips
from bot.services.tips.receiving.routes import ReplyRoutes, ReplyTo
from bot.services.tips.records import KnownReaders, Records
from bot.services.tips.talk import spelled

_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A tip ready to be stored: the receipt to show and its code, and the effect that stores."""

    receipt: Receipt
    code: Modules = field(repr=False)
    effect: Effect


class Intake:
    """Seals what is told to those who may read it."""

    def __init__(
        self,
        *,
        readers: KnownReaders,
        records: Records,
        seals: TipSeals,
        fresh: FreshTips,
        routes: ReplyRoutes | None,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._readers = readers
        self._records = records
        self._sealing = seals.tips
        self._fresh = fresh
        self._routes = routes
        self._clock = clock
        self._chance = chance

    async def has_readers(self, unit: Unit, *, about_officer: bool) -> bool:
        """Tell whether somebody could read such a tip told to `unit`, before it is written."""
        readers = await self._readers()
        try:
            filed = readers.filed_under(unit.id, about_officer=about_officer)
        except RuleBroken:
            return False
        return bool(readers.of(filed, about_officer=about_officer))

    async def submit(
        self,
        report: Report,
        unit: Unit,
        pictures: Sequence[bytes] = (),
        *,
        reply_to: ReplyTo | None = None,
        about_officer: bool = False,
        is_handed: bool = False,
    ) -> Submission:
        """Seal a report and its cleaned pictures to everybody who may read tips of `unit`.

        With `reply_to` officers can leave answers there, without learning where that is. What is
        `about_officer` is filed under the inspectorate the unit has named and sealed to nobody
        else. `is_handed` says that an officer typed it in for somebody, and saw the receipt.
        Raise `RuleBroken` if no inspectorate is named, or if nobody may read: a tip nobody can
        open would be a lost tip. The effect raises `LocatorTaken` if another receipt begins alike.
        """
        # Asked anew before it is stored; where a tip goes instead is asked now, and once.
        known = await (self._readers() if about_officer else self._readers.lately())
        if not known.of(unit.id) and not about_officer:
            known = await self._readers()
        filed = known.filed_under(unit.id, about_officer=about_officer)
        if not known.of(filed, about_officer=about_officer):
            raise RuleBroken("tips.no_inspectorate" if about_officer else "tips.no_reader")
        tip, ready = await self._fresh.made(
            Arrival(
                tip_id=TipId(new_id(self._chance)),
                filed_under=filed,
                category=report.category,
                is_urgent=report.is_urgent,
                has_route=reply_to is not None,
                is_about_officer=about_officer,
                is_handed=is_handed,
            )
        )
        draft = (
            self._routes.draft(reply_to, unit_id=filed, talk_public=ready.talk.public)
            if self._routes is not None
            else None
        )
        key = self._sealing.new_key()
        told = [
            (RecordKind.REPORT, _ENCODER.encode(report)),
            (RecordKind.TALK, ready.talk.private),
            *((RecordKind.PICTURE, picture) for picture in pictures),
            *([(RecordKind.ROUTE, spelled(draft.note))] if draft else []),
        ]
        now = self._clock.now()
        records = [
            self._records.sealed(tip, key, kind, sequence=sequence, plain=plain, at=now)
            for sequence, (kind, plain) in enumerate(told)
        ]

        async def store(work: Work) -> None:
            # Asked anew: somebody may have been made a moderator while the receipt was hashed.
            readers = (await self._readers.now(work)).of(filed, about_officer=about_officer)
            if not readers:
                raise RuleBroken("tips.no_reader")
            keys = self._wrapped(tip.id, key, readers)
            await work.tips.add(tip, records, keys)
            if draft is not None:
                await draft.effect(work)

        return Submission(receipt=ready.receipt, code=ready.code, effect=store)

    def _wrapped(
        self, tip_id: TipId, key: bytes, holders: Sequence[KeyHolder]
    ) -> list[WrappedKey]:
        return [
            WrappedKey(
                tip_id=tip_id,
                holder_id=holder.id,
                wrapped=self._sealing.wrap(key, holder.public_key),
            )
            for holder in holders
        ]
