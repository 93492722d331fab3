"""Answering taps, so that the waiting sign on a button stops: soon, or not at all."""

import logging
from collections import OrderedDict
from typing import Final

from bot.channels.telegram.calls import Calls
from bot.core.ids import ChannelId
from bot.core.sending import SendError, SlowedDown
from bot.core.time import Clock

log: Final = logging.getLogger(__name__)

# Telegram takes no answer after 150 s; the way there takes a moment too.
TAP_LASTS_S: Final = 145.0
_KNOWN_AT_MOST: Final = 5_000


class Taps:
    """The taps of one bot, and when each was seen; one from before a restart is just tried."""

    def __init__(self, channel_id: ChannelId, *, calls: Calls, clock: Clock) -> None:
        self._channel_id = channel_id
        self._calls = calls
        self._clock = clock
        self._seen_at_s: OrderedDict[str, float] = OrderedDict()
        self._rests_until_s = clock.monotonic()

    def seen(self, tap_id: str) -> None:
        """Note that a tap came in, the first time it does."""
        self._seen_at_s.setdefault(tap_id, self._clock.monotonic())
        while len(self._seen_at_s) > _KNOWN_AT_MOST:
            self._seen_at_s.popitem(last=False)

    async def answer(self, tap_id: str) -> None:
        """Stop the waiting sign. What cannot be answered any more stops by itself."""
        now = self._clock.monotonic()
        if now - self._seen_at_s.pop(tap_id, now) > TAP_LASTS_S:
            self._left("too_late")
        elif now < self._rests_until_s:
            self._left("slowed_down")
        else:
            try:
                self._calls.check_rest()
                await self._calls.done(self._calls.bot.answer_callback_query(tap_id))
            except SendError as error:
                if isinstance(error, SlowedDown):
                    # Of taps alone: nobody waits longer for an answer in words because of it.
                    self._rests_until_s = now + (error.after_s or 0.0)
                self._left(error.reason.value)

    def _left(self, reason: str) -> None:
        log.info(
            "telegram.tap_unanswered", extra={"channel_id": self._channel_id, "reason": reason}
        )
