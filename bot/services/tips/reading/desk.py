"""Opening tips with a key, and moving them on. Every look and every move is audited first."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import msgspec

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import TipId
from bot.core.sealing import SealBroken
from bot.core.text import clean
from bot.core.tips import TALK_KINDS, TIP_MOVES, RecordKind, Report, Tip, TipRecord, TipState
from bot.services.tips.reading.access import Handling, Reader
from bot.services.tips.records import Records, coarse
from bot.services.tips.talk import Said, Talk

_REPORT: Final = msgspec.json.Decoder(Report)
# What officers write about a tip among themselves.
_REMARKS: Final = frozenset({RecordKind.REASON, RecordKind.NOTE})
LONGEST_REMARK: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRecord:
    """One remark of an officer, opened. `at` is coarse."""

    kind: RecordKind
    text: str = field(repr=False)
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
    # The report as it may be passed on, once somebody has blacked something out.
    redacted: Report | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of one tip of many; `problem` is the key of a sentence, or empty."""

    tip_id: TipId
    reference: str = ""
    problem: str = ""


class Desk:
    """Where a tip is read, noted about and moved on."""

    def __init__(self, *, handling: Handling, records: Records, talk: Talk) -> None:
        self._handling = handling
        self._records = records
        self._talk = talk

    async def open(self, tip_id: TipId, reader: Reader) -> OpenedTip:
        """Open a tip with the reader's key. Audited before anything is shown.

        Raise `NotFound` if it is not in the reader's sight, `RuleBroken` if it is not sealed to
        the reader.
        """
        async with self._handling.held(tip_id, reader) as held:
            records = await held.work.tips.records(tip_id)
            seen_at = held.tip.first_seen_at or coarse(
                self._handling.clock.now(), is_urgent=held.tip.is_urgent
            )
            tip = replace(held.tip, first_seen_at=seen_at, has_news=False)
            # Looking is no change that another officer's form should stumble over.
            await held.work.tips.save(tip)
            await self._handling.noted(held.work, reader, "tip.open", tip)
            await held.work.commit()
        return self.opened(tip, held.key, records)

    def opened(self, tip: Tip, key: bytes, records: Sequence[TipRecord]) -> OpenedTip:
        """Return what the records of a tip say. Raise `SealBroken`."""
        own = [record for record in records if record.kind not in TALK_KINDS]
        opened = [(record, self._records.opened(tip, key, record)) for record in own]
        plain = {record.kind: text for record, text in opened}
        private_key = plain.get(RecordKind.TALK)
        redacted = plain.get(RecordKind.REDACTED)
        return OpenedTip(
            tip=tip,
            report=read_report(plain[RecordKind.REPORT]),
            records=tuple(
                OpenedRecord(kind=record.kind, text=text.decode(), at=record.at)
                for record, text in opened
                if record.kind in _REMARKS
            ),
            pictures=tuple(text for record, text in opened if record.kind is RecordKind.PICTURE),
            said=tuple(self._talk.heard(tip, private_key, records)) if private_key else (),
            redacted=read_report(redacted) if redacted else None,
        )

    async def note(self, tip_id: TipId, reader: Reader, text: str) -> Tip:
        """Write a note that only officers with a key read. Raise `RuleBroken`, `NotFound`."""
        text = _remark(text)
        if not text:
            raise RuleBroken("tip_note_empty")
        async with self._handling.held(tip_id, reader) as held:
            await self._handling.write(held, RecordKind.NOTE, text.encode())
            return await self._handling.done(held, held.tip, "tip.note")

    async def move(
        self,
        tip_id: TipId,
        to: TipState,
        reader: Reader,
        *,
        reason: str = "",
        passed_to: str = "",
        version: int | None = None,
    ) -> Tip:
        """Move a tip; the reason is sealed with it. `passed_to` is a `PassedTo`.

        Raise `NotFound`, `UnlawfulMove`, `TipChanged` if it is no more at `version`, or
        `RuleBroken`.
        """
        reason = _remark(reason)
        async with self._handling.held(tip_id, reader, version=version) as held:
            at = coarse(self._handling.clock.now(), is_urgent=False)
            moved = held.tip.moved(
                to, reason=reason, at=at, by=reader.officer.id, passed_to=passed_to
            )
            # Who moves a tip has looked at it.
            moved = replace(moved, first_seen_at=moved.first_seen_at or at)
            if reason:
                await self._handling.write(held, RecordKind.REASON, reason.encode())
            return await self._handling.done(
                held, moved, "tip.move", **{"from": held.tip.state, "to": to}
            )

    async def _unreadable(self, tip_id: TipId, to: TipState, reader: Reader) -> Moved:
        """Set a tip aside that nobody can read: without its key no reason can be sealed to it."""
        async with self._handling.storage.read() as work:
            tip = await self._handling.access.tip(work, tip_id, reader.officer)
        if to is not TipState.SPAM or to not in TIP_MOVES[tip.state]:
            return Moved(tip_id=tip_id, problem="tip_seal_broken")
        at = coarse(self._handling.clock.now(), is_urgent=False)
        async with self._handling.storage.begin() as work:
            tip = await self._handling.access.tip(work, tip_id, reader.officer)
            moved = tip.moved(to, reason="unreadable", at=at, by=reader.officer.id)
            moved = replace(moved, first_seen_at=moved.first_seen_at or at, has_news=False)
            await work.tips.save(replace(moved, version=tip.version + 1))
            await self._handling.noted(work, reader, "tip.discard", moved)
            await work.commit()
        return Moved(tip_id=tip_id, reference=moved.reference)

    async def move_all(
        self,
        tip_ids: Sequence[TipId],
        to: TipState,
        reader: Reader,
        *,
        reason: str = "",
        passed_to: str = "",
    ) -> list[Moved]:
        """Move several tips for one reason, each by itself; return what became of each."""
        outcomes: list[Moved] = []
        for tip_id in dict.fromkeys(tip_ids):
            try:
                tip = await self.move(tip_id, to, reader, reason=reason, passed_to=passed_to)
            except NotFound:
                outcomes.append(Moved(tip_id=tip_id, problem="tip_gone"))
            except SealBroken:
                outcomes.append(await self._unreadable(tip_id, to, reader))
            except RuleBroken as broken:
                outcomes.append(Moved(tip_id=tip_id, problem=broken.key))
            else:
                outcomes.append(Moved(tip_id=tip_id, reference=tip.reference))
        return outcomes


def read_report(plain: bytes) -> Report:
    """Return the report, cleaned: a page may have sealed it that is not ours.

    Raise `SealBroken` if it is none.
    """
    try:
        report = _REPORT.decode(plain)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise SealBroken("sealed with the right key, but spelled otherwise") from error
    return replace(
        report, what=clean(report.what), where=clean(report.where), when=clean(report.when)
    )


def _remark(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_REMARK:
        raise RuleBroken("too_long", longest=LONGEST_REMARK)
    return text
