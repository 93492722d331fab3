"""A tip on its way out of the program: sealed to a named key, or on paper under a watermark.

It holds what may be passed on and nothing else: days and no hours, no route, no picture, no remark
of officers. Once something was blacked out, the whole report and the dialogue stay here.
"""

import base64
import binascii
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Final

import msgspec

from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.sealing import ExportSealing
from bot.core.tips import Report
from bot.services.tips.reading.access import Handling, Reader
from bot.services.tips.reading.desk import Desk

_KEY_BYTES: Final = 32
_FINGERPRINT_SIGNS: Final = 8
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOut:
    """One message as it leaves; by whom of the two, and no hour."""

    by_officers: bool
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What leaves of a tip. `is_redacted`: something in it was blacked out."""

    reference: str
    unit: str
    state: str
    passed_to: str
    received_on: date
    report: Report = field(repr=False)
    said: tuple[SaidOut, ...] = field(repr=False)
    is_redacted: bool


class Exporting:
    """Use cases of passing a tip on."""

    def __init__(
        self, *, handling: Handling, desk: Desk, sealing: ExportSealing, zone: tzinfo
    ) -> None:
        """`zone` says to which day an hour belongs."""
        self._handling = handling
        self._desk = desk
        self._sealing = sealing
        self._zone = zone

    async def printed(self, tip_id: TipId, reader: Reader) -> Exported:
        """Return what goes on paper. Audited. Raise as `Desk.open` does."""
        return await self._exported(tip_id, reader, form="paper")

    async def sealed(self, tip_id: TipId, reader: Reader, typed_key: str) -> bytes:
        """Return the tip as JSON, sealed to the X25519 key that was typed in base64.

        Audited with the beginning of the key. Raise as `Desk.open` does, or `RuleBroken` if that
        is no key.
        """
        try:
            key = base64.b64decode(typed_key.strip(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != _KEY_BYTES:
            raise RuleBroken("tip_export_key_wrong")
        name = typed_key.strip()[:_FINGERPRINT_SIGNS]
        exported = await self._exported(tip_id, reader, form="sealed", key=name)
        return self._sealing.seal(key, _ENCODER.encode(exported))

    async def _exported(self, tip_id: TipId, reader: Reader, **facts: str) -> Exported:
        async with self._handling.held(tip_id, reader) as held:
            opened = self._desk.opened(held.tip, held.key, await held.work.tips.records(tip_id))
            unit = await held.work.units.get(held.tip.unit_id)
            await self._handling.noted(held.work, reader, "tip.export", held.tip, **facts)
            await held.work.commit()
        said = [SaidOut(by_officers=one.by_officers, text=one.text) for one in opened.said]
        return Exported(
            reference=opened.tip.reference,
            unit=unit.name,
            state=opened.tip.state,
            passed_to=opened.tip.passed_to,
            received_on=opened.tip.received_at.astimezone(self._zone).date(),
            report=opened.redacted or opened.report,
            said=() if opened.redacted else tuple(said),
            is_redacted=opened.redacted is not None,
        )
