"""Carries updates to the bot's webhook as the real server does: in order per lane, until a 2xx."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import aiohttp

from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_updates import Update, UpdateQueue

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
RESPONSE_WAIT_S: Final = 60.0
# The server takes a random cap of 60 to 120 s; the stub takes the shorter end.
PAUSE_MAX_S: Final = 60.0
RETRY_AFTER_MAX_S: Final = 3600.0
# So long without a success, and only one update is on its way at a time.
TROUBLE_AFTER_S: Final = 10.0
GONE: Final = 410
GONE_FOR_GOOD_S: Final = 23 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTarget:
    """Where updates go."""

    url: str
    secret_token: str = ""
    max_connections: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to hand an update over; `status` 0 if there was no answer."""

    update_id: int
    status: int
    at_s: float


class TelegramWebhook:
    """Sends what is queued while a target is set."""

    def __init__(
        self,
        *,
        clock: StubClock,
        queue: UpdateQueue,
        execute: Callable[[dict[str, object]], Awaitable[None]],
    ) -> None:
        self.target: WebhookTarget | None = None
        self.deliveries: list[Delivery] = []
        self._tried = asyncio.Event()
        self.last_error = ""
        self.last_error_at: datetime | None = None
        self.send_twice = 0
        self.secret_sent: str | None = None
        self._clock = clock
        self._queue = queue
        self._execute = execute
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(40)
        self._one_at_a_time = asyncio.Lock()
        self._success_at_s = 0.0
        self._is_in_trouble = False
        self._gone_since_s: float | None = None
        self._group: asyncio.TaskGroup | None = None
        self._session: aiohttp.ClientSession | None = None

    def open(self, group: asyncio.TaskGroup) -> None:
        """Say who owns the sending tasks; needs a running loop."""
        self._group = group
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None),
            connector=aiohttp.TCPConnector(limit=0),
        )

    async def close(self) -> None:
        """Stop sending for good."""
        self.point_at(None)
        if self._session is not None:
            await self._session.close()

    async def wait_for_deliveries(self, count: int, *, timeout_s: float = 5.0) -> None:
        """Return as soon as `count` attempts have ended; TimeoutError after `timeout_s`."""
        async with asyncio.timeout(timeout_s):
            while len(self.deliveries) < count:
                await self._tried.wait()

    def point_at(self, target: WebhookTarget | None) -> None:
        """Send to `target` from now on; None stops."""
        for task in self._lanes.values():
            task.cancel()
        self._lanes.clear()
        self.target = target
        if target is not None:
            self.last_error = ""
            self._success_at_s = self._clock.seconds()
            self._gone_since_s = None
            self._slots = asyncio.Semaphore(target.max_connections)
            self.wake()

    def wake(self) -> None:
        """Look for lanes that have something to send and nobody sending."""
        if self.target is None or self._group is None:
            return
        for lane in {update.lane for update in self._queue.pending()}:
            if lane not in self._lanes:
                self._lanes[lane] = self._group.create_task(self._drain(lane, self.target))

    def _next_of(self, lane: str) -> Update | None:
        return next((u for u in self._queue.pending() if u.lane == lane), None)

    async def _drain(self, lane: str, target: WebhookTarget) -> None:
        while self.target is target and (update := self._next_of(lane)) is not None:
            await self._hand_over(update, target)
        self._lanes.pop(lane, None)

    async def _hand_over(self, update: Update, target: WebhookTarget) -> None:
        """Try until a 2xx or until the update is too old."""
        failures = 0
        while self._clock.seconds() < update.expires_s:
            async with self._slots:
                status, asked_wait_s = await self._attempt_in_turn(update, target)
            if self.target is None:
                return
            if 200 <= status < 300:
                if self.send_twice > 0:
                    self.send_twice -= 1
                    await self._attempt(update, target)
                break
            # First repeat at once, then 2, 4, 8 ... seconds.
            pause_s = min(2.0**failures, PAUSE_MAX_S) if failures else 0.0
            failures += 1
            await self._clock.sleep(max(pause_s, asked_wait_s))
        self._queue.forget(update.id)

    async def _attempt_in_turn(self, update: Update, target: WebhookTarget) -> tuple[int, float]:
        """Wait for the others while the receiver is in trouble; note how it goes."""
        if self._is_in_trouble and self._clock.seconds() - self._success_at_s > TROUBLE_AFTER_S:
            async with self._one_at_a_time:
                status, wait_s = await self._attempt(update, target)
        else:
            status, wait_s = await self._attempt(update, target)
        self._note(status)
        return status, wait_s

    def _note(self, status: int) -> None:
        """Remember successes and troubles; a receiver that is gone for good loses the webhook."""
        now_s = self._clock.seconds()
        self._is_in_trouble = not 200 <= status < 300
        if not self._is_in_trouble:
            self._success_at_s = now_s
        if status != GONE:
            self._gone_since_s = None
        elif self._gone_since_s is None:
            self._gone_since_s = now_s
        elif now_s - self._gone_since_s >= GONE_FOR_GOOD_S:
            self.target = None

    async def _attempt(self, update: Update, target: WebhookTarget) -> tuple[int, float]:
        """Return the status (0: no answer) and the wait the answer asks for."""
        assert self._session is not None
        secret = target.secret_token if self.secret_sent is None else self.secret_sent
        headers = {SECRET_HEADER: secret} if secret else {}
        status, wait_s = 0, 0.0
        try:
            async with (
                self._clock.timeout(RESPONSE_WAIT_S),
                self._session.post(
                    target.url, json=update.body, headers=headers, allow_redirects=False
                ) as answer,
            ):
                status = answer.status
                wait_s = _seconds(answer.headers.get("Retry-After", ""))
                if answer.content_type == "application/json":
                    await self._obey(await answer.json())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            self.last_error = _WORDED.get(type(error), type(error).__name__)
        else:
            if not 200 <= status < 300:
                self.last_error = f"Wrong response from the webhook: {status} {answer.reason}"
        if not 200 <= status < 300:
            self.last_error_at = self._clock.now()
        self.deliveries.append(
            Delivery(update_id=update.id, status=status, at_s=self._clock.seconds())
        )
        told, self._tried = self._tried, asyncio.Event()
        told.set()
        return status, wait_s

    async def _obey(self, body: object) -> None:
        """Carry out the method call an answer may hold."""
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            await self._execute(body)


_WORDED: Final[dict[type[Exception], str]] = {
    TimeoutError: "Read timeout expired",
    aiohttp.ClientConnectorError: "Connection refused",
    aiohttp.ServerDisconnectedError: "Connection reset by peer",
}


def _seconds(header: str) -> float:
    return min(float(header), RETRY_AFTER_MAX_S) if header.isdigit() else 0.0
