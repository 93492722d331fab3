"""Who has a tip in hand: taken by one moderator, handed to another who can open it."""

from dataclasses import replace

from bot.core.errors import RuleBroken
from bot.core.ids import OfficerId, TipId
from bot.core.officers import Act, Officer
from bot.core.storage import Work
from bot.core.tips import Tip
from bot.services.tips.reading.access import Handling, Reader
from bot.services.tips.records import sight_of


class Claims:
    """Use cases of having a tip in hand."""

    def __init__(self, handling: Handling) -> None:
        self._handling = handling

    async def claim(self, tip_id: TipId, reader: Reader, *, version: int | None = None) -> Tip:
        """Take a tip in hand. Raise `RuleBroken` if somebody else has it, or as `Handling`."""
        async with self._handling.held(tip_id, reader, version=version) as held:
            if held.tip.claimed_by not in {None, reader.officer.id}:
                raise RuleBroken("tip_claimed")
            tip = replace(held.tip, claimed_by=reader.officer.id)
            return await self._handling.done(held, tip, "tip.claim")

    async def release(self, tip_id: TipId, reader: Reader, *, version: int | None = None) -> Tip:
        """Put a tip back for anybody to take. Raise as `Handling` does."""
        async with self._handling.held(tip_id, reader, version=version) as held:
            tip = replace(held.tip, claimed_by=None)
            return await self._handling.done(held, tip, "tip.release")

    async def hand_over(
        self, tip_id: TipId, reader: Reader, to: OfficerId, *, version: int | None = None
    ) -> Tip:
        """Give a tip to another moderator. Raise `RuleBroken` if that one cannot open it."""
        async with self._handling.held(tip_id, reader, version=version) as held:
            able = {one.id for one in await self._able(held.work, held.tip)}
            if to not in able:
                raise RuleBroken("tip_not_sealed_to_them")
            tip = replace(held.tip, claimed_by=to)
            return await self._handling.done(held, tip, "tip.hand_over", to=to)

    async def able(self, tip_id: TipId, reader: Reader) -> list[Officer]:
        """Return the moderators who can open the tip, by login. Raise as `Access` does."""
        async with self._handling.storage.read() as work:
            tip = await self._handling.access.tip(work, tip_id, reader.officer)
            return await self._able(work, tip)

    async def _able(self, work: Work, tip: Tip) -> list[Officer]:
        held_by = await work.tips.holders_of(tip.id)
        holders = {
            one.officer_id for one in await work.officers.public_holders() if one.id in held_by
        }
        return [
            officer
            for officer in await work.officers.all()
            if officer.id in holders
            and officer.is_active
            and officer.may(Act.MODERATE)
            and (await sight_of(work, officer)).shows(tip)
        ]
