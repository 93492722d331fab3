"""Forgetting tips on time, and proving that they are forgotten.

A closed tip is forgotten 90 days later, a week more or less at random, so that the day it goes
does not tell the day it was closed. Wrapped keys go first, in a commit of their own: from then on
nobody can open what is left, whatever happens to the machine. A tip that is held is kept.

Neither side of tips is needed: nothing here opens one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.core.backups import Backup, Backups
from bot.core.ids import TipId
from bot.core.notices import NoticeKey
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.audit import CLOCK, Audit
from bot.services.notices import Notices

log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=90)
SPREAD_DAYS: Final = 7
# So long a backup of before may still hold what was forgotten since.
BACKUPS_MAY_LAG: Final = timedelta(days=30)
FORGOTTEN: Final = "tip.forgotten"
PROVED: Final = "tip.forgetting_proved"
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the weekly look found.

    `open_here` tips were forgotten and could still be opened from the database. `stale` names
    backups that hold such tips longer than they may; `lagging` is how many tips are in backups
    that are still young enough. `looked_at` names the backups that were opened.
    """

    forgotten: int
    open_here: int
    looked_at: tuple[str, ...]
    stale: tuple[str, ...]
    lagging: int

    @property
    def holds(self) -> bool:
        """Tell whether everything that was to be forgotten is."""
        return not self.open_here and not self.stale


class TipForgetting:
    """Use cases of the clock about the end of tips."""

    def __init__(
        self,
        *,
        storage: Storage,
        backups: Backups,
        audit: Audit,
        notices: Notices,
        clock: Clock,
        chance: Chance,
    ) -> None:
        """`backups` lists and opens what `binhyen backup` made."""
        self._storage = storage
        self._backups = backups
        self._audit = audit
        self._notices = notices
        self._clock = clock
        self._chance = chance

    async def forget_due(self) -> int:
        """Give closed tips their day, and forget those whose day has come; return how many.

        Cut off anywhere, the next run takes it up: a tip without keys is still due.
        """
        await self._set_days()
        forgotten = 0
        while ids := await self._due():
            for tip_id in ids:
                forgotten += await self._forget(tip_id)
        return forgotten

    async def _set_days(self) -> None:
        async with self._storage.begin() as work:
            for tip in await work.tip_ends.reopened(_AT_ONCE):
                await work.tip_ends.set_day(tip.id, None)
            for tip in await work.tip_ends.undated(_AT_ONCE):
                if tip.closed_at is not None:
                    day = tip.closed_at.date() + KEPT + timedelta(days=self._spread())
                    await work.tip_ends.set_day(tip.id, day)
            await work.commit()

    def _spread(self) -> int:
        return self._chance.below(2 * SPREAD_DAYS + 1) - SPREAD_DAYS

    async def _due(self) -> Sequence[TipId]:
        async with self._storage.read() as work:
            return await work.tip_ends.due(self._clock.now().date(), _AT_ONCE)

    async def _forget(self, tip_id: TipId) -> int:
        async with self._storage.begin() as work:
            await work.tip_ends.remove_keys(tip_id)
            await work.commit()
        async with self._storage.begin() as work:
            await work.tip_ends.remove_records(tip_id)
            await work.commit()
        async with self._storage.begin() as work:
            tip = await work.tip_ends.remove(tip_id)
            if tip is None:
                return 0
            await work.tip_ends.count(tip)
            await self._audit.note(work, FORGOTTEN, by=CLOCK, subject=tip_id)
            await work.commit()
        return 1

    async def prove(self) -> Proof:
        """Try to find keys of forgotten tips in the database, the newest and the oldest backup.

        What it found is noted in the audit chain. Raise what opening a backup raises.
        """
        forgotten = await self._forgotten()
        async with self._storage.read() as work:
            open_here = await work.tip_ends.with_keys(list(forgotten))
        backups = self._backups.all()
        ends = list({one.path: one for one in (*backups[:1], *backups[-1:])}.values())
        stale: list[str] = []
        lagging = 0
        for backup in ends:
            left = await self._left_in(backup, forgotten)
            too_long = [
                tip_id
                for tip_id in left
                if forgotten[tip_id] + BACKUPS_MAY_LAG < self._clock.now().date()
                or backup.made_at.date() > forgotten[tip_id]
            ]
            lagging += len(left) - len(too_long)
            if too_long:
                stale.append(backup.path.name)
        proof = Proof(
            forgotten=len(forgotten),
            open_here=len(open_here),
            looked_at=tuple(one.path.name for one in ends),
            stale=tuple(stale),
            lagging=lagging,
        )
        async with self._storage.begin() as work:
            await self._note(work, proof)
            if not proof.holds:
                log.error("tips.not_forgotten", extra={"stale": len(proof.stale)})
                await self._tell(work, proof)
            await work.commit()
        return proof

    async def _tell(self, work: Work, proof: Proof) -> None:
        for unit in await work.units.all():
            if unit.parent_id is None:
                await self._notices.tell(
                    work,
                    NoticeKey.TIPS_NOT_FORGOTTEN,
                    unit_id=unit.id,
                    subject=unit.id,
                    about={"unit": unit.name, "backups": ", ".join(proof.stale) or "–"},
                    every=timedelta(days=1),
                )

    async def _left_in(self, backup: Backup, forgotten: dict[TipId, date]) -> set[TipId]:
        async with self._backups.opened(backup.path) as opened, opened.storage.read() as work:
            return await work.tip_ends.with_keys(list(forgotten))

    async def _forgotten(self) -> dict[TipId, date]:
        """Return which tips were forgotten on which day, as the chain tells."""
        found: dict[TipId, date] = {}
        async with self._storage.read() as work:
            async for entry in work.audit.walk():
                if entry.record.act == FORGOTTEN:
                    found[TipId(entry.record.subject)] = entry.record.at.date()
        return found

    async def _note(self, work: Work, proof: Proof) -> None:
        facts = {
            "forgotten": str(proof.forgotten),
            "open_here": str(proof.open_here),
            "stale": " ".join(proof.stale),
            "lagging": str(proof.lagging),
        }
        await self._audit.note(work, PROVED, by=CLOCK, facts=facts)
