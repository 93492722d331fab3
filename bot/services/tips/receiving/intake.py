"""Taking tips in: sealed at once, a receipt given, a way back only for those who want one.

What is said in the clear passes through here only in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bot.core.errors import RuleBroken
from bot.core.ids import ALPHABET, TipId, new_id
from bot.core.officers import KeyHolder
from bot.core.sealing import Receipt, TipSeals
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.tips import RecordKind, Report, Tip, WrappedKey
from bot.core.turns import Effect
from bot.core.units import Unit
from bot.services.tips.receiving.routes import ReplyRoutes, ReplyTo
from bot.services.tips.records import Records, coarse, filed_under, readers_of
from bot.services.tips.talk import spelled

_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A tip ready to be stored: the receipt to show, and the effect that stores it."""

    receipt: Receipt
    effect: Effect


class Intake:
    """Seals what is told to those who may read it."""

    def __init__(
        self,
        *,
        storage: Storage,
        records: Records,
        seals: TipSeals,
        routes: ReplyRoutes,
        clock: Clock,
        chance: Chance,
        delay_max_s: int,
    ) -> None:
        """`delay_max_s` is how long at most a tip that is not urgent is kept from the queue."""
        self._storage = storage
        self._records = records
        self._sealing = seals.tips
        self._talks = seals.talks
        self._receipts = seals.receipts
        self._routes = routes
        self._clock = clock
        self._chance = chance
        self._delay_max_s = delay_max_s

    async def submit(
        self,
        report: Report,
        unit: Unit,
        pictures: Sequence[bytes] = (),
        *,
        reply_to: ReplyTo | None = None,
        about_officer: bool = False,
    ) -> Submission:
        """Seal a report and its cleaned pictures to everybody who may read tips of `unit`.

        With `reply_to` officers can leave answers there, without learning where that is. What is
        `about_officer` is filed under the inspectorate the unit has named and sealed to nobody
        else. Raise `RuleBroken` if none is named, or if nobody may read: a tip nobody can open
        would be a lost tip. The effect raises `LocatorTaken` if another receipt begins alike.
        """
        async with self._storage.read() as work:
            filed = await filed_under(work, unit.id, about_officer=about_officer)
            if not await readers_of(work, filed, about_officer=about_officer):
                raise RuleBroken("tips.no_inspectorate" if about_officer else "tips.no_reader")
        tip_id = TipId(new_id(self._chance))
        receipt = self._receipts.new()
        salt = self._receipts.new_salt()
        proof = await self._receipts.prove(receipt.secret, salt)
        pair = self._talks.new_pair()
        now = self._clock.now()
        tip = Tip(
            id=tip_id,
            unit_id=filed,
            sealed_for=filed,
            reference=_reference(self._chance),
            category=report.category,
            is_urgent=report.is_urgent,
            received_at=coarse(now, is_urgent=report.is_urgent),
            visible_at=self._visible_at(now, is_urgent=report.is_urgent),
            moved_at=coarse(now, is_urgent=report.is_urgent),
            has_route=reply_to is not None,
            is_about_officer=about_officer,
            talk_public=pair.public,
            talk_locked=self._talks.lock(pair.private, proof.key, tip_id=tip_id),
            locator=receipt.locator,
            receipt_salt=salt,
            receipt_hash=proof.stored,
        )
        draft = self._routes.draft(reply_to, unit_id=filed, talk_public=pair.public)
        key = self._sealing.new_key()
        told = [
            (RecordKind.REPORT, _ENCODER.encode(report)),
            (RecordKind.TALK, pair.private),
            *((RecordKind.PICTURE, picture) for picture in pictures),
            *([(RecordKind.ROUTE, spelled(draft.note))] if draft else []),
        ]
        records = [
            self._records.sealed(tip, key, kind, sequence=sequence, plain=plain, at=now)
            for sequence, (kind, plain) in enumerate(told)
        ]

        async def store(work: Work) -> None:
            # Asked anew: somebody may have been made a moderator while the receipt was hashed.
            readers = await readers_of(work, filed, about_officer=about_officer)
            keys = self._wrapped(tip_id, key, readers)
            await work.tips.add(tip, records, keys)
            if draft is not None:
                await draft.effect(work)

        return Submission(receipt=receipt, effect=store)

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

    def _visible_at(self, now: datetime, *, is_urgent: bool) -> datetime:
        if is_urgent or not self._delay_max_s:
            return coarse(now, is_urgent=is_urgent)
        # A random delay, so that nobody who watches the queue can match a tip to a moment.
        shown_at = now + timedelta(seconds=self._chance.below(self._delay_max_s + 1))
        # To the minute: a fraction of a second would be the very fraction it arrived in.
        return shown_at.replace(second=0, microsecond=0)


def _reference(chance: Chance) -> str:
    """Return what officers call a tip: eight letters, unrelated to the receipt."""
    return "T-" + "".join(ALPHABET[chance.below(32)] for _ in range(8))
