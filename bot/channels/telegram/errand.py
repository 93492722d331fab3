"""The requests about one message, one after another.

The first is paced by delivery, the others wait here. What was begun is never begun again: once a
part has arrived, a failure that would repeat the whole is `NoAnswer`, because repeating doubles
that part in silence.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bot.channels.telegram.calls import Calls
from bot.channels.telegram.errors import standing_after
from bot.channels.telegram.pacing import Extras
from bot.channels.telegram.request import ApiRefusal
from bot.core.messages import Address
from bot.core.sending import ChannelBroken, NoAnswer, SendError, SlowedDown, TryLater
from bot.core.time import Clock

T = TypeVar("T")

# A longer pause in the middle of a message would outlast the patience of delivery.
_LONGEST_PAUSE_S: Final = 8.0


class Errand:
    """Makes the requests of one message to `to`."""

    def __init__(self, to: Address, *, calls: Calls, extras: Extras, clock: Clock) -> None:
        self.to = to
        # Whether something new stands on people's screens, so that the whole may not be repeated.
        self.has_begun = False
        self._calls = calls
        self._extras = extras
        self._clock = clock
        self._is_first = True

    async def request(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make one request.

        Raise `ApiRefusal` where Telegram says something of a message or file that should be
        there already (`standing_after`), a `SendError` for everything else.
        """
        while True:
            await self._wait_for_turn()
            try:
                return await self._calls.tried(call(), is_group=self.to.is_group)
            except ApiRefusal as refusal:
                if standing_after(refusal) is not None:
                    raise
                failure, cause = self.error_of(refusal), refusal
                if not self._goes_on_after(failure):
                    raise self._final(failure) from cause
            except SendError as error:
                if not self.has_begun:
                    raise
                raise self._final(error) from error
            await self._clock.sleep(failure.after_s or 0.0)

    def error_of(self, refusal: ApiRefusal) -> SendError:
        """Return a refusal in our words."""
        return self._calls.error_of(refusal, is_group=self.to.is_group)

    async def _wait_for_turn(self) -> None:
        if self._is_first:
            await self._extras.first(self.to.chat)
        else:
            await self._extras.another(self.to.chat, is_group=self.to.is_group)
        self._is_first = False

    def _goes_on_after(self, failure: SendError) -> bool:
        is_pause = isinstance(failure, SlowedDown)
        return self.has_begun and is_pause and (failure.after_s or 0.0) <= _LONGEST_PAUSE_S

    def _final(self, failure: SendError) -> SendError:
        if self.has_begun and isinstance(failure, TryLater | ChannelBroken):
            return NoAnswer(f"only a part of it arrived: {failure}")
        return failure
