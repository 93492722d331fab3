"""The small task that is set while very many tips come: which of four numbers is the largest.

It slows hands, not people: whoever can read solves it. A page carries its task along, so the
server keeps none; only which were answered is remembered, so that each sends one tip.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.core.ids import UnitId
from bot.core.sealing import Pseudonyms
from bot.core.time import Chance, Clock
from bot.services.tips.receiving.limits import TipLimits

_NUMBERS: Final = 4
# Somebody may write for a long while between opening the page and sending.
_GOOD_FOR_S: Final = round(timedelta(hours=3).total_seconds())
# Digits of a moment as seconds, far beyond what is needed.
_LONGEST_MOMENT: Final = 12
_MOST_ANSWERED: Final = 20_000
_PURPOSE: Final = "page_task"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTask:
    """A task as a page carries it: the numbers to choose from, and the proof of the right one."""

    token: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back with a page: the token of its task and the number that was chosen."""

    token: str = ""
    number: str = ""


def numbers_to_choose(chance: Chance) -> tuple[int, ...]:
    """Return different numbers of three digits each; the largest solves the task."""
    numbers: list[int] = []
    while len(numbers) < _NUMBERS:
        number = 100 + chance.below(900)
        if number not in numbers:
            numbers.append(number)
    return tuple(numbers)


class PageTasks:
    """Sets tasks to pages and checks what was answered."""

    def __init__(
        self, *, limits: TipLimits, pseudonyms: Pseudonyms, clock: Clock, chance: Chance
    ) -> None:
        """`pseudonyms` proves a task by a key every process has: any of them may be answered."""
        self._limits = limits
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._chance = chance
        self._answered: OrderedDict[str, None] = OrderedDict()

    def is_due(self, unit_id: UnitId, *, is_urgent: bool, about_officer: bool) -> bool:
        """Tell whether a task stands before the next tip told to this unit."""
        return not is_urgent and self._limits.asks_task(unit_id, about_officer=about_officer)

    def for_form(self) -> PageTask | None:
        """Return the task of an empty form, if any unit gets too many.

        Set before anything is sent, so that nobody has to choose pictures again.
        """
        return self.new() if self._limits.is_flooded_anywhere() else None

    def new(self) -> PageTask:
        """Return a task that is good for three hours and one answer."""
        numbers = numbers_to_choose(self._chance)
        until = round(self._clock.now().timestamp()) + _GOOD_FOR_S
        begins = f"{until}.{self._chance.token(9).hex()}"
        return PageTask(
            token=f"{begins}.{self._proof(begins, str(max(numbers)))}", numbers=numbers
        )

    def is_solved(self, answered: Answered) -> bool:
        """Tell whether a task of ours was answered rightly, in time and for the first time."""
        if not (answered.token + answered.number).isascii():
            return False
        begins, _, proof = answered.token.rpartition(".")
        until = begins.partition(".")[0]
        if not until.isdigit() or len(until) > _LONGEST_MOMENT:
            return False
        is_late = int(until) < self._clock.now().timestamp()
        right = self._proof(begins, answered.number)
        is_right = secrets.compare_digest(proof.encode(), right.encode())
        return is_right and not is_late and begins not in self._answered

    def spend(self, answered: Answered) -> bool:
        """Tell whether a task was solved, and let it count for no other tip."""
        if not self.is_solved(answered):
            return False
        self._answered[answered.token.rpartition(".")[0]] = None
        if len(self._answered) > _MOST_ANSWERED:
            self._answered.popitem(last=False)
        return True

    def _proof(self, begins: str, number: str) -> str:
        return self._pseudonyms.pseudonym(_PURPOSE, f"{begins}.{number}")
