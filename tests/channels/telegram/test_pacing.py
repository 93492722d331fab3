"""Requests beyond the one that delivery paces: parts, second edits, deletions."""

import asyncio
from bisect import bisect_left
from itertools import pairwise

import pytest

from bot.channels.telegram.adapter import PACE, TelegramChannel
from bot.channels.telegram.pacing import Extras
from bot.core.messages import Address, Outgoing
from bot.core.sending import SlowedDown
from tests.channels.rigs_telegram import CHANNEL_ID, PERSON
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.places import GROUP, TO_GROUP
from tests.fakes import FakeClock

LONG = "🔥" * 4000
STEP_S = 0.004


async def test_parts_for_a_group_rest_as_long_as_messages_do(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.person(GROUP, name="Tổ thử")

    await channel.send(TO_GROUP, Outgoing(text=LONG))
    with pytest.raises(SlowedDown) as caught:
        await channel.send(TO_GROUP, Outgoing(text="ngay sau"))
    stub.clock.advance(caught.value.after_s or 0)
    await channel.send(TO_GROUP, Outgoing(text="ngay sau"))

    moments = [sent.at_s for sent in stub.sent]
    assert all(late - early >= 3 for early, late in pairwise(moments))
    assert not caught.value.whole_channel


async def test_one_long_message_holds_no_other_chat(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    chats = [stub.person(PERSON + number).id for number in range(3)]

    for chat in chats:
        await channel.send(Address(channel_id=CHANNEL_ID, chat=str(chat)), Outgoing(text=LONG))

    assert len(stub.sent) == 2 * len(chats)


async def test_no_second_holds_more_than_telegram_takes() -> None:
    """Delivery lets 29 messages a second go, and each makes three requests."""
    clock = FakeClock()
    extras, moments = Extras(PACE, clock=clock), list[float]()

    async def errand(number: int) -> None:
        await clock.sleep(number / PACE.per_s)
        await extras.first(f"{number}")
        moments.append(clock.monotonic())
        for _ in range(2):
            await extras.another(f"{number}", is_group=False)
            moments.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        for number in range(200):
            group.create_task(errand(number))
        while len(moments) < 600:
            for _ in range(4):
                await asyncio.sleep(0)
            clock.advance(STEP_S)

    fullest = max(bisect_left(moments, at + 1.0) - place for place, at in enumerate(moments))
    assert len(moments) == 600
    assert fullest <= 30


async def test_messages_of_one_request_each_never_wait() -> None:
    clock = FakeClock()
    extras = Extras(PACE, clock=clock)

    for number in range(1_000):
        await extras.first(f"{number}")
    assert clock.monotonic() == 0.0
