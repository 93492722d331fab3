"""The queue: what waits, how much of it, without opening anything."""

from collections.abc import Collection, Mapping

from bot.core.errors import NotFound
from bot.core.officers import Act, Officer
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.core.tips import Tip, TipCategory, TipState
from bot.core.units import Unit, below
from bot.services.audit import Audit
from bot.services.tips.records import seen_by


class Queue:
    """Lists of tips. Every list is audited."""

    def __init__(self, *, storage: Storage, audit: Audit, clock: Clock) -> None:
        self._storage = storage
        self._audit = audit
        self._clock = clock

    async def tips(
        self,
        officer: Officer,
        *,
        states: Collection[TipState] = (),
        category: TipCategory | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Tip]:
        """Return what waits in the officer's units: urgent first, then oldest. Audited.

        Raise `NotFound` if the officer is no moderator.
        """
        if not officer.may(Act.MODERATE):
            raise NotFound("no such queue")
        async with self._storage.begin() as work:
            allowed = await seen_by(work, officer)
            tips = await work.tips.queue(
                allowed,
                now=self._clock.now(),
                states=states,
                category=category,
                limit=limit,
                offset=offset,
            )
            await self._audit.note(
                work, "tip.list", by=officer.id, facts={"shown": str(len(tips))}
            )
            await work.commit()
        return tips

    async def counts(self, officer: Officer) -> Mapping[TipState, int]:
        """Return how many visible tips stand in each state."""
        async with self._storage.read() as work:
            return await work.tips.counts(await seen_by(work, officer), now=self._clock.now())

    async def metadata(self, unit: Unit, *, by: str) -> list[Tip]:
        """Return all tips of a unit and those under it, without content. Audited."""
        async with self._storage.begin() as work:
            allowed = below(unit.id, await work.units.all())
            tips = await work.tips.queue(allowed, now=self._clock.now(), limit=10_000)
            await self._audit.note(
                work, "tip.list", by=by, subject=unit.id, facts={"shown": str(len(tips))}
            )
            await work.commit()
        return tips
