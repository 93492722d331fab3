"""While set-up is open: whoever is new gets the tips that were sealed to the founding key."""

from bot.core.officers import HolderKind, KeyHolder
from bot.core.sealing import FoundingKey
from bot.core.storage import Work
from bot.services.tips.reading.rewrapping import Rewrapping


class FoundingTips:
    """The tips that came before the first officer."""

    def __init__(self, *, founding: FoundingKey, rewrapping: Rewrapping) -> None:
        self._founding = founding
        self._rewrapping = rewrapping

    async def give(self, work: Work, holder: KeyHolder) -> None:
        """While the founding key is here, give its tips to a moderator who is new."""
        if not self._founding.exists():
            return
        for old in await work.officers.holders():
            if old.kind is HolderKind.RECOVERY:
                await self._rewrapping.rewrap(work, old.id, self._founding.pair.private, holder)
