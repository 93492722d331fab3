"""One-time codes: drawn, read as people type them, and kept so that no thief can try them all.

A code has 40 random bits and lives half an hour; a plain hash of it could be inverted within
that time by whoever stole the database, so only a keyed pseudonym is kept. What a code stands
for is left to its maker.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.core.ids import read_code, signs
from bot.core.sealing import Pseudonyms
from bot.core.slips import SlipKind
from bot.core.time import Chance, Clock

CODE_LIFE: Final = timedelta(minutes=30)
CODE_LENGTH: Final = 8


class OneTimeCodes:
    """Codes of one kind."""

    def __init__(
        self, kind: SlipKind, *, pseudonyms: Pseudonyms, clock: Clock, chance: Chance
    ) -> None:
        self._kind = kind
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._chance = chance

    def draw(self) -> str:
        """Return a fresh code of `CODE_LENGTH` signs."""
        while True:
            code = signs(self._chance, CODE_LENGTH)
            # With a digit, so that a code is never a word.
            if any(mark.isdigit() for mark in code):
                return code

    def until(self) -> datetime:
        """Return when a code drawn now is over."""
        return self._clock.now() + CODE_LIFE

    def key(self, typed: str) -> str:
        """Return under which key the slip of a code stands, as it was drawn or typed."""
        # Cut, so that nobody has a long text hashed; twice as long is no code either.
        return self._pseudonyms.pseudonym(self._kind, read_code(typed)[: 2 * CODE_LENGTH])
