"""What stands between a finished tip and its sending: patience, and a small task in a flood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.messages import Choice, Outgoing
from bot.core.time import Chance
from bot.core.turns import Turn
from bot.services.tips.receiving.limits import TipLimits
from bot.services.tips.receiving.tasks import numbers_to_choose
from content.sentences import Voice
from handlers.dialogue import says

NUMBER: Final = "~tip_number_"
# Gathered: the number to be picked, until it was.
TASK: Final = "task"
SOLVED: Final = "solved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A small task: the message that sets it, and what solves it."""

    message: Outgoing
    solved_by: str


class TipGates:
    """Asks for patience or sets the task; urgent tips pass."""

    def __init__(self, say: Voice, limits: TipLimits, chance: Chance) -> None:
        """`say` is the voice of section `tips`."""
        self._say = say
        self._limits = limits
        self._chance = chance

    def patience(self, turn: Turn, *, is_urgent: bool) -> Outgoing | None:
        """Return what is said to somebody who must wait before the next tip, if so."""
        wait_s = 0 if is_urgent else self._limits.wait_s(turn.conversation)
        if not wait_s:
            return None
        return says(self._say("too_many", turn.language, minutes=-(-wait_s // 60)))

    def task(
        self,
        turn: Turn,
        gathered: Mapping[str, str],
        *,
        is_urgent: bool,
        about_officer: bool,
    ) -> Task | None:
        """Return the task to be solved before sending, if so many tips come at this time."""
        is_asked = self._limits.asks_task(turn.unit.id, about_officer=about_officer)
        if is_urgent or not is_asked:
            return None
        if gathered.get(TASK) == SOLVED:
            return None
        numbers = numbers_to_choose(self._chance)
        choices = (Choice(label=str(number), word=f"{NUMBER}{number}") for number in numbers)
        return Task(
            message=says(self._say("task_ask", turn.language), *choices),
            solved_by=f"{NUMBER}{max(numbers)}",
        )

    def passed(self, turn: Turn) -> None:
        """Count a tip that is sent."""
        self._limits.sent(turn.conversation)
