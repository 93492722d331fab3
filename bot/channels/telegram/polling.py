"""Asking Telegram for updates, one long question after another.

An offset acknowledges everything below it, so it moves only after the updates are stored. What
the updates mean is left to `updates`, what officers read of trouble to whoever `tell`s them.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from bot.channels.telegram.calls import POLL_S
from bot.channels.telegram.updates import ALLOWED_UPDATES
from bot.core.channels import Receive
from bot.core.errors import BadBody, StorageTrouble
from bot.core.ids import ChannelId
from bot.core.messages import Incoming
from bot.core.sending import ChannelBroken, SendError
from bot.core.time import Clock

log: Final = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
# A refused token does not mend itself; ask rarely, but do notice when it was mended over there.
BROKEN_PAUSE_S: Final = 300.0
# A question left open by the process before this one ends one of ours, another program all.
SHARED_AFTER: Final = 3

_ALLOWED: Final = msgspec.json.encode(ALLOWED_UPDATES).decode()


class Polling:
    """The loop of one account.

    `fetch` calls getUpdates, `clear` removes a webhook, `read` reads an answer, `tell` lets
    officers know what is wrong with the account, "" when it is well. `elsewhere` is what they
    are told when another program asks for the same updates.
    """

    def __init__(
        self,
        *,
        channel_id: ChannelId,
        fetch: Callable[[dict[str, str]], Awaitable[bytes]],
        clear: Callable[[], Awaitable[None]],
        read: Callable[[bytes], tuple[Sequence[Incoming], int | None]],
        tell: Callable[[str], Awaitable[None]],
        elsewhere: str,
        clock: Clock,
    ) -> None:
        self._channel_id = channel_id
        self._fetch = fetch
        self._clear = clear
        self._read = read
        self._tell = tell
        self._elsewhere = elsewhere
        self._clock = clock
        self._offset = 0
        self._pause_s = FIRST_PAUSE_S
        self._taken_away = 0
        # What officers were told last. Nothing yet: a process before this one may have told.
        self._told: str | None = None

    async def run(self, receive: Receive) -> None:
        """Hand every batch to `receive` until cancelled."""
        # While a webhook is set getUpdates is refused (409); removing none is no error.
        await self.until_done(self._clear)
        while True:
            await self.until_done(lambda: self._ask(receive))

    async def is_well(self) -> None:
        """Let officers know that the account answers."""
        await self._told_now("")

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
        self._taken_away = 0
        await self.is_well()
        events, offset = self._read(raw)
        if events:
            await receive(events)
        # Nothing came, so all before is acknowledged. From zero again, because the numbers of
        # updates may start anywhere after a quiet week, also below an offset kept from before.
        self._offset = offset or 0

    async def _rest_after(self, error: SendError | BadBody | StorageTrouble) -> None:
        wanted_s = error.after_s if isinstance(error, SendError) else None
        pause_s = max(self._pause_s, wanted_s or 0.0)
        log.warning(
            "telegram.polling_failed",
            extra={
                "channel_id": self._channel_id,
                "error": type(error).__name__,
                "pause_s": BROKEN_PAUSE_S if isinstance(error, ChannelBroken) else pause_s,
            },
        )
        if isinstance(error, ChannelBroken):
            pause_s = BROKEN_PAUSE_S
            await self._told_now(str(error))
        elif isinstance(error, SendError) and _is_asked_elsewhere(error):
            self._taken_away += 1
            if self._taken_away >= SHARED_AFTER:
                await self._told_now(self._elsewhere)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        await self._clock.sleep(pause_s)

    async def _told_now(self, trouble: str) -> None:
        # Trouble is told again while it lasts: a message that went out may have ended it.
        if not trouble and self._told == "":
            return
        try:
            await self._tell(trouble)
        except StorageTrouble:
            log.warning("telegram.trouble_not_noted", extra={"channel_id": self._channel_id})
        else:
            self._told = trouble


def _is_webhook_in_the_way(error: SendError) -> bool:
    return str(error).startswith("409") and "webhook is active" in str(error).lower()


def _is_asked_elsewhere(error: SendError) -> bool:
    return str(error).startswith("409") and "other getupdates" in str(error).lower()
