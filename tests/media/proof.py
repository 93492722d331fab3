"""Cleans files of the corpus as the program does, and says what is left of what they hid."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.cleaning import NotCleaned, Unclean
from bot.vault.cleaning import PictureCleaner
from tests.media.cases import Case
from tests.media.corpus import formats
from tests.media.finder import found_in, oddities


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file: `left` names each trace of it, `refused` why there is nothing."""

    case: Case
    made: int = 0
    left: tuple[str, ...] = ()
    refused: Unclean | None = None


async def outcome(cleaner: PictureCleaner, case: Case) -> Outcome:
    """Clean one file and look at all that comes out."""
    try:
        clean = await cleaner.clean_all(case.body)
    except NotCleaned as error:
        return Outcome(case=case, refused=error.reason)
    left = [
        trace
        for one in clean
        for trace in (
            *oddities(one.body),
            *(f"{secret!r} {encoding}" for secret, encoding in found_in(one.body, case.hidden)),
        )
    ]
    return Outcome(case=case, made=len(clean), left=tuple(left))


async def outcomes(cases: Sequence[Case]) -> Sequence[Outcome]:
    """Clean many, as many at once as the cleaner allows."""
    cleaner = PictureCleaner()
    return await asyncio.gather(*(outcome(cleaner, case) for case in cases))


def figure(cases: Sequence[Case]) -> str:
    """Return how much the corpus is."""
    hidden = sum(len(case.hidden) for case in cases)
    cleaned = [case for case in cases if case.is_cleanable]
    return (
        f"{len(cases)} files of {len(formats(cases))} formats hide {hidden} secrets; "
        f"{len(cleaned)} files of {len(formats(cleaned))} formats are cleaned, "
        f"{len(cases) - len(cleaned)} refused"
    )
