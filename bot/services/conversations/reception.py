"""Taking in what platforms bring: checked, stored durably, and only then acknowledged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from bot.core.channels import Channel, WebhookRequest
from bot.core.errors import BadSignature, NotForMe, StorageTrouble, WebhookRefused
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
# Zalo gives a webhook two seconds, and turns it off after five repeats without a 200.
ANSWER_WITHIN_S: Final = 1.8
_SAY_EVERY_S: Final = 10.0
_OK: Final = 200
_NOT_FOUND: Final = 404
_NOT_NOW: Final = 503


class Reception:
    """The door for everything residents do, on every channel."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        channels: Callable[[], Sequence[Channel]],
        look_again: Callable[[], Awaitable[object]],
        is_shut: Callable[[str, Collection[str]], bool],
        bell: Bell,
        clock: Clock,
        meter: Meter,
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._channels = channels
        self._look_again = look_again
        self._is_shut = is_shut
        self._bell = bell
        self._meter = meter
        self._clock = clock
        self._answer_within_s = answer_within_s
        self._said_at: dict[str, float] = {}
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

        200 means everything in it is on the disk, and comes within `answer_within_s`: when the
        database is locked or slow the answer is 503, so that the platform brings it again.
        Several accounts may share one path; the one the request is for takes it. 404 means that
        no account has this path; one that is ours but cannot be opened has 503 answered for it.
        """
        try:
            async with asyncio.timeout(self._answer_within_s):
                return await self._taken(path, request)
        except (TimeoutError, StorageTrouble) as error:
            # It may be stored all the same; what comes again is known by its event id.
            self._note_refusal("unknown", "not_stored")
            log.error("webhook.failed", extra={"error": type(error).__name__})  # noqa: TRY400 - its text may quote a message
            return _NOT_NOW

    async def _taken(self, path: str, request: WebhookRequest) -> int:
        candidates = self._candidates(path)
        taken = await self._offer(candidates, request)
        if taken is None or isinstance(taken, NotForMe):
            # The account may have been added a moment ago, by another process perhaps.
            new = await self._new_candidates(path, known=candidates)
            taken = await self._offer(new, request) if new else taken
        if taken is None or isinstance(taken, NotForMe):
            meant = taken.meant if isinstance(taken, NotForMe) else ()
            if self._is_shut(path, meant):
                # Nobody here can read it or check it; thanked for, it would be lost.
                self._note_refusal("unknown", "not_open")
                return _NOT_NOW
        if isinstance(taken, WebhookRefused):
            return self._refused(path, taken)
        if taken is None:
            self._note_refusal("unknown", "no_channel")
            return _NOT_FOUND
        await self.receive(taken)
        return _OK

    def _candidates(self, path: str) -> list[Channel]:
        return [channel for channel in self._channels() if channel.webhook_path == path]

    async def _offer(
        self, candidates: Sequence[Channel], request: WebhookRequest
    ) -> Sequence[Incoming] | WebhookRefused | None:
        """Return what the request says, or why nobody takes it; None if nobody is there."""
        refusal: WebhookRefused | None = None
        for channel in candidates:
            try:
                return channel.parse(request)
            except NotForMe as error:
                refusal = refusal or error
            except WebhookRefused as error:
                # The signature of one account may fit where another's did not.
                refusal = error
        return refusal

    async def _new_candidates(self, path: str, *, known: Sequence[Channel]) -> list[Channel]:
        """Look for accounts that are not known yet.

        Not at every knock: strangers knock too. Who comes while one looks waits for the answer.
        """
        async with self._looking:
            now = self._clock.monotonic()
            if self._candidates(path) == known and now - self._looked_at >= _LOOK_EVERY_S:
                self._looked_at = now
                await self._look_again()
        return [channel for channel in self._candidates(path) if channel not in known]

    def _refused(self, path: str, refusal: WebhookRefused) -> int:
        channel = self._candidates(path)[0]
        why = "not_connected" if isinstance(refusal, NotForMe) else type(refusal).__name__
        self._note_refusal(channel.kind, why)
        # A body nobody can read would come again for hours if it were not acknowledged.
        return channel.refusal_status if isinstance(refusal, BadSignature) else _OK

    def _note_refusal(self, kind: str, why: str) -> None:
        """Count it; say it in the log only now and then, for a stranger may knock all day."""
        self._meter.count("webhooks_refused", kind=kind, why=why)
        now = self._clock.monotonic()
        if now - self._said_at.get(why, -_SAY_EVERY_S) >= _SAY_EVERY_S:
            self._said_at[why] = now
            log.warning("webhook.refused", extra={"kind": kind, "why": why})

    async def receive(self, incomings: Sequence[Incoming]) -> None:
        """Store what happened; return once it is durable."""
        kept = [one for one in incomings if one.kind is not IncomingKind.IGNORED]
        for one in incomings:
            self._count(one)
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

    def _count(self, one: Incoming) -> None:
        self._meter.count("incoming", kind=one.kind)
        if one.event_name:
            self._meter.count("incoming_events", event=one.event_name)
        if one.repeats:
            self._meter.count("incoming_retried", kind=one.kind)
