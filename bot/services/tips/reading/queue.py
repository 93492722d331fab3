"""The queue: what waits, how much of it, without opening anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.errors import NotFound, RuleBroken
from bot.core.officers import Act, Officer
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.tip_queue import SavedFilter, TipFilter, TipPlace, TipSight
from bot.core.tips import Tip, TipState
from bot.core.units import Unit, below
from bot.services.audit import Audit
from bot.services.tips.records import sight_of

# Counting goes so far and no further: "1.000 and more" is as much to do as 20,000.
COUNTED_TO: Final = 1_000
_MOST_FILTERS: Final = 20
_NAME_LONGEST: Final = 40
_QUERY_LONGEST: Final = 300
_METADATA_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One page of the queue; `after` is where the next one begins, None at the end."""

    tips: tuple[Tip, ...]
    counts: Mapping[TipState, int]
    after: TipPlace | None


class Queue:
    """Lists of tips. Every list is audited."""

    def __init__(self, *, storage: Storage, audit: Audit, clock: Clock) -> None:
        self._storage = storage
        self._audit = audit
        self._clock = clock

    async def page(
        self,
        officer: Officer,
        wanted: TipFilter | None = None,
        *,
        after: TipPlace | None = None,
        limit: int = 25,
    ) -> QueuePage:
        """Return what waits in the officer's units: urgent first, then oldest. Audited.

        Counts are of all the officer may see, by state, to `COUNTED_TO`. Raise `NotFound` if the
        officer is no moderator.
        """
        _refuse_others(officer)
        now = self._clock.now()
        async with self._storage.begin() as work:
            sight = await sight_of(work, officer)
            found = await work.tips.queue(
                sight, now=now, wanted=wanted or TipFilter(), after=after, limit=limit + 1
            )
            counts = await work.tips.counts(sight, now=now, most=COUNTED_TO)
            tips = tuple(found[:limit])
            await self._audit.note(
                work, "tip.list", by=officer.id, facts={"shown": str(len(tips))}
            )
            await work.commit()
        return QueuePage(
            tips=tips,
            counts=counts,
            after=TipPlace.of(tips[-1]) if len(found) > limit else None,
        )

    async def tips(
        self, officer: Officer, wanted: TipFilter | None = None, *, limit: int = 50
    ) -> list[Tip]:
        """Return the first tips of the queue. Audited. Raise `NotFound`, as `page` does."""
        return list((await self.page(officer, wanted, limit=limit)).tips)

    async def counts(self, officer: Officer) -> Mapping[TipState, int]:
        """Return how many tips stand in each state, to `COUNTED_TO`. Raise `NotFound`."""
        _refuse_others(officer)
        async with self._storage.read() as work:
            sight = await sight_of(work, officer)
            return await work.tips.counts(sight, now=self._clock.now(), most=COUNTED_TO)

    async def metadata(self, unit: Unit, *, by: str) -> list[Tip]:
        """Return all tips of a unit and those under it, without content. Audited."""
        async with self._storage.begin() as work:
            sight = TipSight(unit_ids=below(unit.id, await work.units.all()), own=unit.id)
            tips = await self._all(work, sight)
            await self._audit.note(
                work, "tip.list", by=by, subject=unit.id, facts={"shown": str(len(tips))}
            )
            await work.commit()
        return tips

    async def _all(self, work: Work, sight: TipSight) -> list[Tip]:
        tips: list[Tip] = []
        while True:
            page = await work.tips.queue(
                sight,
                now=self._clock.now(),
                wanted=TipFilter(),
                after=TipPlace.of(tips[-1]) if tips else None,
                limit=_METADATA_AT_ONCE,
            )
            tips += page
            if len(page) < _METADATA_AT_ONCE:
                return tips

    # --- filters with a name -----------------------------------------------------------------

    async def saved(self, officer: Officer) -> list[SavedFilter]:
        """Return the officer's own filters. Raise `NotFound` if the officer is no moderator."""
        _refuse_others(officer)
        async with self._storage.read() as work:
            return await work.tips.saved_filters(officer.id)

    async def save(self, officer: Officer, name: str, query: str) -> None:
        """Keep a filter under a name. Audited without either.

        Raise `NotFound`, or `RuleBroken` for a bad name.
        """
        _refuse_others(officer)
        name = name.strip()
        if not 1 <= len(name) <= _NAME_LONGEST or len(query) > _QUERY_LONGEST:
            raise RuleBroken("tip_filter_name_wrong", longest=_NAME_LONGEST)
        async with self._storage.begin() as work:
            known = {one.name for one in await work.tips.saved_filters(officer.id)}
            if name not in known and len(known) >= _MOST_FILTERS:
                raise RuleBroken("tip_filters_many", most=_MOST_FILTERS)
            await work.tips.save_filter(SavedFilter(officer_id=officer.id, name=name, query=query))
            await self._audit.note(work, "tip.filter", by=officer.id, facts={"is": "kept"})
            await work.commit()

    async def forget(self, officer: Officer, name: str) -> None:
        """Forget a filter of the officer's own. Audited. Raise `NotFound`."""
        _refuse_others(officer)
        async with self._storage.begin() as work:
            await work.tips.remove_filter(officer.id, name)
            await self._audit.note(work, "tip.filter", by=officer.id, facts={"is": "forgotten"})
            await work.commit()


def _refuse_others(officer: Officer) -> None:
    if not officer.may(Act.MODERATE):
        raise NotFound("no such queue")
