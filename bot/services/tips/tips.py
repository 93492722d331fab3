"""Tips: taken in sealed, followed by receipt, moved on by those who hold a key.

What is said in the clear passes through here only in memory. No method takes or returns
anything that could name a sender.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ALPHABET, KeyHolderId, OfficerId, TipId, UnitId, new_id
from bot.core.officers import Act, HolderKind, KeyHolder, Officer
from bot.core.sealing import Receipt, ReceiptMaking, ReceiptMistyped, TipSealing
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.tips import (
    RecordKind,
    Report,
    Tip,
    TipCategory,
    TipRecord,
    TipState,
    WrappedKey,
)
from bot.core.turns import Effect
from bot.core.units import Unit, below, path_up
from bot.services.audit import Audit

_ENCODER: Final = msgspec.json.Encoder()
_REPORT: Final = msgspec.json.Decoder(Report)
_TRIES: Final = 5
_TRIES_WITHIN: Final = timedelta(hours=1)
_THEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A tip ready to be stored: the receipt to show, and the effect that stores it."""

    receipt: Receipt
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a receipt shows: only the state and the day it came about."""

    state: TipState
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRecord:
    """One record of a tip, opened."""

    kind: RecordKind
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTip:
    """A tip as a moderator reads it."""

    tip: Tip
    report: Report
    records: tuple[OpenedRecord, ...]
    # Cleaned JPEGs.
    pictures: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A moderator with the private key unlocked in memory."""

    officer: Officer
    holder_id: KeyHolderId
    private_key: bytes


class TooManyTries(RuleBroken):
    """A receipt's first group was tried too often; `wait_s` says how long to wait."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("follow_wait", minutes=max(1, -(-wait_s // 60)))
        self.wait_s = wait_s


class Tips:
    """Use cases about tips."""

    def __init__(
        self,
        *,
        storage: Storage,
        sealing: TipSealing,
        receipts: ReceiptMaking,
        audit: Audit,
        clock: Clock,
        chance: Chance,
        delay_max_s: int,
    ) -> None:
        self._storage = storage
        self._sealing = sealing
        self._receipts = receipts
        self._audit = audit
        self._clock = clock
        self._chance = chance
        self._delay_max_s = delay_max_s

    # --- residents -------------------------------------------------------------------------

    async def submit(
        self, report: Report, unit: Unit, pictures: Sequence[bytes] = ()
    ) -> Submission:
        """Seal a report and its cleaned pictures to everybody who may read tips of `unit`.

        Raise `RuleBroken` if nobody may: a tip nobody can open would be a lost tip.
        """
        async with self._storage.read() as work:
            holders = await _readers_of(work, unit.id)
        if not holders:
            raise RuleBroken("tips.no_reader")
        tip_id = TipId(new_id(self._chance))
        receipt = self._receipts.new()
        salt = self._receipts.new_salt()
        now = self._clock.now()
        tip = Tip(
            id=tip_id,
            unit_id=unit.id,
            reference=_reference(self._chance),
            category=report.category,
            is_urgent=report.is_urgent,
            received_at=coarse(now, is_urgent=report.is_urgent),
            visible_at=self._visible_at(now, is_urgent=report.is_urgent),
            moved_at=coarse(now, is_urgent=report.is_urgent),
            locator=receipt.locator,
            receipt_salt=salt,
            receipt_hash=await self._receipts.hash(receipt.secret, salt),
        )
        key = self._sealing.new_key()
        told = [(RecordKind.REPORT, _ENCODER.encode(report))]
        told += [(RecordKind.PICTURE, picture) for picture in pictures]
        records = [
            self._record(tip, key, kind, sequence=sequence, plain=plain)
            for sequence, (kind, plain) in enumerate(told)
        ]
        keys = [
            WrappedKey(
                tip_id=tip_id,
                holder_id=holder.id,
                wrapped=self._sealing.wrap(key, holder.public_key),
            )
            for holder in holders
        ]

        async def store(work: Work) -> None:
            await work.tips.add(tip, records, keys)

        return Submission(receipt=receipt, effect=store)

    def _visible_at(self, now: datetime, *, is_urgent: bool) -> datetime:
        if is_urgent or not self._delay_max_s:
            return coarse(now, is_urgent=is_urgent)
        # A random delay, so that nobody who watches the queue can match a tip to a moment.
        shown_at = now + timedelta(seconds=self._chance.below(self._delay_max_s + 1))
        # To the minute: a fraction of a second would be the very fraction it arrived in.
        return shown_at.replace(second=0, microsecond=0)

    async def follow(self, typed: str) -> Followed | None:
        """Return what a receipt shows, or None for an unknown or wrong one, in the same time.

        Raise `TooManyTries` after five wrong tries within an hour, then one a minute.
        """
        try:
            receipt = self._receipts.parse(typed)
        except ReceiptMistyped:
            await self._receipts.waste()
            return None
        now = self._clock.now()
        async with self._storage.begin() as work:
            await self._refuse_guessing(work, receipt.locator, now)
            tip = await work.tips.by_locator(receipt.locator)
            # Counted before it is known whether it is wrong, so that tries side by side count.
            await work.tips.note_try(receipt.locator, now)
            await work.commit()
        if tip is None:
            await self._receipts.waste()
            return None
        if not await self._receipts.matches(receipt.secret, tip.receipt_salt, tip.receipt_hash):
            return None
        async with self._storage.begin() as work:
            await work.tips.forget_tries(receipt.locator)
            await work.commit()
        return Followed(state=tip.state, since=tip.moved_at)

    async def _refuse_guessing(self, work: Work, locator: str, now: datetime) -> None:
        within_hour = await work.tips.tries_since(locator, now - _TRIES_WITHIN)
        if within_hour < _TRIES:
            return
        if await work.tips.tries_since(locator, now - _THEN_EVERY):
            raise TooManyTries(int(_THEN_EVERY.total_seconds()))

    # --- moderators ------------------------------------------------------------------------

    async def queue(
        self,
        officer: Officer,
        *,
        states: Collection[TipState] = (),
        category: TipCategory | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Tip]:
        """Return what waits in the officer's units: urgent first, then oldest. Audited.

        Raise `NotFound` if the officer is no moderator.
        """
        if not officer.may(Act.MODERATE):
            raise NotFound("no such queue")
        async with self._storage.begin() as work:
            allowed = await _seen_by(work, officer)
            tips = await work.tips.queue(
                allowed,
                now=self._clock.now(),
                states=states,
                category=category,
                limit=limit,
                offset=offset,
            )
            await self._audit.note(
                work, "tip.list", by=officer.id, facts={"shown": str(len(tips))}
            )
            await work.commit()
        return tips

    async def counts(self, officer: Officer) -> Mapping[TipState, int]:
        """Return how many visible tips stand in each state."""
        async with self._storage.read() as work:
            return await work.tips.counts(await _seen_by(work, officer), now=self._clock.now())

    async def metadata(self, unit: Unit, *, by: str) -> list[Tip]:
        """Return all tips of a unit and those under it, without content. Audited."""
        async with self._storage.begin() as work:
            allowed = below(unit.id, await work.units.all())
            tips = await work.tips.queue(allowed, now=self._clock.now(), limit=10_000)
            await self._audit.note(
                work, "tip.list", by=by, subject=unit.id, facts={"shown": str(len(tips))}
            )
            await work.commit()
        return tips

    async def open(self, tip_id: TipId, reader: Reader) -> OpenedTip:
        """Open a tip with the reader's key. Audited before anything is shown.

        Raise `NotFound` if it is not in the reader's units or not sealed to the reader.
        """
        async with self._storage.begin() as work:
            tip = await self._allowed(work, tip_id, reader.officer)
            key = await self._key(work, tip, reader)
            records = await work.tips.records(tip_id)
            await self._audit.note(work, "tip.open", by=reader.officer.id, subject=tip_id)
            await work.commit()
        opened = [(record, self._opened(tip, key, record)) for record in records]
        report = next(
            _REPORT.decode(plain) for record, plain in opened if record.kind is RecordKind.REPORT
        )
        return OpenedTip(
            tip=tip,
            report=report,
            records=tuple(
                OpenedRecord(kind=record.kind, text=plain.decode(), at=record.at)
                for record, plain in opened
                if record.kind not in {RecordKind.REPORT, RecordKind.PICTURE}
            ),
            pictures=tuple(plain for record, plain in opened if record.kind is RecordKind.PICTURE),
        )

    async def move(self, tip_id: TipId, to: TipState, reader: Reader, *, reason: str = "") -> Tip:
        """Move a tip; the reason is sealed with it. Raise `UnlawfulMove`, `RuleBroken`."""
        reason = reason.strip()
        async with self._storage.begin() as work:
            tip = await self._allowed(work, tip_id, reader.officer)
            key = await self._key(work, tip, reader)
            now = self._clock.now()
            moved = tip.moved(
                to, reason=reason, at=coarse(now, is_urgent=False), by=reader.officer.id
            )
            await work.tips.save(moved)
            if reason:
                sequence = len(await work.tips.records(tip_id))
                await work.tips.add_record(
                    self._record(
                        tip, key, RecordKind.REASON, sequence=sequence, plain=reason.encode()
                    )
                )
            await self._audit.note(
                work,
                "tip.move",
                by=reader.officer.id,
                subject=tip_id,
                facts={"from": tip.state, "to": to},
            )
            await work.commit()
        return moved

    async def rewrap(
        self, work: Work, old: KeyHolderId, private_key: bytes, new: KeyHolder
    ) -> int:
        """Give `new` the key of every tip `old` can open; return how many."""
        keys = [
            WrappedKey(
                tip_id=held.tip_id,
                holder_id=new.id,
                wrapped=self._sealing.wrap(
                    self._sealing.unwrap(held.wrapped, private_key), new.public_key
                ),
            )
            for held in await work.tips.keys_of(old)
        ]
        await work.tips.add_keys(keys)
        return len(keys)

    async def _allowed(self, work: Work, tip_id: TipId, officer: Officer) -> Tip:
        tip = await work.tips.get(tip_id)
        if not officer.may(Act.MODERATE) or tip.unit_id not in await _seen_by(work, officer):
            raise NotFound("no such tip")
        return tip

    async def _key(self, work: Work, tip: Tip, reader: Reader) -> bytes:
        held = await work.tips.key_for(tip.id, reader.holder_id)
        if held is None:
            raise RuleBroken("tip_not_sealed_to_you")
        return self._sealing.unwrap(held.wrapped, reader.private_key)

    def _record(
        self, tip: Tip, key: bytes, kind: RecordKind, *, sequence: int, plain: bytes
    ) -> TipRecord:
        sealed = self._sealing.seal(
            key, plain, unit_id=tip.unit_id, tip_id=tip.id, kind=kind, sequence=sequence
        )
        return TipRecord(
            tip_id=tip.id,
            sequence=sequence,
            kind=kind,
            sealed=sealed,
            at=coarse(self._clock.now(), is_urgent=tip.is_urgent),
        )

    def _opened(self, tip: Tip, key: bytes, record: TipRecord) -> bytes:
        return self._sealing.open(
            key,
            record.sealed,
            unit_id=tip.unit_id,
            tip_id=tip.id,
            kind=record.kind,
            sequence=record.sequence,
        )


def coarse(at: datetime, *, is_urgent: bool) -> datetime:
    """Return the hour of `at`, or for urgent tips the quarter, so that no minute can betray."""
    minute = at.minute - at.minute % 15 if is_urgent else 0
    return at.replace(minute=minute, second=0, microsecond=0)


def _reference(chance: Chance) -> str:
    """Return what officers call a tip: eight letters, unrelated to the receipt."""
    return "T-" + "".join(ALPHABET[chance.below(32)] for _ in range(8))


async def _seen_by(work: Work, officer: Officer) -> frozenset[UnitId]:
    return below(officer.unit_id, await work.units.all())


async def _readers_of(work: Work, unit_id: UnitId) -> list[KeyHolder]:
    """Return whose keys a tip of the unit is sealed to: moderators of it or above, recovery."""
    units = {unit.id: unit for unit in await work.units.all()}
    line = {unit.id for unit in path_up(unit_id, units)}
    officers: dict[OfficerId, Officer] = {one.id: one for one in await work.officers.all()}
    found: list[KeyHolder] = []
    for holder in await work.officers.holders():
        if holder.unit_id not in line:
            continue
        if holder.kind is HolderKind.RECOVERY:
            found.append(holder)
            continue
        officer = officers.get(holder.officer_id) if holder.officer_id else None
        if officer is not None and officer.is_active and officer.may(Act.MODERATE):
            found.append(holder)
    return found
