"""A tip on its way out of the program: sealed to a named key, or on paper under a watermark.

It holds what may be passed on and nothing else: days and no hours, no route, no remark of
officers; pictures, made anew, only as PDF. Once something was blacked out, the whole report, the
dialogue and the pictures stay here.
"""

import base64
import binascii
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

import msgspec

from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.papers import PaperPress, Purpose
from bot.core.pictures import PictureCleaning
from bot.core.sealing import ExportSealing
from bot.services.tips.reading.access import Handling, Reader
from bot.services.tips.reading.desk import Desk
from bot.services.tips.reading.exported import Exported, SaidOut
from bot.services.tips.reading.wording_papers import Issue, worded
from content.sentences import Voice

_KEY_BYTES: Final = 32
_FINGERPRINT_SIGNS: Final = 8
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What was taken out, its pictures as they were sealed, and its number in the audit chain."""

    exported: Exported
    pictures: tuple[bytes, ...] = field(repr=False)
    number: int


class Exporting:
    """Use cases of passing a tip on."""

    def __init__(
        self,
        *,
        handling: Handling,
        desk: Desk,
        sealing: ExportSealing,
        cleaning: PictureCleaning,
        press: PaperPress,
        zone: tzinfo,
    ) -> None:
        """`zone` says to which day an hour belongs."""
        self._handling = handling
        self._desk = desk
        self._sealing = sealing
        self._cleaning = cleaning
        self._press = press
        self._zone = zone

    async def printed(self, tip_id: TipId, reader: Reader) -> Exported:
        """Return what goes on paper. Audited. Raise as `Desk.open` does."""
        return (await self._taken(tip_id, reader, form="paper")).exported

    async def sealed(self, tip_id: TipId, reader: Reader, typed_key: str) -> bytes:
        """Return the tip as JSON, sealed to the X25519 key that was typed in base64.

        Audited with the beginning of the key. Raise as `Desk.open` does, or `RuleBroken` if that
        is no key.
        """
        key = _read_key(typed_key)
        name = typed_key.strip()[:_FINGERPRINT_SIGNS]
        taken = await self._taken(tip_id, reader, form="sealed", key=name)
        return self._sealing.seal(key, _ENCODER.encode(taken.exported))

    async def pdf(
        self,
        tip_id: TipId,
        reader: Reader,
        *,
        purpose: Purpose,
        say: Voice,
        typed_key: str = "",
    ) -> bytes:
        """Return the tip as PDF, with pictures, under the name of who takes it out and why.

        With a key it is sealed to that. `say` is the voice of section `tips`. Audited with the
        number that stands on every page. Raise as `sealed` does.
        """
        key = _read_key(typed_key) if typed_key.strip() else None
        named = {"key": typed_key.strip()[:_FINGERPRINT_SIGNS]} if key else {}
        taken = await self._taken(tip_id, reader, form="pdf", purpose=purpose.value, **named)
        pictures = [await self._shown(one) for one in taken.pictures]
        day = self._handling.clock.now().astimezone(self._zone).date()
        issue = Issue(officer=reader.officer.name, day=day, purpose=purpose, number=taken.number)
        body = await self._press.printed(worded(taken.exported, pictures, issue, say))
        return self._sealing.seal(key, body) if key else body

    async def _taken(self, tip_id: TipId, reader: Reader, **facts: str) -> _Taken:
        async with self._handling.held(tip_id, reader) as held:
            opened = self._desk.opened(held.tip, held.key, await held.work.tips.records(tip_id))
            unit = await held.work.units.get(held.tip.unit_id)
            number = await self._handling.noted(held.work, reader, "tip.export", held.tip, **facts)
            await held.work.commit()
        is_redacted = opened.redacted is not None
        said = [SaidOut(by_officers=one.by_officers, text=one.text) for one in opened.said]
        exported = Exported(
            reference=opened.tip.reference,
            unit=unit.name,
            state=opened.tip.state,
            passed_to=opened.tip.passed_to,
            received_on=opened.tip.received_at.astimezone(self._zone).date(),
            report=opened.redacted or opened.report,
            said=() if is_redacted else tuple(said),
            is_redacted=is_redacted,
        )
        pictures = (*opened.pictures, *(one for said in opened.said for one in said.pictures))
        return _Taken(exported=exported, pictures=() if is_redacted else pictures, number=number)

    async def _shown(self, picture: bytes) -> bytes | None:
        # What was sealed in a sender's browser was never cleaned here.
        try:
            return await self._cleaning.clean(picture)
        except RuleBroken:
            return None


def _read_key(typed: str) -> bytes:
    """Return an X25519 key that was typed in base64. Raise `RuleBroken` if it is none."""
    try:
        key = base64.b64decode(typed.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise RuleBroken("tip_export_key_wrong")
    return key
