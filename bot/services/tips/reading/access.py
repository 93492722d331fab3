"""Who may open which tip: the officer's unit, the role, and a key that was sealed to them."""

from dataclasses import dataclass

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import KeyHolderId, TipId
from bot.core.officers import Act, Officer
from bot.core.sealing import TipSealing
from bot.core.storage import Work
from bot.core.tips import Tip
from bot.services.tips.records import seen_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A moderator with the private key unlocked in memory."""

    officer: Officer
    holder_id: KeyHolderId
    private_key: bytes


class Access:
    """The one gate in front of every tip."""

    def __init__(self, sealing: TipSealing) -> None:
        self._sealing = sealing

    async def tip(self, work: Work, tip_id: TipId, officer: Officer) -> Tip:
        """Return the tip. Raise `NotFound` if it is not in the officer's units, as if unknown."""
        tip = await work.tips.get(tip_id)
        if not officer.may(Act.MODERATE) or tip.unit_id not in await seen_by(work, officer):
            raise NotFound("no such tip")
        return tip

    async def key(self, work: Work, tip: Tip, reader: Reader) -> bytes:
        """Return the tip's key. Raise `RuleBroken` if it was not sealed to the reader."""
        held = await work.tips.key_for(tip.id, reader.holder_id)
        if held is None:
            raise RuleBroken("tip_not_sealed_to_you")
        return self._sealing.unwrap(held.wrapped, reader.private_key)
