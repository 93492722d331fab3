"""The pace of what delivery does not see: the second and later requests of one message.

Delivery gives every message one slot. A message of three parts, or a correction of two, makes
more requests than that, and these count for Telegram as much as any other. They wait here, and
while they do, the others fall in behind them.
"""

from typing import Final

from bot.core.channels import Pace
from bot.core.sending import SlowedDown
from bot.core.time import Clock

# As long as the window in which Telegram counts.
_BUSY_S: Final = 1.0
_FORGET_AT: Final = 1_000


class Extras:
    """Spaces requests of one bot evenly while there are more of them than messages."""

    def __init__(self, pace: Pace, *, clock: Clock) -> None:
        self._pace = pace
        self._gap_s = 1 / pace.per_s
        self._clock = clock
        self._free_at_s = 0.0
        self._busy_until_s = 0.0
        self._chats: dict[str, float] = {}

    async def first(self, chat: str) -> None:
        """Let the first request of a message go, which delivery has paced.

        Raise `SlowedDown` if the chat still has to rest from a message of several parts.
        """
        now = self._clock.monotonic()
        left_s = self._chats.get(chat, now) - now
        if left_s > 0:
            raise SlowedDown(left_s, whole_channel=False, text="parts of another message")
        self._chats.pop(chat, None)
        await self._take(now, waits=now < self._busy_until_s)

    async def another(self, chat: str, *, is_group: bool) -> None:
        """Wait until one more request about the same message may go."""
        gap_s = self._pace.per_group_s if is_group else self._pace.per_chat_s
        await self._clock.sleep(gap_s)
        now = self._clock.monotonic()
        self._busy_until_s = max(now, self._free_at_s) + self._gap_s + _BUSY_S
        await self._take(now, waits=True)
        if len(self._chats) > _FORGET_AT:
            self._chats = {one: at for one, at in self._chats.items() if at > now}
        self._chats[chat] = self._clock.monotonic() + gap_s

    async def _take(self, now: float, *, waits: bool) -> None:
        at = max(now, self._free_at_s) if waits else now
        self._free_at_s = max(self._free_at_s, at + self._gap_s)
        if at > now:
            await self._clock.sleep(at - now)
