"""Asking Telegram for updates, one long question after another.

An offset acknowledges everything below it, so it moves only after the updates are stored. What
the updates mean is left to `updates`.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from bot.channels.telegram.updates import ALLOWED_UPDATES, read_batch
from bot.core.channels import Receive
from bot.core.errors import BadBody, StorageTrouble
from bot.core.ids import ChannelId
from bot.core.sending import ChannelBroken, SendError
from bot.core.time import Clock

log: Final = logging.getLogger(__name__)

# Telegram holds a question open for at most 50 s; half of it notices a dead line sooner.
POLL_S: Final = 25
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
# A refused token does not mend itself; ask rarely, but do notice when it was mended over there.
BROKEN_PAUSE_S: Final = 300.0

_ALLOWED: Final = msgspec.json.encode(ALLOWED_UPDATES).decode()


class Polling:
    """The loop of one account. `fetch` calls getUpdates, `clear` removes a webhook."""

    def __init__(
        self,
        *,
        channel_id: ChannelId,
        fetch: Callable[[dict[str, str]], Awaitable[bytes]],
        clear: Callable[[], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._channel_id = channel_id
        self._fetch = fetch
        self._clear = clear
        self._clock = clock
        self._offset = 0
        self._pause_s = FIRST_PAUSE_S

    async def run(self, receive: Receive) -> None:
        """Hand every batch to `receive` until cancelled."""
        # While a webhook is set getUpdates is refused (409); removing none is no error.
        await self.until_done(self._clear)
        while True:
            await self.until_done(lambda: self._ask(receive))

    async def until_done(self, step: Callable[[], Awaitable[None]]) -> None:
        """Try `step` until it succeeds, with growing pauses between."""
        while True:
            try:
                await step()
            except (SendError, BadBody, StorageTrouble) as error:
                await self._rest_after(error)
            else:
                self._pause_s = FIRST_PAUSE_S
                return

    async def _ask(self, receive: Receive) -> None:
        fields = {
            "offset": str(self._offset),
            "timeout": str(POLL_S),
            "allowed_updates": _ALLOWED,
        }
        try:
            raw = await self._fetch(fields)
        except SendError as error:
            if _is_webhook_in_the_way(error):
                await self._clear()
            raise
        events, offset = read_batch(raw, self._channel_id)
        if events:
            await receive(events)
        # Nothing came, so all before is acknowledged. From zero again, because the numbers of
        # updates may start anywhere after a quiet week, also below an offset kept from before.
        self._offset = offset or 0

    async def _rest_after(self, error: SendError | BadBody | StorageTrouble) -> None:
        wanted_s = error.after_s if isinstance(error, SendError) else None
        pause_s = max(self._pause_s, wanted_s or 0.0)
        if isinstance(error, ChannelBroken):
            pause_s = BROKEN_PAUSE_S
        log.warning(
            "telegram.polling_failed",
            extra={
                "channel_id": self._channel_id,
                "error": type(error).__name__,
                "pause_s": pause_s,
            },
        )
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        await self._clock.sleep(pause_s)


def _is_webhook_in_the_way(error: SendError) -> bool:
    return str(error).startswith("409") and "webhook is active" in str(error).lower()
