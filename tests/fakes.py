"""Working stand-ins for time, chance, counting and a platform, the same for every room's tests."""

import asyncio
import hashlib
import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.channels import (
    Capabilities,
    ChannelKind,
    Finding,
    GroupDesk,
    Pace,
    Receive,
    WebhookRequest,
)
from bot.core.errors import BadBody, MediaRefused
from bot.core.ids import ChannelId
from bot.core.mails import Mail, MailNotSent, MailTrouble
from bot.core.messages import Address, Incoming, Media, Outgoing

NOON: Final = datetime(2026, 11, 22, 5, 0, 0, 123456, tzinfo=UTC)
PACE: Final = Pace(per_s=25.0)


class FakeClock:
    """Time that passes only when told to, or, if automatic, by every sleep at once.

    Automatic time moves to the earliest sleeper once everybody else waits, so that several
    tasks sleeping side by side wake in the right order.
    """

    def __init__(self, at: datetime = NOON, *, is_automatic: bool = False) -> None:
        self._began_at = at
        self._elapsed_s = 0.0
        self._is_automatic = is_automatic
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self._began_at + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        return self._elapsed_s

    def advance(self, by: timedelta | float) -> None:
        """Let time pass and wake those who slept until then."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        until = self._elapsed_s + seconds
        while self._sleepers and self._sleepers[0][0] <= until:
            wakes_at, _, sleeper = heapq.heappop(self._sleepers)
            self._elapsed_s = max(self._elapsed_s, wakes_at)
            if not sleeper.done():
                sleeper.set_result(None)
        self._elapsed_s = until

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._elapsed_s + seconds, self._count, sleeper))
        if self._is_automatic:
            asyncio.get_running_loop().call_soon(self._wake_first)
        await sleeper

    def _wake_first(self) -> None:
        while self._sleepers:
            wakes_at, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                self._elapsed_s = max(self._elapsed_s, wakes_at)
                sleeper.set_result(None)
                return


class SteadyChance:
    """Chance that is the same in every run: a chain of hashes from a seed."""

    def __init__(self, seed: str = "binhyen") -> None:
        self._state = seed.encode()

    def token(self, size_bytes: int) -> bytes:
        found = b""
        while len(found) < size_bytes:
            self._state = hashlib.sha256(self._state).digest()
            found += self._state
        return found[:size_bytes]

    def below(self, limit: int) -> int:
        return int.from_bytes(self.token(8), "big") % limit


class FakeMeter:
    """Remembers what was counted."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, frozenset[tuple[str, str]]]] = Counter()
        self.durations: list[tuple[str, float]] = []

    def count(self, name: str, by: int = 1, **labels: str) -> None:
        self.counts[name, frozenset(labels.items())] += by

    def took(self, name: str, seconds: float, **labels: str) -> None:
        self.durations.append((name, seconds))

    def total(self, name: str, **labels: str) -> int:
        """Return the sum of a counter over everything that has these labels."""
        wanted = set(labels.items())
        return sum(
            count
            for (known, having), count in self.counts.items()
            if known == name and wanted <= having
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message the platform was given, and when."""

    to: Address
    message: Outgoing
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One call to a hook."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class FakePoster:
    """Other software in memory. Fits `bot.services.hooks.posting.Poster`.

    `script` holds what the next posts end with: a status, or an error; then everything is taken.
    """

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.script: deque[int | Exception] = deque()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.posted.append(Posted(url=url, body=body, headers=headers))
        ending = self.script.popleft() if self.script else 204
        if isinstance(ending, Exception):
            raise ending
        return ending


class FakeChannel:
    """A platform in memory. Fits `bot.core.channels.Channel`.

    `script` holds what the next sends end with (None: well), `by_chat` the same for one chat;
    while `gate` is set to an unset event, requests hang after they were written.
    """

    def __init__(
        self,
        channel_id: str = "fake",
        *,
        clock: FakeClock | None = None,
        kind: ChannelKind = ChannelKind.TELEGRAM,
        pace: Pace = PACE,
        text_limit: int = 4_000,
        webhook_path: str | None = None,
    ) -> None:
        self.id = ChannelId(channel_id)
        self.kind = kind
        self.webhook_path = webhook_path
        self.refusal_status = 403
        self.capabilities = Capabilities(
            text_limit=text_limit, buttons=40, pictures=False, groups=True, pace=pace
        )
        self.clock = clock or FakeClock()
        self.sent: list[Sent] = []
        self.begun: list[Sent] = []
        self.script: deque[Exception | None] = deque()
        self.by_chat: defaultdict[str, deque[Exception | None]] = defaultdict(deque)
        self.gate: asyncio.Event | None = None
        self.at_begin: Callable[[Sent], object] | None = None
        self.parses: Callable[[WebhookRequest], Sequence[Incoming]] | None = None
        self.taps: list[str] = []
        self.files: dict[str, bytes] = {}
        self.groups: GroupDesk | None = None
        self.findings: Sequence[Finding] = (Finding(is_well=True, what="invented"),)
        self.is_closed = False
        self.is_retired = False

    def parse(self, request: WebhookRequest) -> Sequence[Incoming]:
        if self.parses is None:
            raise BadBody("nobody scripted this channel's webhook")
        return self.parses(request)

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        one = Sent(to=to, message=message, at=self.clock.monotonic())
        self.begun.append(one)
        if self.at_begin is not None:
            self.at_begin(one)
        if self.gate is not None:
            await self.gate.wait()
        script = self.by_chat[to.chat] or self.script
        ending = script.popleft() if script else None
        if ending is not None:
            raise ending
        self.sent.append(one)
        return (f"m{len(self.sent)}",)

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:
        return (message.text,) if self.capabilities.echoes else ()

    async def fetch(self, media: Media) -> bytes:
        if media.handle not in self.files:
            raise MediaRefused("not kept here")
        return self.files[media.handle]

    async def answer_tap(self, tap_id: str) -> None:
        self.taps.append(tap_id)

    async def check(self) -> Sequence[Finding]:
        return self.findings

    async def run(self, receive: Receive) -> None:
        return None

    async def retire(self) -> None:
        self.is_retired = True

    async def close(self) -> None:
        self.is_closed = True


class FakeMailer:
    """Takes letters, or ends as `trouble` says. Fits `bot.core.mails.Mailer`."""

    def __init__(self) -> None:
        self.taken: list[Mail] = []
        self.troubles: deque[MailTrouble | None] = deque()

    async def send(self, mail: Mail) -> None:
        await self.check()
        self.taken.append(mail)

    async def check(self) -> None:
        trouble = self.troubles.popleft() if self.troubles else None
        if trouble is not None:
            raise MailNotSent(trouble)
