"""Taking in what platforms bring: checked, stored durably, and only then acknowledged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bot.core.channels import Channel, WebhookRequest
from bot.core.errors import BadSignature, NotForMe, WebhookRefused
from bot.core.messages import Incoming, IncomingKind
from bot.core.metering import Meter
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.bells import Bell
from bot.services.envelopes import Envelopes

log = logging.getLogger(__name__)

# In calm hours one or two requests are being taken in at a time.
_CROWD: Final = 8
_CROWD_LASTS_S: Final = 0.1
_LOOK_EVERY_S: Final = 0.5
_OK: Final = 200
_NOT_FOUND: Final = 404


class Reception:
    """The door for everything residents do, on every channel."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        channels: Callable[[], Sequence[Channel]],
        look_again: Callable[[], Awaitable[object]],
        bell: Bell,
        clock: Clock,
        meter: Meter,
    ) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._channels = channels
        self._look_again = look_again
        self._bell = bell
        self._meter = meter
        self._clock = clock
        self._looking = asyncio.Lock()
        self._looked_at = -_LOOK_EVERY_S
        self._taking = 0
        self._crowded_at = -_CROWD_LASTS_S

    @property
    def is_crowded(self) -> bool:
        """Tell whether so many requests stand at the door that handling should let them in first.

        A platform gives up on a door that does not answer within seconds (Zalo: two); what is
        on the disk can wait a little.
        """
        return self._clock.monotonic() - self._crowded_at < _CROWD_LASTS_S

    async def webhook(self, path: str, request: WebhookRequest) -> int:
        """Take a platform's request; return the HTTP status to answer with.

        200 means everything in it is on the disk. Several accounts may share one path; the
        one the request is for takes it.
        """
        candidates = self._candidates(path) or await self._new_candidates(path)
        if not candidates:
            self._meter.count("webhooks_refused", kind="unknown", why="no_channel")
            return _NOT_FOUND
        refusal: WebhookRefused = NotForMe("no account takes it")
        for channel in candidates:
            try:
                incomings = channel.parse(request)
            except NotForMe:
                continue
            except WebhookRefused as error:
                # The signature of one account may fit where another's did not.
                refusal = error
                continue
            await self.receive(incomings)
            return _OK
        return self._refuse(candidates[0], refusal)

    def _candidates(self, path: str) -> list[Channel]:
        return [channel for channel in self._channels() if channel.webhook_path == path]

    async def _new_candidates(self, path: str) -> list[Channel]:
        """Look for an account that was added a moment ago, by another process perhaps.

        Not at every knock: strangers knock too. Who comes while one looks waits for the answer.
        """
        async with self._looking:
            now = self._clock.monotonic()
            if not self._candidates(path) and now - self._looked_at >= _LOOK_EVERY_S:
                self._looked_at = now
                await self._look_again()
        return self._candidates(path)

    def _refuse(self, channel: Channel, refusal: WebhookRefused) -> int:
        why = type(refusal).__name__
        self._meter.count("webhooks_refused", kind=channel.kind, why=why)
        log.warning("webhook.refused", extra={"channel_id": channel.id, "why": why})
        # A body nobody can read would come again for hours if it were not acknowledged.
        return channel.refusal_status if isinstance(refusal, BadSignature) else _OK

    async def receive(self, incomings: Sequence[Incoming]) -> None:
        """Store what happened; return once it is durable."""
        kept = [one for one in incomings if one.kind is not IncomingKind.IGNORED]
        for one in incomings:
            self._meter.count("incoming", kind=one.kind)
        if not kept:
            return
        self._taking += 1
        if self._taking > _CROWD:
            self._crowded_at = self._clock.monotonic()
        try:
            new = await self._storage.accept([self._envelopes.arrival(one) for one in kept])
        finally:
            self._taking -= 1
        if new < len(kept):
            self._meter.count("incoming_repeated", len(kept) - new)
        self._bell.ring()
