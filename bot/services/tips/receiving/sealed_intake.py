"""Taking in tips that were sealed before they came: in the browser, to today's readers.

What is told cannot be read here. So everything that can be known without reading is checked:
the shape of ids, the order, kinds and sizes of the records, and for whom the key was sealed.
Who wrote the page that sealed is not: an officer's side opens such a tip as something that a
stranger may have made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.core.errors import BinhYenError, NotFound, RuleBroken
from bot.core.ids import KeyHolderId, TipId, UnitId, is_id
from bot.core.sealing import KeyPair, SealBroken, TipSeals
from bot.core.storage import Work
from bot.core.time import Clock
from bot.core.tips import RecordKind, Tip, TipCategory, TipRecord, WrappedKey
from bot.services.tips.receiving.fresh import Arrival, FreshTips
from bot.services.tips.receiving.intake import Submission
from bot.services.tips.receiving.pictures import MOST_PICTURES
from bot.services.tips.records import KnownReaders, Readers, coarse

_KEY_BYTES: Final = 32
# 4,600 letters of any script, spelled as JSON; the private key of the dialogue; a megabyte of
# JPEG. Padding by doubling makes sizes like these of them.
_LARGEST: Final[Mapping[RecordKind, int]] = {
    RecordKind.REPORT: 32 * 1024,
    RecordKind.TALK: 1024,
    RecordKind.PICTURE: 1024 * 1024,
}
_FIRST: Final = (RecordKind.REPORT, RecordKind.TALK)


class SealedWrongly(BinhYenError):
    """What came cannot be what the page makes. The text names the part and quotes nothing."""


class ReadersChanged(BinhYenError):
    """The key was sealed for others than those who may read today; seal it anew."""


class TipKnown(BinhYenError):
    """There is a tip of that number; seal it anew with another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTip:
    """A tip as the page seals it; `records` in order: report, talk, pictures.

    `unit_id` is the unit it is filed under: for one that is `about_officer` the inspectorate.
    `talk_private` is the private half of the dialogue's pair, here only to be locked by the
    receipt. `keys` is the tip's key, sealed to each holder.
    """

    tip_id: TipId
    unit_id: UnitId
    category: TipCategory
    is_urgent: bool
    about_officer: bool = False
    talk_private: bytes = field(repr=False)
    records: Sequence[bytes] = field(repr=False)
    keys: Mapping[KeyHolderId, bytes] = field(repr=False)


class SealedIntake:
    """Stores what was sealed elsewhere, and gives a receipt for it."""

    def __init__(
        self,
        *,
        readers: KnownReaders,
        seals: TipSeals,
        fresh: FreshTips,
        clock: Clock,
    ) -> None:
        self._readers = readers
        self._sealing = seals.tips
        self._talks = seals.talks
        self._fresh = fresh
        self._clock = clock

    async def readers(self) -> Readers:
        """Return who may read the tips of which unit today, for the page to seal to."""
        return await self._readers()

    async def accept(self, sealed: SealedTip) -> Submission:
        """Check what can be checked; return the receipt and the effect that stores the tip.

        Raise `SealedWrongly`, `ReadersChanged`, or `RuleBroken` if nobody may read. The effect
        raises `ReadersChanged`, `TipKnown`, or `LocatorTaken` if another receipt begins alike.
        """
        self._check(sealed)
        _check_readers(await self.readers(), sealed)
        private = sealed.talk_private
        tip, ready = await self._fresh.made(
            Arrival(
                tip_id=sealed.tip_id,
                filed_under=sealed.unit_id,
                is_about_officer=sealed.about_officer,
                category=sealed.category,
                is_urgent=sealed.is_urgent,
                talk=KeyPair(public=self._talks.public_of(private), private=private),
            )
        )
        records = _records(tip, sealed, at=self._clock.now())
        keys = [
            WrappedKey(tip_id=tip.id, holder_id=holder_id, wrapped=wrapped)
            for holder_id, wrapped in sealed.keys.items()
        ]

        async def store(work: Work) -> None:
            # Asked anew: somebody may have been made a moderator while the receipt was hashed.
            _check_readers(await self._readers.now(work), sealed)
            await _check_new(work, tip.id)
            await work.tips.add(tip, records, keys)

        return Submission(receipt=ready.receipt, code=ready.code, effect=store)

    def _check(self, sealed: SealedTip) -> None:
        if not is_id(sealed.tip_id):
            raise SealedWrongly("the number of the tip")
        if len(sealed.talk_private) != _KEY_BYTES:
            raise SealedWrongly("the key of the dialogue")
        if not len(_FIRST) <= len(sealed.records) <= len(_FIRST) + MOST_PICTURES:
            raise SealedWrongly("how many records there are")
        try:
            for kind, record in zip(_kinds(sealed), sealed.records, strict=True):
                if self._sealing.padded_bytes(record) > _LARGEST[kind]:
                    raise SealedWrongly(f"the size of a record: {kind}")
            for wrapped in sealed.keys.values():
                self._sealing.check_wrapped(wrapped)
        except SealBroken as error:
            raise SealedWrongly("a record or a key") from error


def _check_readers(readers: Readers, sealed: SealedTip) -> None:
    """Check that the key was sealed to those who may read it today, and to nobody else.

    Raise `ReadersChanged`, or `RuleBroken` if nobody may read.
    """
    filed = set(readers.units)
    if sealed.about_officer:
        filed &= {unit.inspectorate_id for unit in readers.units.values()}
    if sealed.unit_id not in filed:
        raise ReadersChanged("no such unit, or not any more")
    found = readers.of(sealed.unit_id, about_officer=sealed.about_officer)
    if not found:
        raise RuleBroken("tips.no_reader")
    if {holder.id for holder in found} != set(sealed.keys):
        raise ReadersChanged("sealed to others than may read today")


async def _check_new(work: Work, tip_id: TipId) -> None:
    try:
        await work.tips.get(tip_id)
    except NotFound:
        return
    raise TipKnown("a tip of that number is there")


def _kinds(sealed: SealedTip) -> list[RecordKind]:
    pictures = len(sealed.records) - len(_FIRST)
    return [*_FIRST, *([RecordKind.PICTURE] * pictures)]


def _records(tip: Tip, sealed: SealedTip, *, at: datetime) -> list[TipRecord]:
    return [
        TipRecord(
            tip_id=tip.id,
            sequence=sequence,
            kind=kind,
            sealed=record,
            at=coarse(at, is_urgent=tip.is_urgent),
        )
        for sequence, (kind, record) in enumerate(zip(_kinds(sealed), sealed.records, strict=True))
    ]
