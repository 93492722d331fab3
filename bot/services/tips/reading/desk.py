"""Opening tips with a key, and moving them on. Every look and every move is audited first."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import msgspec

from bot.core.ids import TipId
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.core.tips import TALK_KINDS, RecordKind, Report, Tip, TipRecord, TipState
from bot.services.audit import Audit
from bot.services.tips.reading.access import Access, Reader
from bot.services.tips.records import Records, coarse
from bot.services.tips.talk import Said, Talk

_REPORT: Final = msgspec.json.Decoder(Report)
# What officers write about a tip among themselves.
_REMARKS: Final = frozenset({RecordKind.REASON, RecordKind.NOTE})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRecord:
    """One remark of an officer, opened."""

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
    said: tuple[Said, ...] = field(default=(), repr=False)


class Desk:
    """Where a tip is read and moved on."""

    def __init__(
        self,
        *,
        storage: Storage,
        access: Access,
        records: Records,
        talk: Talk,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._access = access
        self._records = records
        self._talk = talk
        self._audit = audit
        self._clock = clock

    async def open(self, tip_id: TipId, reader: Reader) -> OpenedTip:
        """Open a tip with the reader's key. Audited before anything is shown.

        Raise `NotFound` if it is not in the reader's units, `RuleBroken` if it is not sealed to
        the reader.
        """
        async with self._storage.begin() as work:
            tip = await self._access.tip(work, tip_id, reader.officer)
            key = await self._access.key(work, tip, reader)
            records = await work.tips.records(tip_id)
            tip = self._seen(tip)
            await work.tips.save(tip)
            await self._audit.note(work, "tip.open", by=reader.officer.id, subject=tip_id)
            await work.commit()
        return self._opened(tip, key, records)

    def _seen(self, tip: Tip) -> Tip:
        first_seen_at = tip.first_seen_at or self._clock.now()
        return replace(tip, first_seen_at=first_seen_at, has_news=False)

    def _opened(self, tip: Tip, key: bytes, records: list[TipRecord]) -> OpenedTip:
        own = [record for record in records if record.kind not in TALK_KINDS]
        opened = [(record, self._records.opened(tip, key, record)) for record in own]
        plain = {record.kind: text for record, text in opened}
        private_key = plain.get(RecordKind.TALK)
        return OpenedTip(
            tip=tip,
            report=_REPORT.decode(plain[RecordKind.REPORT]),
            records=tuple(
                OpenedRecord(kind=record.kind, text=text.decode(), at=record.at)
                for record, text in opened
                if record.kind in _REMARKS
            ),
            pictures=tuple(text for record, text in opened if record.kind is RecordKind.PICTURE),
            said=tuple(self._talk.heard(tip, private_key, records)) if private_key else (),
        )

    async def move(self, tip_id: TipId, to: TipState, reader: Reader, *, reason: str = "") -> Tip:
        """Move a tip; the reason is sealed with it. Raise `UnlawfulMove`, `RuleBroken`."""
        reason = reason.strip()
        async with self._storage.begin() as work:
            tip = await self._access.tip(work, tip_id, reader.officer)
            key = await self._access.key(work, tip, reader)
            now = self._clock.now()
            moved = tip.moved(
                to, reason=reason, at=coarse(now, is_urgent=False), by=reader.officer.id
            )
            await work.tips.save(replace(moved, version=tip.version + 1))
            if reason:
                record = self._records.sealed(
                    tip,
                    key,
                    RecordKind.REASON,
                    sequence=await work.tips.next_sequence(tip_id),
                    plain=reason.encode(),
                    at=now,
                )
                await work.tips.add_record(record)
            await self._audit.note(
                work,
                "tip.move",
                by=reader.officer.id,
                subject=tip_id,
                facts={"from": tip.state, "to": to},
            )
            await work.commit()
        return moved
