"""Sends Zalo's events to the app's webhook: signed, within two seconds, repeated on a ladder."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import aiohttp

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import ZaloApp
from tests.channels.stubs.zalo_catalogue import CATALOGUE, CHAT_SERVER, ReadyEvent
from tests.channels.stubs.zalo_signing import SentEvent, Signature, signed

ANSWER_WITHIN_S: Final = 2.0
LADDER_S: Final = (30.0, 300.0, 900.0, 1800.0, 3600.0)


class RepeatOn(StrEnum):
    """Which failures are repeated; it is not known whether a bad answer is, so it can be set."""

    ANY_FAILURE = "any_failure"
    NO_CONNECTION = "no_connection"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookManners:
    """How the console is set and how badly the line behaves.

    `delay_s`: stub seconds until an event goes out; nobody waits for it.
    `adds_unknown_fields`: every body has one more key. `unknown_every`: after so many events one
    of an unknown name comes; 0 for never.
    `counts_stub_time`: two seconds of the stub's clock without an answer are too long, too.
    """

    signature: Signature = Signature.GOOD
    copies: int = 1
    repeat_on: RepeatOn = RepeatOn.ANY_FAILURE
    only_hash_texts: bool = False
    switched_off: frozenset[str] = frozenset()
    delay_s: float = 0.0
    adds_unknown_fields: bool = False
    unknown_every: int = 0
    counts_stub_time: bool = False


class ZaloWebhook:
    """One URL per app. `attempts` keeps every try in order; `notices` what its admin is told."""

    def __init__(
        self,
        *,
        app: ZaloApp,
        clock: StubClock,
        book: RuleBook,
        has_grant: Callable[[str], bool],
    ) -> None:
        self.url = ""
        self.manners = WebhookManners()
        self.is_on = True
        self.answer_within_s = ANSWER_WITHIN_S
        self.attempts: list[SentEvent] = []
        self.notices: list[str] = []
        self._tried = asyncio.Event()
        self._app = app
        self._clock = clock
        self._book = book
        self._has_grant = has_grant
        self._held: list[SentEvent] | None = None
        self._count = 0
        self._sent = 0
        self._group: asyncio.TaskGroup | None = None
        self._session: aiohttp.ClientSession | None = None
        self._behind: set[asyncio.Task[None]] = set()

    def open(self, group: asyncio.TaskGroup) -> None:
        """Say who owns the tasks that repeat; needs a running loop."""
        self._group = group
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
        )

    async def close(self) -> None:
        """Stop everything that is still to be sent."""
        for task in self._behind:
            task.cancel()
        if self._session is not None:
            await self._session.close()

    async def save(self, url: str) -> bool:
        """Save a URL as the console does: it must answer 200 to a test that is badly signed."""
        previous, self.url = self.url, url
        if not await self.press_test():
            self.url = previous
            return False
        self.turn_on()
        return True

    async def press_test(self, name: str = "user_send_text") -> bool:
        """Press the Test button of one event: a sample of nobody, badly signed; 200 is a pass."""
        sample = _sample(name)
        body = {**sample.body, "app_id": self._app.app_id}
        test = self._signed(body, kind=Signature.WRONG, server=sample.server)
        return (await self._attempt(test)).status == 200

    def turn_on(self) -> None:
        """Enable the webhook again after it turned itself off."""
        self.is_on = True

    async def wait_for_attempts(self, count: int, *, timeout_s: float = 5.0) -> None:
        """Return as soon as `count` attempts have ended; TimeoutError after `timeout_s`."""
        async with asyncio.timeout(timeout_s):
            while len(self.attempts) < count:
                await self._tried.wait()

    def hold(self) -> None:
        """Keep events back until `release`."""
        self._held = []

    async def release(self, *, order: Sequence[int] | None = None, copies: int = 1) -> None:
        """Send what was held, in the given order of places (default: backwards)."""
        held, self._held = self._held or [], None
        for place in range(len(held) - 1, -1, -1) if order is None else order:
            for _ in range(copies):
                await self._first_try(held[place])

    async def release_at_once(self, *, copies: int = 1) -> None:
        """Send what was held as one burst, nobody waiting for anybody."""
        held, self._held = self._held or [], None
        async with asyncio.TaskGroup() as group:
            for event in held * copies:
                group.create_task(self._first_try(event))

    async def send(self, event: Mapping[str, object], *, server: str = CHAT_SERVER) -> SentEvent:
        """Sign and send one event; returns after the first attempt (repeats go on behind)."""
        stamped = {**event}
        stamped.setdefault("timestamp", str(self._clock.now_ms()))
        if self.manners.adds_unknown_fields:
            stamped["new_field"] = {"new": ["thing"]}
        ready = self._signed(stamped, kind=self.manners.signature, server=server)
        if not self._is_wanted(event):
            return ready
        if self._held is not None:
            self._held.append(ready)
            return ready
        if self.manners.delay_s > 0:
            self._start(self._send_late(ready))
            return ready
        return await self._send_now(ready)

    async def _send_now(self, ready: SentEvent) -> SentEvent:
        tried = [await self._first_try(ready) for _ in range(self.manners.copies)]
        self._sent += 1
        if self.manners.unknown_every and self._sent % self.manners.unknown_every == 0:
            unknown = {**_sample("oa_new_thing").body, "app_id": self._app.app_id}
            await self._first_try(self._signed(unknown, kind=self.manners.signature))
        return tried[-1]

    async def _send_late(self, ready: SentEvent) -> None:
        await self._clock.sleep(self.manners.delay_s)
        await self._send_now(ready)

    def send_behind(self, events: Sequence[Mapping[str, object]]) -> None:
        """Send events one after the other without making the caller wait."""

        async def all_of_them() -> None:
            for event in events:
                await self.send(event)

        self._start(all_of_them())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        assert self._group is not None
        task = self._group.create_task(work)
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def send_again(self, event: SentEvent) -> SentEvent:
        """Send the very same bytes once more: a duplicate or a replay."""
        return await self._first_try(event)

    def _is_wanted(self, event: Mapping[str, object]) -> bool:
        if not self.url or not self.is_on or event["event_name"] in self.manners.switched_off:
            return False
        oas = [oa_id for oa_id in _ids_in(event) if oa_id in self._app.oas]
        if event["event_name"] != "permission_revoked" and not all(map(self._has_grant, oas)):
            return False
        message = event.get("message")
        if self.manners.only_hash_texts and event["event_name"] == "user_send_text":
            return isinstance(message, dict) and str(message.get("text")).startswith("#")
        return True

    def _signed(
        self, event: Mapping[str, object], *, kind: Signature, server: str = CHAT_SERVER
    ) -> SentEvent:
        self._count += 1
        return signed(event, app=self._app, kind=kind, variant=self._count, server=server)

    async def _first_try(self, event: SentEvent) -> SentEvent:
        tried = await self._attempt(event)
        if self._is_repeated(tried):
            self._start(self._climb(tried, due_s=self._clock.seconds() + LADDER_S[0]))
        return tried

    def _is_repeated(self, tried: SentEvent) -> bool:
        if tried.status == 200:
            return False
        match self.manners.repeat_on:
            case RepeatOn.ANY_FAILURE:
                return True
            case RepeatOn.NO_CONNECTION:
                return not tried.was_connected
            case RepeatOn.NEVER:
                return False

    async def _climb(self, event: SentEvent, *, due_s: float) -> None:
        """Repeat one event step by step; after the last the webhook turns itself off."""
        for number in range(1, len(LADDER_S) + 1):
            await self._clock.sleep_until(due_s)
            if not self.is_on:
                return
            headers = {**event.headers, "num_retry": str(number)}
            event = await self._attempt(replace(event, headers=headers, repeats=number))
            if not self._is_repeated(event):
                return
            if number < len(LADDER_S):
                due_s = self._clock.seconds() + LADDER_S[number]
        self.is_on = False
        self.notices.append("webhook is disabled")

    async def _attempt(self, event: SentEvent) -> SentEvent:
        assert self._session is not None
        status, was_connected = 0, True
        by_stub = self._clock.timeout(ANSWER_WITHIN_S)
        try:
            async with (
                by_stub if self.manners.counts_stub_time else nullcontext(),
                self._session.post(
                    self.url,
                    data=event.body,
                    headers=dict(event.headers),
                    timeout=aiohttp.ClientTimeout(total=self.answer_within_s),
                ) as answer,
            ):
                status = answer.status
                await answer.read()
        except aiohttp.ClientConnectorError:
            was_connected = False
        except TimeoutError:
            self._book.note("webhook", "an answer within 2 s", event.name)
        except aiohttp.ClientError:
            status = 0
        if status not in {0, 200}:
            self._book.note("webhook", "the answer is 200", f"{event.name}: {status}")
        if status != 200:
            self.notices.append("webhook is not working")
        tried = replace(event, status=status, was_connected=was_connected)
        self.attempts.append(tried)
        told, self._tried = self._tried, asyncio.Event()
        told.set()
        return tried


def _ids_in(event: Mapping[str, object]) -> set[str]:
    """Return the ids an event may keep its OA under."""
    ends = [event.get("recipient"), event.get("sender")]
    ids = [end.get("id") for end in ends if isinstance(end, dict)]
    return {str(found) for found in (*ids, event.get("oa_id"), event.get("oaId")) if found}


def _sample(name: str) -> ReadyEvent:
    return next(event for event in CATALOGUE if event.name == name)
