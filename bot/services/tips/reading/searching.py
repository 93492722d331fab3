"""Searching what tips say, inside the officer's session: opened in memory, nothing is kept."""

from dataclasses import dataclass
from typing import Final

from bot.core.errors import NotFound, RuleBroken
from bot.core.officers import Act
from bot.core.sealing import SealBroken
from bot.core.storage import Work
from bot.core.text import fold
from bot.core.tip_queue import TipFilter, TipPlace
from bot.core.tips import RecordKind, Tip
from bot.services.tips.reading.access import Handling, Reader
from bot.services.tips.reading.desk import Desk, OpenedTip
from bot.services.tips.records import sight_of

# So many tips of the filter are opened at once; a narrower filter reaches further back.
LOOKED_THROUGH: Final = 500
_AT_ONCE: Final = 50
_SHORTEST: Final = 2
_LONGEST: Final = 100
# Everything with words; pictures hold none and are large.
_WORDED: Final = frozenset(
    {
        RecordKind.REPORT,
        RecordKind.REASON,
        RecordKind.NOTE,
        RecordKind.TALK,
        RecordKind.MESSAGE_IN,
        RecordKind.MESSAGE_OUT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found; `is_whole` says that every tip of the filter was looked through."""

    tips: tuple[Tip, ...]
    looked_through: int
    is_whole: bool


class Searching:
    """Use cases of searching."""

    def __init__(self, *, handling: Handling, desk: Desk) -> None:
        self._handling = handling
        self._desk = desk

    async def search(self, words: str, reader: Reader, wanted: TipFilter) -> Found:
        """Return the tips of the filter that hold every word, in whatever case or diacritics.

        Only those sealed to the reader are opened. Audited with how many were, never with the
        words. Raise `NotFound` for somebody who is no moderator, or `RuleBroken`.
        """
        if not reader.officer.may(Act.MODERATE):
            raise NotFound("no such queue")
        sought = fold(words.strip()).split()
        if not _SHORTEST <= len("".join(sought)) <= _LONGEST:
            raise RuleBroken("tip_search_wrong", least=_SHORTEST, most=_LONGEST)
        found: list[Tip] = []
        looked = 0
        is_whole = False
        after: TipPlace | None = None
        while looked < LOOKED_THROUGH and not is_whole:
            async with self._handling.storage.read() as work:
                page = await work.tips.queue(
                    await sight_of(work, reader.officer),
                    now=self._handling.clock.now(),
                    wanted=wanted,
                    after=after,
                    limit=_AT_ONCE,
                )
                found += [tip for tip in page if await self._holds(work, tip, reader, sought)]
            looked += len(page)
            is_whole = len(page) < _AT_ONCE
            after = TipPlace.of(page[-1]) if page else None
        async with self._handling.storage.begin() as work:
            await self._handling.searched(work, reader, looked=looked, found=len(found))
            await work.commit()
        return Found(tips=tuple(found), looked_through=looked, is_whole=is_whole)

    async def _holds(self, work: Work, tip: Tip, reader: Reader, sought: list[str]) -> bool:
        try:
            key = await self._handling.access.key(work, tip, reader)
            records = await work.tips.records(tip.id, kinds=_WORDED)
            text = fold(_words(self._desk.opened(tip, key, records)))
        except (RuleBroken, SealBroken):
            # Sealed to somebody else, or changed in the database: nothing to be found there.
            return False
        return all(word in text for word in sought)


def _words(opened: OpenedTip) -> str:
    report = opened.report
    remarks = [one.text for one in opened.records]
    said = [one.text for one in opened.said]
    return "\n".join(
        [opened.tip.reference, report.what, report.where, report.when, *remarks, *said]
    )
