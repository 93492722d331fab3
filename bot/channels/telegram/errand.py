"""The requests about one message, one after another; the first is paced by delivery.

What was sent is never sent again: a message that stopped half-way and comes again goes on where
it stopped, as long as this process lives.
"""

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from bot.channels.telegram.calls import Calls
from bot.channels.telegram.errors import standing_after
from bot.channels.telegram.pacing import Extras
from bot.channels.telegram.request import ApiRefusal
from bot.core.messages import Address, Outgoing
from bot.core.sending import NextStep, SendError
from bot.core.time import Clock

T = TypeVar("T")

_HALF_WAY_S: Final = 600.0
_MOST_HALF_WAY: Final = 1_000
_COMES_AGAIN: Final = frozenset({NextStep.RETRY, NextStep.LEAVE_UNKNOWN, NextStep.CALL_OFFICER})


class Errand:
    """Makes the requests of one message to `to`; `sent` are the parts that stand already."""

    def __init__(
        self, to: Address, *, calls: Calls, extras: Extras, sent: Sequence[str] = ()
    ) -> None:
        self.to = to
        self.sent = list(sent)
        self._not_named_yet = deque(sent)
        self._calls = calls
        self._extras = extras
        self._is_first = True

    async def request(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make one request.

        Raise `ApiRefusal` where Telegram says something of a message or file that should be
        there already (`standing_after`), a `SendError` for everything else.
        """
        await self._wait_for_turn()
        try:
            return await self._calls.tried(call(), is_group=self.to.is_group)
        except ApiRefusal as refusal:
            if standing_after(refusal) is not None:
                raise
            raise self.error_of(refusal) from refusal

    def error_of(self, refusal: ApiRefusal) -> SendError:
        """Return a refusal in our words, and let everything else keep the pause it names."""
        error = self._calls.error_of(refusal, is_group=self.to.is_group)
        self._calls.rest(error)
        return error

    def earlier_part(self) -> str | None:
        """Return the id of the next part if it was sent the last time, None if it was not."""
        return self._not_named_yet.popleft() if self._not_named_yet else None

    def note(self, message_id: str) -> None:
        """Remember a part that stands on people's screens now."""
        self.sent.append(message_id)

    async def _wait_for_turn(self) -> None:
        if self._is_first:
            await self._extras.first(self.to.chat)
        else:
            await self._extras.another(self.to.chat, is_group=self.to.is_group)
        self._is_first = False
        # Another message may have been asked for a pause while this one waited.
        self._calls.check_rest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stopped:
    sent: tuple[str, ...] = field(repr=False)
    until_s: float


class HalfWay:
    """What stands of the messages that stopped half-way and may come again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stopped: OrderedDict[tuple[Address, Outgoing], _Stopped] = OrderedDict()

    def taken(self, to: Address, message: Outgoing) -> Sequence[str]:
        """Return the ids of what was sent of this message before, and forget it."""
        self._forget_old()
        stopped = self._stopped.pop((to, message), None)
        return () if stopped is None else stopped.sent

    def stopped(self, message: Outgoing, errand: Errand, error: SendError) -> None:
        """Remember what was sent, if the message may come again after `error`."""
        if not errand.sent or error.next_step not in _COMES_AGAIN:
            return
        # After a pause, however long: what forgot its first part would send it twice.
        until_s = self._clock.monotonic() + (error.after_s or 0.0) + _HALF_WAY_S
        self._stopped[errand.to, message] = _Stopped(sent=tuple(errand.sent), until_s=until_s)
        if len(self._stopped) > _MOST_HALF_WAY:
            self._stopped.popitem(last=False)

    def _forget_old(self) -> None:
        """Forget what never came again: who was told what is not for this memory to keep."""
        now = self._clock.monotonic()
        old = [what for what, stopped in self._stopped.items() if stopped.until_s < now]
        for what in old:
            del self._stopped[what]
