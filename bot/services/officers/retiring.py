"""The end of an officer's key: retired, its wrapped keys removed, the private half gone.

Refused where tips would be left that no other officer opens, unless somebody proved lately that
the recovery paper is still there.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.ids import OfficerId
from bot.core.officers import KeyHolder
from bot.core.sealing import FoundingKey
from bot.core.storage import Work
from bot.core.time import Clock

# The setting that says when a recovery paper was last proved to fit.
CHECKED: Final = "recovery_checked"
CHECK_LASTS: Final = timedelta(days=30)


class Retiring:
    """Ends keys within the transaction of whoever decided it."""

    def __init__(self, *, founding: FoundingKey, clock: Clock) -> None:
        self._founding = founding
        self._clock = clock

    async def retire_of(self, work: Work, officer_id: OfficerId) -> int:
        """End every key of an officer; return how many tips they opened.

        Call it after the act was noted in the audit chain, which lets one such act in at a time:
        two officers who are each other's last holder must not leave at once. Raise `RuleBroken`.
        """
        removed = 0
        for holder in await work.officers.holders_of(officer_id):
            await self._check(work, holder)
            removed += await self.end(work, holder)
        return removed

    async def check_of(self, work: Work, officer_id: OfficerId) -> None:
        """Raise `RuleBroken` if ending the officer's keys would be refused."""
        for holder in await work.officers.holders_of(officer_id):
            await self._check(work, holder)

    async def end(self, work: Work, holder: KeyHolder) -> int:
        """End one key whose tips others have; return how many wrapped keys were removed."""
        at = holder.retired_at or self._clock.now()
        await work.officers.save_holder(replace(holder, retired_at=at, locked_private=None))
        return await work.tip_keys.remove_of(holder.id)

    async def _check(self, work: Work, holder: KeyHolder) -> None:
        # Tips about officers are sealed to an inspectorate alone: no paper brings them back.
        # How many there are is for nobody else to know.
        if await work.tip_keys.only_held_by(holder.id, with_paper=True):
            raise RuleBroken("key_only_one")
        alone = await work.tip_keys.only_held_by(holder.id, with_paper=False)
        if alone and not await self._is_paper_there(work):
            raise RuleBroken("key_last_holder", tips=alone, days=CHECK_LASTS.days)

    async def note_paper(self, work: Work) -> None:
        """Remember that a recovery paper was proved to fit just now."""
        await work.settings.put(CHECKED, self._clock.now().isoformat())

    async def paper_checked_at(self, work: Work) -> datetime | None:
        """Return when a recovery paper was last proved to fit."""
        kept = await work.settings.get(CHECKED)
        return datetime.fromisoformat(kept) if kept else None

    async def _is_paper_there(self, work: Work) -> bool:
        if self._founding.exists():
            return True
        checked_at = await self.paper_checked_at(work)
        return checked_at is not None and self._clock.now() - checked_at <= CHECK_LASTS
