"""Pictures of a tip, made anew before anybody looks: the viewer shows points and runs nothing.

What was sealed in a sender's browser was never cleaned here, so every picture goes through the
cleaner once more. What it cannot read is not shown.
"""

from dataclasses import dataclass, field

from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.pictures import PictureCleaning
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """JPEGs as they may be shown, None for each that could not be read."""

    reference: str
    of_report: tuple[bytes | None, ...] = field(repr=False)
    of_dialogue: tuple[bytes | None, ...] = field(repr=False)


class Viewer:
    """Use cases of looking at pictures."""

    def __init__(self, *, desk: Desk, cleaning: PictureCleaning) -> None:
        self._desk = desk
        self._cleaning = cleaning

    async def pictures(self, tip_id: TipId, reader: Reader) -> Viewed:
        """Open a tip and return its pictures. Audited. Raise as `Desk.open` does."""
        opened = await self._desk.open(tip_id, reader)
        return Viewed(
            reference=opened.tip.reference,
            of_report=tuple([await self._shown(one) for one in opened.pictures]),
            of_dialogue=tuple(
                [await self._shown(one) for said in opened.said for one in said.pictures]
            ),
        )

    async def cleaned(self, picture: bytes) -> bytes:
        """Return what an officer hands in as a JPEG with nothing hidden. Raise `RuleBroken`."""
        return await self._cleaning.clean(picture)

    async def _shown(self, picture: bytes) -> bytes | None:
        try:
            return await self._cleaning.clean(picture)
        except RuleBroken:
            return None
