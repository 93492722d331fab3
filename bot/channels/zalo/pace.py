"""How fast one account may be called: as its settings say, or slower if Zalo's answers say so.

Whoever sends keeps the pace already; here is counted what comes on top of it (second parts,
uploads, looks at groups), so that no minute of Zalo's ever holds more calls than it allows.
"""

import asyncio
from typing import Final

from bot.channels.zalo.calls import Answer
from bot.channels.zalo.errors import SLOW_DOWN_CODE, until_next_minute_s
from bot.core.sending import SlowedDown
from bot.core.time import Clock

# Of what Zalo permits a minute: what jitter on the way may add at the minute's edge stays free.
_SHARE: Final = 0.985
# So far calls may run ahead of their even spacing: with `_SHARE` no 60 seconds hold too many.
_AHEAD_S: Final = 0.25
# A call that must wait longer than this is given back to whoever wanted to make it.
_LONGEST_WAIT_S: Final = 5.0
# One call without an answer is bad luck; from this number on the platform is in trouble.
_FAILURES_BEFORE_PAUSE: Final = 3
_LONGEST_PAUSE_S: Final = 60.0
_LIMIT_KEPT_S: Final = 600.0


class CallPace:
    """The slots for calls of one account. `per_s` is the pace its settings allow."""

    def __init__(
        self, *, per_s: float, clock: Clock, first_answer_s: float = _LONGEST_WAIT_S
    ) -> None:
        """Let others wait `first_answer_s` at most for the answer to the first call."""
        self._first_answer_s = first_answer_s
        self._set_per_s = per_s
        self._clock = clock
        self._limit_per_s: float | None = None
        self._limit_until = 0.0
        self._free_at = 0.0
        self._taken_at = 0.0
        self._held_until = 0.0
        self._hold_reason = ""
        self._flying = 0
        self._landed = asyncio.Event()
        self._has_answered = False
        self._failures = 0
        self.calls_a_minute: int | None = None
        self.remaining_calls: int | None = None

    @property
    def per_s(self) -> float:
        """Return how many calls a second may be made for long."""
        if self._limit_per_s is None:
            return self._set_per_s
        return min(self._set_per_s, self._limit_per_s)

    async def take_slot(self) -> None:
        """Wait for the next slot and use it; `note` or `note_failure` must follow.

        Raise `SlowedDown` if it is far away.
        """
        await self._first_answer()
        now = self._clock.monotonic()
        if self._held_until > now:
            raise SlowedDown(self._held_until - now, text=self._hold_reason)
        wait_s = self._free_at - _AHEAD_S - now
        if wait_s > _LONGEST_WAIT_S:
            raise SlowedDown(wait_s, text="more calls than the pace allows")
        self._taken_at = max(self._free_at, now)
        self._free_at = self._taken_at + 1 / self.per_s
        self._flying += 1
        if wait_s > 0:
            try:
                await self._clock.sleep(wait_s)
            except BaseException:
                self._land()
                raise

    async def _first_answer(self) -> None:
        """Let one call go ahead: its answer tells how fast the others may follow."""
        try:
            async with asyncio.timeout(self._first_answer_s):
                while self._flying and not self._has_answered:
                    self._landed.clear()
                    await self._landed.wait()
        except TimeoutError:
            raise SlowedDown(_LONGEST_WAIT_S, text="no first answer yet") from None

    def note(self, answer: Answer) -> None:
        """Take from an answer how many calls are left, and whether there were too many."""
        self._has_answered = True
        self._land()
        self._failures = 0
        if answer.calls_a_minute:
            self._limit(answer.calls_a_minute)
        if answer.remaining_calls is not None:
            self.remaining_calls = answer.remaining_calls
        if answer.code == SLOW_DOWN_CODE:
            self._hold(until_next_minute_s(self._clock.now()), "too many calls")
        elif answer.remaining_calls is not None and answer.remaining_calls <= self._flying:
            # What is still on its way uses up the rest.
            self._hold(until_next_minute_s(self._clock.now()), "X-RateLimit-Remain 0")

    def _limit(self, calls_a_minute: int) -> None:
        """Keep to a limit; a higher one counts only when the lower was not told for a while.

        Zalo tells that of two limits, the app's and the account's, which is nearer at the moment.
        """
        now = self._clock.monotonic()
        is_lower = self.calls_a_minute is None or calls_a_minute <= self.calls_a_minute
        if not is_lower and now < self._limit_until:
            return
        self._limit_until = now + _LIMIT_KEPT_S
        self.calls_a_minute = calls_a_minute
        self._limit_per_s = calls_a_minute * _SHARE / 60
        self._free_at = max(self._free_at, self._taken_at + 1 / self.per_s)

    def note_failure(self, *, is_platforms: bool) -> None:
        """Note a call without a readable answer; after several in a row nothing goes for a while.

        Otherwise a broken platform would run through a whole audience, each message unknown.
        """
        self._land()
        if not is_platforms:
            return
        self._failures += 1
        if self._failures >= _FAILURES_BEFORE_PAUSE:
            beyond = min(self._failures - _FAILURES_BEFORE_PAUSE, 5)
            self._hold(min(5.0 * 2.0**beyond, _LONGEST_PAUSE_S), "no answers")

    def _land(self) -> None:
        self._flying -= 1
        self._landed.set()

    def _hold(self, seconds: float, reason: str) -> None:
        until = self._clock.monotonic() + seconds
        if until > self._held_until:
            self._held_until = until
            self._hold_reason = reason
