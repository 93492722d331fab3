"""The row of a tip that has just come, with its receipt, whoever sealed it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.ids import TipId, UnitId, signs
from bot.core.sealing import KeyPair, TipSeals
from bot.core.time import Chance, Clock
from bot.core.tips import Tip, TipCategory
from bot.services.tips.receiving.limits import TipLimits
from bot.services.tips.receiving.ready_receipts import ReadyReceipt, ReadyReceipts
from bot.services.tips.records import coarse


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the queue may know of a tip that comes.

    `talk` is the pair of its dialogue, None for the one that was made with the receipt.
    """

    tip_id: TipId
    filed_under: UnitId
    category: TipCategory
    is_urgent: bool
    talk: KeyPair | None = field(default=None, repr=False)
    has_route: bool = False
    is_about_officer: bool = False
    is_handed: bool = False


class FreshTips:
    """Makes the rows of tips, and their receipts."""

    def __init__(
        self,
        *,
        seals: TipSeals,
        ready: ReadyReceipts,
        limits: TipLimits,
        clock: Clock,
        chance: Chance,
        delay_max_s: int,
    ) -> None:
        """`delay_max_s` is how long at most a tip that is not urgent is kept from the queue."""
        self._talks = seals.talks
        self._ready = ready
        self._limits = limits
        self._clock = clock
        self._chance = chance
        self._delay_max_s = delay_max_s

    async def made(self, arrival: Arrival) -> tuple[Tip, ReadyReceipt]:
        """Return the tip's row and its receipt, which is kept nowhere."""
        ready = await self._ready.take()
        talk = arrival.talk or ready.talk
        now = self._clock.now()
        received_at = coarse(now, is_urgent=arrival.is_urgent)
        tip = Tip(
            id=arrival.tip_id,
            unit_id=arrival.filed_under,
            sealed_for=arrival.filed_under,
            reference=_reference(self._chance),
            category=arrival.category,
            is_urgent=arrival.is_urgent,
            received_at=received_at,
            visible_at=self._visible_at(now, is_urgent=arrival.is_urgent),
            moved_at=received_at,
            has_route=arrival.has_route,
            is_about_officer=arrival.is_about_officer,
            is_handed=arrival.is_handed,
            talk_public=talk.public,
            talk_locked=self._talks.lock(talk.private, ready.proof.key, tip_id=arrival.tip_id),
            locator=ready.receipt.locator,
            receipt_salt=ready.salt,
            receipt_hash=ready.proof.stored,
        )
        self._limits.arrived(tip.unit_id)
        return tip, ready

    def _visible_at(self, now: datetime, *, is_urgent: bool) -> datetime:
        if is_urgent or not self._delay_max_s:
            return coarse(now, is_urgent=is_urgent)
        # A random delay, so that nobody who watches the queue can match a tip to a moment.
        shown_at = now + timedelta(seconds=self._chance.below(self._delay_max_s + 1))
        # To the minute: a fraction of a second would be the very fraction it arrived in.
        return shown_at.replace(second=0, microsecond=0)


def _reference(chance: Chance) -> str:
    """Return what officers call a tip: eight letters, unrelated to the receipt."""
    return f"T-{signs(chance, 8)}"
