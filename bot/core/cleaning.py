"""What the rooms need of the cleaning of files from residents. How it is done: `bot.vault`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.core.errors import RuleBroken


class Unclean(StrEnum):
    """Why a file is not taken; also the keys of the sentences in section `tips`."""

    UNKNOWN_FORMAT = "media_unknown"
    TOO_BIG = "media_too_big"  # bytes, pages or minutes
    TOO_MANY_POINTS = "media_too_many_points"
    BROKEN = "media_broken"
    TOO_SLOW = "media_too_slow"


class NotCleaned(RuleBroken):
    """Nothing of the file is kept; `reason` says why."""

    def __init__(self, reason: Unclean) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanFile:
    """A file made anew. `media_type` is what it is, never what it said it was."""

    media_type: str
    body: bytes = field(repr=False)


class FileCleaning(Protocol):
    """Makes new files of what an old one shows, so that nothing else comes along."""

    async def clean_all(self, body: bytes) -> Sequence[CleanFile]:
        """Return at least one file: a picture gives one, a PDF one for each page, a film some.

        Raise `NotCleaned`.
        """
        ...
