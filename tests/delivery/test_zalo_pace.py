"""Five minutes of Zalo at the pace its answers permit: nearly all of it used, none of it exceeded.

The real sender and adapter over a strict stand-in, in the stand-in's own time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import aiohttp
import pytest

from bot.channels.zalo.adapter import Surroundings, ZaloChannel
from bot.core.channels import Channel, ChannelKind
from bot.core.ids import AnnouncementId, UnitId
from bot.core.messages import Outgoing
from bot.core.storage import Storage
from bot.delivery.sender import Sender
from bot.delivery.tray import Mail
from bot.services.envelopes import Envelopes
from tests.channels.rigs_zalo import CHANNEL_ID, account_on, pair_of
from tests.channels.stand_ins import (
    MemoryAttachments,
    MemoryCredentials,
    NoChance,
    PlatformTime,
    say_key,
)
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_stub import EchoTiming, ZaloStub
from tests.fakes import FakeMeter, SteadyChance
from tests.storage import nouns

pytestmark = pytest.mark.timeout(240)  # five minutes of another clock, on a machine at work

MINUTE_S = 60.0
RUN_S = 5 * MINUTE_S


class SendersTime:
    """The sender's clock: the platform's hands move only when few requests are under way."""

    def __init__(self, clock: StubClock, *, flying: Callable[[], int], at_most: int) -> None:
        self._clock = clock
        self._flying = flying
        self._at_most = at_most

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.seconds()

    async def sleep(self, seconds: float) -> None:
        # One request more under way is an answer after half a second or more.
        while self._flying() > self._at_most:  # noqa: ASYNC110 - the rest of the loop must go on
            await asyncio.sleep(0)
        self._clock.advance(seconds)
        await asyncio.sleep(0)


@dataclass(kw_only=True)
class Run:
    """One audience, one channel, one sender."""

    stub: ZaloStub
    channel: Channel
    storage: Storage
    envelopes: Envelopes
    letter: Outgoing
    at_most: int
    sender: Sender | None = None

    async def for_five_minutes(self) -> None:
        time = SendersTime(
            self.stub.clock,
            flying=lambda: self.sender.in_flight if self.sender else 0,
            at_most=self.at_most,
        )
        self.sender = self._sender(time)
        until_s = self.stub.clock.seconds() + RUN_S
        async with asyncio.TaskGroup() as group:
            while self.stub.clock.seconds() < until_s:
                if pause_s := await self.sender.step(group):
                    await time.sleep(pause_s)
                    self.sender.wake()
            await self.sender.settle()

    def _sender(self, time: SendersTime) -> Sender:
        async def letter(announcement_id: AnnouncementId, unit_id: UnitId | None) -> Outgoing:
            return self.letter

        async def report(trouble: str) -> None:
            assert trouble == ""

        return Sender(
            self.channel,
            storage=self.storage,
            mail=Mail(
                open_reply=self.envelopes.open_reply,
                letter=letter,
                echo_mark=self.envelopes.echo_mark,
            ),
            report=report,
            clock=time,
            chance=SteadyChance(),
            meter=FakeMeter(),
            owner="one",
            ring=lambda: None,
        )


@asynccontextmanager
async def opened(
    storage: Storage,
    envelopes: Envelopes,
    *,
    limit: int,
    people: int,
    at_most: int = 0,
    picture: bool = False,
) -> AsyncIterator[Run]:
    clock = StubClock(frozen=True)
    async with ZaloStub(clock=clock, open_house=True) as stub, aiohttp.ClientSession() as session:
        stub.echo = EchoTiming.NEVER
        stub.oa.limit_per_minute = limit
        attachments = MemoryAttachments(clock.now)
        channel = ZaloChannel(
            account_on(stub),
            Surroundings(
                session=session,
                store=MemoryCredentials(pair_of(stub)),
                clock=PlatformTime(clock),
                chance=NoChance(),
                say=say_key,
                attachments=attachments,
            ),
        )
        letter = Outgoing(text="Mời bà con họp tổ.")
        if picture:
            # A file goes out beside its words: two calls for each person.
            file = attachments.put("a.pdf", b"%PDF-1.4", media_type="application/pdf")
            letter = replace(letter, attachment=file)
        await audience(storage, people, at=clock.now())
        yield Run(
            stub=stub,
            channel=channel,
            storage=storage,
            envelopes=envelopes,
            letter=letter,
            at_most=at_most,
        )
        await channel.close()


async def audience(storage: Storage, people: int, *, at: datetime) -> None:
    await nouns.settle(storage)
    async with storage.begin() as work:
        await work.channels.save(nouns.channel(CHANNEL_ID, kind=ChannelKind.ZALO))
        for number in range(people):
            one = nouns.person(f"p{number:05}", channel_id=CHANNEL_ID, chat=f"70000000{number:05}")
            await work.people.save(one)
        await work.announcements.save(nouns.announcement())
        await nouns.freeze(work, at=at)
        await work.commit()


def most_in_a_minute(moments: list[float]) -> int:
    """Return how many calls the fullest 60 seconds held, wherever they begin."""
    return max(
        sum(1 for later in moments[at:] if later < first + MINUTE_S)
        for at, first in enumerate(moments)
    )


@pytest.mark.parametrize("at_most", [0, 1], ids=["prompt answers", "slow answers"])
async def test_five_minutes_use_nearly_all_that_zalo_permits_and_never_more(
    storage: Storage, envelopes: Envelopes, at_most: int
) -> None:
    limit = 100
    async with opened(storage, envelopes, limit=limit, people=6 * limit, at_most=at_most) as run:
        await run.for_five_minutes()

        moments = [sent.at_s for sent in run.stub.sent]
        assert len(moments) >= 0.97 * 5 * limit
        assert most_in_a_minute(moments) <= limit
        assert list(run.stub.broken_rules) == []
        assert len({sent.to for sent in run.stub.sent}) == len(moments)


async def test_messages_of_two_parts_share_the_pace(
    storage: Storage, envelopes: Envelopes
) -> None:
    limit = 100
    async with opened(storage, envelopes, limit=limit, people=3 * limit, picture=True) as run:
        await run.for_five_minutes()

        moments = [sent.at_s for sent in run.stub.sent]
        assert len(moments) >= 0.9 * 5 * limit
        assert most_in_a_minute(moments) <= limit
        assert list(run.stub.broken_rules) == []


async def test_the_set_pace_is_kept_where_zalo_permits_more(
    storage: Storage, envelopes: Envelopes
) -> None:
    async with opened(storage, envelopes, limit=4000, people=400) as run:
        began_s = run.stub.clock.seconds()
        await run.for_five_minutes()

        moments = [sent.at_s for sent in run.stub.sent]
        assert len(moments) == 400
        assert 399 / (moments[-1] - began_s) >= 0.97 * 60
        assert run.channel.capabilities.pace.per_s == 60
