"""Telling officers, without content, that tips wait: new ones, answered ones, late ones.

Knows neither conversations nor keys: what the queue shows of a tip is enough. Of a tip about an
officer only those of its own unit hear.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from bot.core.ids import OfficerId, TipId, UnitId
from bot.core.notices import NoticeKey
from bot.core.officers import Act
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.tip_deadlines import (
    FIRST_LOOK_URGENT,
    REMIND_BEFORE,
    Deadline,
    deadlines,
)
from bot.core.tips import Tip
from bot.core.units import Unit
from bot.services.audit import CLOCK, Audit
from bot.services.notices import Notices

_QUARTER: Final = timedelta(minutes=15)
# After a stop, quarters this far back are still told of.
_LOOK_BACK: Final = timedelta(hours=2)
_AT_ONCE: Final = 500


class Told(IntEnum):
    """How much of a tip's lateness was told; kept as `Tip.escalated`."""

    NOTHING = 0
    NOT_LOOKED_AT = 1  # to those who should look
    STILL_NOT_LOOKED_AT = 2  # to those above
    DUE_SOON = 3  # to whoever has it
    OVER_TWENTY_DAYS = 4  # to those above
    OVER_TWO_MONTHS = 5  # to those above


_UPWARDS: Final = frozenset(
    {Told.STILL_NOT_LOOKED_AT, Told.OVER_TWENTY_DAYS, Told.OVER_TWO_MONTHS}
)
_KEYS: Final[Mapping[Told, NoticeKey]] = {
    Told.NOT_LOOKED_AT: NoticeKey.TIPS_NOT_SEEN,
    Told.STILL_NOT_LOOKED_AT: NoticeKey.TIPS_NOT_SEEN,
    Told.DUE_SOON: NoticeKey.TIPS_DUE_SOON,
    Told.OVER_TWENTY_DAYS: NoticeKey.TIPS_OVER_TWENTY_DAYS,
    Told.OVER_TWO_MONTHS: NoticeKey.TIPS_OVER_TWO_MONTHS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Tips that one notice speaks of together."""

    told: Told
    unit_id: UnitId
    is_apart: bool
    claimed_by: OfficerId | None


class TipReminders:
    """Use cases of telling officers about tips."""

    def __init__(self, *, storage: Storage, notices: Notices, audit: Audit, clock: Clock) -> None:
        self._storage = storage
        self._notices = notices
        self._audit = audit
        self._clock = clock

    async def tell_new(self) -> int:
        """Tell of urgent tips at once, of others at the full quarter; return in how many chats.

        Safe with several processes, and after a stop: what was told is remembered.
        """
        now = self._clock.now()
        quarter = now - timedelta(
            minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond
        )
        since = quarter - _LOOK_BACK
        async with self._storage.begin() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            shown = [
                *await work.tips.shown_between(since, now),
                *await work.tips.shown_between(since, now, about_officers=True),
            ]
            told = 0
            for tip in shown:
                if tip.is_urgent and await work.claims.once(f"tip_told:{tip.id}", tip.visible_at):
                    told += await self._tell(
                        work, NoticeKey.TIP_URGENT, units[tip.unit_id], [tip], subject=tip.id
                    )
            calm = [tip for tip in shown if not tip.is_urgent and tip.visible_at < quarter]
            for unit_id, is_apart in {(tip.unit_id, tip.is_about_officer) for tip in calm}:
                fresh = [
                    tip
                    for tip in calm
                    if (tip.unit_id, tip.is_about_officer) == (unit_id, is_apart)
                    and await work.claims.once(f"tip_told:{tip.id}", tip.visible_at)
                ]
                if fresh:
                    told += await self._tell(
                        work, NoticeKey.TIPS_NEW, units[unit_id], fresh, subject=unit_id
                    )
            told += await self._answered(work, units, quarter)
            await work.commit()
        return told

    async def _answered(self, work: Work, units: Mapping[UnitId, Unit], quarter: datetime) -> int:
        """Tell at the quarter of what senders said that nobody has opened yet."""
        if not await work.claims.once("tips_answered", quarter):
            return 0
        fresh = [
            tip
            for tip in await work.tips.with_news(_AT_ONCE)
            # The version grows with each answer, and each is told of once.
            if await work.claims.once(f"tip_news:{tip.id}:{tip.version}", tip.moved_at)
        ]
        told = 0
        for tip in fresh:
            told += await self._tell(
                work, NoticeKey.TIP_ANSWERED, units[tip.unit_id], [tip], subject=tip.id
            )
        return told + await self._letters(work, units)

    async def _letters(self, work: Work, units: Mapping[UnitId, Unit]) -> int:
        """Tell of answers from chats. Which tips they belong to, only an officer's key tells."""
        fresh: Counter[UnitId] = Counter()
        for letter in await work.routes.waiting(_AT_ONCE):
            if await work.claims.once(f"tip_letter:{letter.id}", letter.at):
                fresh[letter.unit_id] += 1
        # Any of an inspectorate's may be about an officer of those above it.
        inspectorates = {unit.inspectorate_id for unit in units.values()}
        told = 0
        for unit_id, count in fresh.items():
            told += await self._notices.tell(
                work,
                NoticeKey.TIP_LETTERS,
                unit_id=unit_id,
                subject=unit_id,
                about={"unit": units[unit_id].name, "count": count},
                act=Act.MODERATE,
                every=timedelta(minutes=1),
                is_apart=unit_id in inspectorates,
            )
        return told

    async def look(self) -> int:
        """Remind and tell upwards of tips that are late; return in how many chats."""
        now = self._clock.now()
        groups: Counter[_Group] = Counter()
        after: TipId | None = None
        told = 0
        async with self._storage.begin() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            while True:
                page = await work.tips.undecided_before(
                    now - FIRST_LOOK_URGENT, after=after, limit=_AT_ONCE
                )
                for tip in page:
                    groups.update(await self._later(work, tip, now))
                if len(page) < _AT_ONCE:
                    break
                after = page[-1].id
            for group, count in groups.items():
                told += await self._tell_late(work, group, count, units)
            await work.commit()
        return told

    async def _later(self, work: Work, tip: Tip, now: datetime) -> Iterable[_Group]:
        told = _due(tip, now)
        if told <= tip.escalated:
            return ()
        # Not a change that an officer's form should stumble over.
        await work.tips.save(replace(await work.tips.get(tip.id), escalated=int(told)))
        await self._audit.note(
            work, "tip.late", by=CLOCK, subject=tip.id, facts={"told": told.name.lower()}
        )
        return (
            _Group(
                told=told,
                unit_id=tip.unit_id,
                is_apart=tip.is_about_officer,
                claimed_by=tip.claimed_by if told is Told.DUE_SOON else None,
            ),
        )

    async def _tell_late(
        self, work: Work, group: _Group, count: int, units: Mapping[UnitId, Unit]
    ) -> int:
        unit = units[group.unit_id]
        about: Mapping[str, str | int] = {"unit": unit.name, "count": count}
        key = _KEYS[group.told]
        if group.claimed_by is not None:
            return await self._notices.tell_one(work, key, group.claimed_by, about=about)
        goes_up = group.told in _UPWARDS and unit.parent_id is not None and not group.is_apart
        return await self._notices.tell(
            work,
            key,
            unit_id=unit.parent_id if goes_up and unit.parent_id else unit.id,
            subject=f"{unit.id}:{group.told}:{group.is_apart}",
            about=about,
            act=Act.MODERATE,
            is_apart=group.is_apart,
        )

    async def _tell(
        self, work: Work, key: NoticeKey, unit: Unit, tips: list[Tip], *, subject: str
    ) -> int:
        about: dict[str, str | int] = {"unit": unit.name}
        if key is NoticeKey.TIPS_NEW:
            about["count"] = len(tips)
        first = tips[0]
        if key is NoticeKey.TIP_ANSWERED and first.claimed_by is not None:
            return await self._notices.tell_one(work, key, first.claimed_by, about=about)
        return await self._notices.tell(
            work,
            key,
            unit_id=unit.id,
            subject=subject,
            about=about,
            act=Act.MODERATE,
            every=timedelta(minutes=1),
            is_apart=first.is_about_officer,
        )


def _due(tip: Tip, now: datetime) -> Told:
    """Return the gravest thing there is to tell about a tip."""
    due = Told.NOTHING
    for deadline, at in deadlines(tip):
        match deadline:
            case Deadline.FIRST_LOOK if at <= now:
                # Twice the time for a first look, and those above hear of it.
                is_long = now >= at + (at - tip.received_at)
                due = Told.STILL_NOT_LOOKED_AT if is_long else Told.NOT_LOOKED_AT
            case Deadline.TWENTY_DAYS if at <= now:
                due = Told.OVER_TWENTY_DAYS
            case Deadline.TWENTY_DAYS if at - REMIND_BEFORE <= now:
                due = Told.DUE_SOON
            case Deadline.TWO_MONTHS if at <= now:
                due = Told.OVER_TWO_MONTHS
            case _:
                pass
    return due
