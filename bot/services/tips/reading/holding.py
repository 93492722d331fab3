"""Keeping a tip beyond its time because the law wants it, and letting it go again.

While it is held it is neither forgotten nor can its sender take it back. The reason is sealed
with the tip; that it is held stands in the open, so that forgetting needs no key.
"""

from dataclasses import replace

from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.tips import RecordKind, Tip
from bot.services.tips.reading.access import Handling, Reader


class Holding:
    """Use cases of legal hold."""

    def __init__(self, handling: Handling) -> None:
        self._handling = handling

    async def hold(
        self, tip_id: TipId, reader: Reader, *, reason: str, version: int | None = None
    ) -> Tip:
        """Keep a tip until it is let go. Raise `RuleBroken` without a reason, or as `Handling`."""
        reason = _said(reason)
        async with self._handling.held(tip_id, reader, version=version) as held:
            await self._handling.write(held, RecordKind.REASON, reason.encode())
            tip = replace(held.tip, is_held=True)
            return await self._handling.done(held, tip, "tip.hold")

    async def let_go(
        self, tip_id: TipId, reader: Reader, *, reason: str, version: int | None = None
    ) -> Tip:
        """Let a tip be forgotten on its day again. Raise as `hold` does."""
        reason = _said(reason)
        async with self._handling.held(tip_id, reader, version=version) as held:
            await self._handling.write(held, RecordKind.REASON, reason.encode())
            tip = replace(held.tip, is_held=False)
            return await self._handling.done(held, tip, "tip.let_go")


def _said(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise RuleBroken("tip_reason_missing")
    return reason
