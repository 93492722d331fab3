"""The post office: a sender for every open channel, woken when there is something to send."""

import asyncio
import logging
from collections.abc import Callable

from bot.core.channels import Channel
from bot.core.ids import ChannelId
from bot.core.metering import Meter
from bot.core.quiet import QuietHours
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.delivery.sender import Sender
from bot.delivery.tray import Mail
from bot.services.bells import Bell
from bot.services.channels.channels import Channels

log = logging.getLogger(__name__)


class Post:
    """Runs the senders of this process."""

    def __init__(
        self,
        *,
        storage: Storage,
        channels: Channels,
        mail: Mail,
        clock: Clock,
        chance: Chance,
        meter: Meter,
        owner: str,
        beat: Callable[[], None],
        quiet: QuietHours | None = None,
    ) -> None:
        """`beat` is called every time a sender goes round, to show that sending is alive."""
        self._beat = beat
        self._storage = storage
        self._channels = channels
        self._mail = mail
        self._clock = clock
        self._chance = chance
        self._meter = meter
        self._owner = owner
        self._quiet = quiet
        self._bells: dict[ChannelId, Bell] = {}
        self._is_stopping = False

    def ring(self, channel_id: ChannelId | None = None) -> None:
        """Wake the sender of one channel, or all of them."""
        for known, bell in self._bells.items():
            if channel_id in {None, known}:
                bell.ring()

    def stop(self) -> None:
        """Begin nothing new; `run_channel` returns when what is under way has ended."""
        self._is_stopping = True
        self.ring()

    def sender(self, channel: Channel, bell: Bell) -> Sender:
        """Return a sender for the channel that rings `bell` when there may be more to do."""

        async def report(trouble: str) -> None:
            await self._channels.mark(channel.id, trouble=trouble)

        return Sender(
            channel,
            storage=self._storage,
            mail=self._mail,
            report=report,
            clock=self._clock,
            chance=self._chance,
            meter=self._meter,
            owner=self._owner,
            ring=bell.ring,
            quiet=self._quiet,
        )

    async def run_channel(self, channel: Channel) -> None:
        """Send for one channel until stopped."""
        bell = self._bells[channel.id] = Bell()
        sender = self.sender(channel, bell)
        async with asyncio.TaskGroup() as group:
            try:
                while not self._is_stopping:
                    self._beat()
                    pause_s = await self._step(sender, group)
                    rung = await bell.wait(pause_s) if pause_s else bell.take()
                    if rung:
                        sender.wake()
            finally:
                await sender.settle()
                # A channel opened anew under the same id has a bell of its own by now.
                if self._bells.get(channel.id) is bell:
                    del self._bells[channel.id]

    async def _step(self, sender: Sender, group: asyncio.TaskGroup) -> float:
        try:
            return await sender.step(group)
        except Exception:  # one of the edges: the database may be locked for a while
            log.exception("delivery.step_failed")
            return 1.0
