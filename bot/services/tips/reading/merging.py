"""Tips about the same thing: one is carried on, the others are closed and point to it.

Records stay with the tip they came with: they are bound to it, and each sender keeps a dialogue
of their own. What the sender of a double reads is the sentence of its state.
"""

from dataclasses import replace

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import TipId
from bot.core.officers import Act
from bot.core.tips import RecordKind, Tip, TipState
from bot.services.tips.reading.access import Access, Handling, Reader
from bot.services.tips.records import coarse, sight_of


class Merging:
    """Use cases of doubles."""

    def __init__(self, *, handling: Handling, access: Access) -> None:
        self._handling = handling
        self._access = access

    async def merge(
        self,
        tip_id: TipId,
        reader: Reader,
        *,
        into: str,
        reason: str,
        version: int | None = None,
    ) -> Tip:
        """Close a tip as a double of the one whose reference is `into`.

        The reader must hold the keys of both. Raise `NotFound`, `UnlawfulMove`, `TipChanged`,
        or `RuleBroken`: no such tip, the same tip, or one that is a double itself.
        """
        async with self._handling.held(tip_id, reader, version=version) as held:
            main = await held.work.tips.by_reference(into.strip().upper())
            sight = await sight_of(held.work, reader.officer)
            if main is None or not sight.shows(main) or main.id == tip_id:
                raise RuleBroken("tip_main_unknown")
            if main.is_about_officer != held.tip.is_about_officer:
                raise RuleBroken("tip_main_unknown")
            if main.merged_into is not None:
                raise RuleBroken("tip_main_doubled")
            await self._access.key(held.work, main, reader)
            at = coarse(self._handling.clock.now(), is_urgent=False)
            moved = held.tip.moved(TipState.DOUBLED, reason=reason, at=at, by=reader.officer.id)
            await self._handling.write(held, RecordKind.REASON, reason.strip().encode())
            # A new double is news of the tip that is carried on.
            await held.work.tips.save(replace(main, has_news=True, version=main.version + 1))
            return await self._handling.done(
                held, replace(moved, merged_into=main.id), "tip.merge", into=main.id
            )

    async def around(self, tip: Tip, reader: Reader) -> tuple[Tip | None, list[Tip]]:
        """Return the tip this one doubles, and those that double it, as far as they are seen.

        Raise `NotFound` for somebody who is no moderator.
        """
        if not reader.officer.may(Act.MODERATE):
            raise NotFound("no such queue")
        async with self._handling.storage.read() as work:
            sight = await sight_of(work, reader.officer)
            main = await work.tips.get(tip.merged_into) if tip.merged_into else None
            doubles = await work.tips.doubles_of(tip.id)
        seen_main = main if main is not None and sight.shows(main) else None
        return seen_main, [one for one in doubles if sight.shows(one)]
