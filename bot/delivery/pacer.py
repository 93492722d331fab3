"""How fast a channel may be used. Knows nothing of messages; the caller waits.

The generic cell rate algorithm with a burst of one: slots evenly spaced, and a slot nobody
took is not saved up, so no window of time ever holds more than the pace allows. Moments are
monotonic seconds.
"""

from typing import Final

from bot.core.channels import Pace

_FORGET_AT: Final = 10_000


class Pacer:
    """The slots of one channel, of its chats and of its groups."""

    def __init__(self, pace: Pace) -> None:
        self.follow(pace)
        self._free_at = 0.0
        self._chat_free_at: dict[str, float] = {}

    def follow(self, pace: Pace) -> None:
        """Space from now on as `pace` says: what a platform permits can change on the way."""
        self._gap_s = 1 / pace.per_s
        self._chat_gap_s = pace.per_chat_s
        self._group_gap_s = pace.per_group_s

    def channel_free_at(self) -> float:
        """Return when the channel's next slot begins; it may lie in the past."""
        return self._free_at

    def chat_free_at(self, chat: str) -> float:
        """Return when this chat may be written to again; it may lie in the past."""
        return self._chat_free_at.get(chat, 0.0)

    def take(self, chat: str, *, is_group: bool, at: float) -> None:
        """Use the slot that begins at `at` for this chat."""
        self._free_at = max(self._free_at, at + self._gap_s)
        gap = self._group_gap_s if is_group else self._chat_gap_s
        if gap:
            self.hold_chat(chat, at + gap)
            self._forget(at)

    def hold_channel(self, until: float) -> None:
        """Let nothing go before `until`. A hold only ever moves forward."""
        self._free_at = max(self._free_at, until)

    def hold_chat(self, chat: str, until: float) -> None:
        """Let nothing go to this chat before `until`."""
        self._chat_free_at[chat] = max(self.chat_free_at(chat), until)

    def _forget(self, now: float) -> None:
        if len(self._chat_free_at) > _FORGET_AT:
            self._chat_free_at = {chat: at for chat, at in self._chat_free_at.items() if at > now}
