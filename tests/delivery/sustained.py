"""An announcement over Telegram for minutes: the real sender and adapter, a strict platform.

The platform's clock stands still while a request is on its way, so that what it counts within a
second is what we send within one. Used by a test and, for five minutes, by `benchmarks.pace`.
"""

import asyncio
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.channels.telegram.account import Surroundings, TelegramAccount
from bot.channels.telegram.adapter import PACE, TelegramChannel
from bot.core.messages import Address, Outgoing
from bot.delivery.sender import Sender
from bot.delivery.tray import Mail
from tests.channels.rigs_telegram import CHANNEL_ID, account_on
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials, say_key
from tests.channels.stubs.rule_book import BrokenRule
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.delivery.rig import Rig, landed
from tests.storage import nouns

_FIRST_CHAT = 5_100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sustained:
    """What the platform saw."""

    moments_s: list[float]
    recipients: int
    calls: int
    broken_rules: list[BrokenRule]

    @property
    def share_of_pace(self) -> float:
        """Return the rate reached, of the pace that is set."""
        took_s = self.moments_s[-1] - self.moments_s[0]
        return (len(self.moments_s) - 1) / took_s / PACE.per_s

    @property
    def busiest_second(self) -> int:
        """Return how many fell into the fullest second that begins with one of them."""
        moments = self.moments_s
        return max(
            bisect_left(moments, began + 1.0) - number for number, began in enumerate(moments)
        )


async def sustained(rig: Rig, *, seconds: int) -> Sustained:
    """Send to as many people as that many seconds have room for."""
    people = int(PACE.per_s * seconds) + 1
    clock = StubClock(started_at=rig.clock.now(), frozen=True)
    async with (
        TelegramStub(clock=clock, open_house=True) as stub,
        aiohttp.ClientSession() as session,
    ):
        time = _SharedTime(clock)
        surroundings = Surroundings(
            session=session,
            store=MemoryCredentials({}),
            clock=time,
            say=say_key,
            attachments=MemoryAttachments(),
        )
        time.channel = _Counted(account_on(stub), surroundings)
        await _populate(rig, people)
        time.sender = sender = _sender(rig, time.channel, time)
        async with asyncio.TaskGroup() as group:
            while len(stub.sent) < people:
                pause_s = await sender.step(group)
                if pause_s:
                    await time.sleep(pause_s)
            await sender.settle()
        return Sustained(
            moments_s=[sent.at_s for sent in stub.sent],
            recipients=len({sent.to for sent in stub.sent}),
            calls=stub.calls["sendMessage"],
            broken_rules=list(stub.broken_rules),
        )


class _Counted(TelegramChannel):
    """A channel that tells when nothing is on its way."""

    def __init__(self, account: TelegramAccount, surroundings: Surroundings) -> None:
        super().__init__(account, surroundings)
        self._under_way = 0
        self.is_idle = asyncio.Event()
        self.is_idle.set()

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        self._under_way += 1
        self.is_idle.clear()
        try:
            return await super().send(to, message)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self.is_idle.set()


class _SharedTime:
    """The program's clock showing the platform's; it moves on once every request has landed."""

    def __init__(self, clock: StubClock) -> None:
        self._clock = clock
        self.channel: _Counted | None = None
        self.sender: Sender | None = None

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.seconds()

    async def sleep(self, seconds: float) -> None:
        if self.channel is not None and self.sender is not None:
            # What was begun reaches the wire, and what came back is written down.
            await asyncio.sleep(0)
            await self.channel.is_idle.wait()
            await landed(self.sender)
        self._clock.advance(seconds)
        await asyncio.sleep(0)


def _sender(rig: Rig, channel: TelegramChannel, time: _SharedTime) -> Sender:
    return Sender(
        channel,
        storage=rig.storage,
        mail=Mail(open_reply=rig.open_reply, letter=rig.letter, echo_mark=rig.echo_mark),
        report=rig.report,
        clock=time,
        chance=rig.chance,
        meter=rig.meter,
        owner="one",
        ring=lambda: None,
    )


async def _populate(rig: Rig, people: int) -> None:
    async with rig.storage.begin() as work:
        await work.channels.save(nouns.channel(CHANNEL_ID))
        for number in range(people):
            chat = str(_FIRST_CHAT + number)
            await work.people.save(nouns.person(f"p{number:05}", channel_id=CHANNEL_ID, chat=chat))
        await work.commit()
    await rig.announce()
