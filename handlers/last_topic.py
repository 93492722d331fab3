"""What was talked about last, kept for some minutes so that "báo ở đâu" is understood.

Stands in the sealed step of a conversation: the key of a topic and the minute, no word of what
was said.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.core.dialogues import Step
from bot.core.time import Clock
from bot.core.turns import Turn

KEPT: Final = timedelta(minutes=10)
_TOPIC: Final = "topic"
_AT: Final = "at"


class LastTopic:
    """Keeps a topic in a step, and reads it from there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def kept(self, topic: str) -> Step:
        """Return the step of a conversation in which nothing is asked, but this was answered."""
        now = self._clock.now().replace(second=0, microsecond=0)
        return Step(gathered={_TOPIC: topic, _AT: now.isoformat()})

    def of(self, turn: Turn) -> str | None:
        """Return the topic that was answered a few minutes ago, if no dialogue stands."""
        gathered = turn.step.gathered
        if turn.step.dialogue or _TOPIC not in gathered:
            return None
        kept_at = datetime.fromisoformat(gathered[_AT])
        return gathered[_TOPIC] if self._clock.now() - kept_at <= KEPT else None
