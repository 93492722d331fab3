"""Echoes in every order: before and after the answer, twice, after a crash, of everything sent."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.core.deliveries import DeliveryState, Lane
from bot.core.groups import GroupState
from bot.core.ids import ConversationKey
from bot.core.messages import Address, Choice, Incoming, IncomingKind, Outgoing
from bot.core.sending import NoAnswer
from bot.core.storage import Work
from bot.services.conversations.echoes import Echoes
from bot.services.conversations.stand_backs import STEP_BACK_MIN, StandBacks, has_human
from tests.delivery.rig import Rig
from tests.fakes import FakeChannel, FakeClock
from tests.storage import nouns

Heard = Callable[[Address, Outgoing], Awaitable[None]]


class Killed(BaseException):
    """The process ends here."""


class EchoingChannel(FakeChannel):
    """A platform whose echo may come before the answer to the request."""

    before_the_answer: Heard | None = None

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        if self.before_the_answer is not None:
            await self.before_the_answer(to, message)
        return await super().send(to, message)


@dataclass(kw_only=True)
class Ear:
    """Hears echoes as the program does. `number` gives each its id of the platform."""

    rig: Rig
    echoes: Echoes
    number: int = 0

    async def hears(self, to: Address, text: str, *, admin_id: str = "") -> None:
        self.number += 1
        incoming = Incoming(
            channel_id=to.channel_id,
            event_id=f"echo-{self.number}",
            kind=IncomingKind.ECHO,
            chat=to.chat,
            sender=admin_id,
            is_group=to.is_group,
            text=text,
            message_id=f"z{self.number}",
            at=self.rig.clock.now(),
        )
        async with self._begin() as work:
            key = self.rig.envelopes.conversation(to.channel_id, to.chat)
            assert await self.echoes.heard(work, incoming, key) == ()

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[Work]:
        async with self.rig.storage.begin() as work:
            yield work
            await work.commit()

    async def stands_back(self, to: Address) -> bool:
        key = self.rig.envelopes.conversation(to.channel_id, to.chat)
        async with self.rig.storage.read() as work:
            return await has_human(work, key, now=self.rig.clock.now())


@pytest.fixture
def channel(rig: Rig, clock: FakeClock) -> EchoingChannel:
    channel = EchoingChannel("fake", clock=clock)
    channel.capabilities = replace(channel.capabilities, echoes=True)
    rig.channel = channel
    return channel


@pytest.fixture
def ear(rig: Rig, channel: EchoingChannel) -> Ear:
    assert rig.channel is channel
    stand_backs = StandBacks(clock=rig.clock)

    async def answered(_work: Work, _conversation: ConversationKey) -> None:
        """Nobody was asked to answer here."""

    echoes = Echoes(
        envelopes=rig.envelopes, stand_backs=stand_backs, answered=answered, clock=rig.clock
    )
    return Ear(rig=rig, echoes=echoes)


def address(rig: Rig, chat: str = "asker") -> Address:
    return Address(channel_id=rig.channel.id, chat=chat)


async def test_an_echo_before_the_answer_proves_a_copy_and_the_answer_changes_nothing(
    rig: Rig, channel: EchoingChannel, ear: Ear
) -> None:
    async def heard(to: Address, message: Outgoing) -> None:
        await ear.hears(to, message.text)
        assert await rig.outcomes() == {"sent": 1}

    channel.before_the_answer = heard
    await rig.people(1)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 1}
    assert len(rig.channel.sent) == 1
    assert not await ear.stands_back(address(rig, "chat-0"))


async def test_an_echo_before_an_answer_that_is_lost_proves_the_copy_all_the_same(
    rig: Rig, channel: EchoingChannel, ear: Ear
) -> None:
    async def heard(to: Address, message: Outgoing) -> None:
        await ear.hears(to, message.text)

    channel.before_the_answer = heard
    channel.script.append(NoAnswer())
    await rig.people(1)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 1}


async def test_an_echo_turns_an_unknown_copy_into_a_sent_one(rig: Rig, ear: Ear) -> None:
    rig.channel.script.append(NoAnswer())
    await rig.people(1)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"unknown": 1}
    text = rig.channel.begun[0].message.text
    await ear.hears(address(rig, "chat-0"), f"{text}\u200b  ")
    assert await rig.outcomes() == {"sent": 1}
    assert not await ear.stands_back(address(rig, "chat-0"))


async def test_an_echo_after_the_answer_and_a_second_one_change_nothing(
    rig: Rig, ear: Ear
) -> None:
    await rig.people(1)
    await rig.announce()
    await rig.send_all()
    text = rig.texts()[0]
    for _ in range(2):
        await ear.hears(address(rig, "chat-0"), text)
    assert await rig.outcomes() == {"sent": 1}
    assert not await ear.stands_back(address(rig, "chat-0"))


async def test_a_reply_whose_echo_came_is_not_sent_again(
    rig: Rig, channel: EchoingChannel, ear: Ear
) -> None:
    channel.script.append(NoAnswer())
    await rig.reply("Số công an là 113.")
    sender = rig.sender()
    await rig.run(sender, until=lambda: bool(channel.begun) and not sender.in_flight)
    assert await rig.backlog() == {DeliveryState.WAITING: 1}
    await ear.hears(address(rig), "Số công an là 113.")
    assert await rig.backlog() == {}
    rig.clock.advance(timedelta(minutes=5))
    await rig.send_all()
    assert len(channel.begun) == 1


async def test_a_reply_that_went_out_twice_may_come_back_twice(
    rig: Rig, channel: EchoingChannel, ear: Ear
) -> None:
    channel.script.append(NoAnswer())
    await rig.reply("Số công an là 113.")
    await rig.send_all()
    assert len(channel.begun) == 2
    for _ in range(2):
        await ear.hears(address(rig), "Số công an là 113.")
    assert not await ear.stands_back(address(rig))


async def test_after_a_crash_between_request_and_record_the_echo_settles_it(
    rig: Rig, channel: EchoingChannel, ear: Ear
) -> None:
    async def die(to: Address, message: Outgoing) -> None:
        killed.append(message.text)
        raise Killed

    killed: list[str] = []
    channel.before_the_answer = die
    await rig.people(1)
    await rig.announce()
    with pytest.raises(BaseExceptionGroup):
        await rig.send_all()
    async with rig.storage.begin() as work:
        await work.deliveries.free("one", now=rig.clock.now())
        await work.commit()
    assert await rig.outcomes() == {"unknown": 1}
    await ear.hears(address(rig, "chat-0"), killed[0])
    assert await rig.outcomes() == {"sent": 1}


async def test_the_echo_of_one_person_says_nothing_of_another(rig: Rig, ear: Ear) -> None:
    rig.channel.script.extend([NoAnswer(), NoAnswer()])
    await rig.people(2)
    await rig.announce()
    await rig.send_all()
    await ear.hears(address(rig, "chat-1"), rig.channel.begun[0].message.text)
    assert await rig.outcomes() == {"sent": 1, "unknown": 1}


async def test_the_same_words_twice_are_proved_in_their_order(rig: Rig, ear: Ear) -> None:
    await rig.reply("Đang nguy hiểm: gọi 113.", "Đang nguy hiểm: gọi 113.")
    await rig.send_all()
    for _ in range(2):
        await ear.hears(address(rig), "Đang nguy hiểm: gọi 113.")
    assert not await ear.stands_back(address(rig))


async def test_the_echo_of_a_groups_copy_proves_it(rig: Rig, ear: Ear) -> None:
    group = nouns.group(
        "group", channel_id=rig.channel.id, unit_id=nouns.HAMLET, state=GroupState.LINKED
    )
    async with rig.storage.begin() as work:
        await work.groups.save(group)
        await work.commit()
    rig.channel.script.append(NoAnswer())
    await rig.announce(lane=Lane.ORDINARY)
    await rig.send_all()
    assert await rig.outcomes() == {"unknown": 1}
    await ear.hears(group.address, rig.channel.begun[0].message.text)
    assert await rig.outcomes() == {"sent": 1}


async def test_an_echo_without_words_of_a_message_with_buttons_is_ours(rig: Rig, ear: Ear) -> None:
    to = address(rig)
    buttons = Outgoing(text="Bà con cần việc gì?", choices=(Choice(label="Gọi", word="/sos"),))
    async with rig.storage.begin() as work:
        await work.deliveries.add_replies([rig.envelopes.reply(to, buttons)], at=rig.clock.now())
        await work.commit()
    await rig.send_all()
    rig.clock.advance(timedelta(hours=1))
    await ear.hears(to, "")
    assert not await ear.stands_back(to)
    await ear.hears(address(rig, "somebody-else"), "")
    assert await ear.stands_back(address(rig, "somebody-else"))


async def test_a_human_in_the_platforms_tool_makes_the_bot_step_back_for_an_hour(
    rig: Rig, ear: Ear
) -> None:
    await rig.reply("Chào bà con")
    await rig.send_all()
    # Even the very words the bot has just said, when a human wrote them.
    await ear.hears(address(rig), "Chào bà con", admin_id="6001")
    assert await ear.stands_back(address(rig))
    rig.clock.advance(timedelta(minutes=59))
    assert await ear.stands_back(address(rig))
    rig.clock.advance(timedelta(minutes=1))
    assert not await ear.stands_back(address(rig))


async def test_words_that_come_back_otherwise_than_they_went_silence_nobody(
    rig: Rig, ear: Ear
) -> None:
    await rig.reply("Xem https://example.invalid/x nhé")
    await rig.send_all()
    await ear.hears(address(rig), "Xem example.invalid/x nhé")
    assert not await ear.stands_back(address(rig))


async def test_words_nobody_here_sent_are_another_tools(rig: Rig, ear: Ear) -> None:
    await rig.reply("Chào bà con")
    await rig.send_all()
    rig.clock.advance(timedelta(minutes=11))
    await ear.hears(address(rig), "Dạ em là cán bộ trực")
    assert await ear.stands_back(address(rig))


@pytest.mark.parametrize(("setting", "minutes"), [("15", 15), ("0", 0), ("rubbish", 60)])
async def test_the_account_says_for_how_long(
    rig: Rig, ear: Ear, setting: str, minutes: int
) -> None:
    account = nouns.channel(rig.channel.id, settings={STEP_BACK_MIN: setting})
    async with rig.storage.begin() as work:
        await work.channels.save(account)
        await work.commit()
    await ear.hears(address(rig), "Chào chị", admin_id="6001")
    assert await ear.stands_back(address(rig)) == (minutes > 0)
    rig.clock.advance(timedelta(minutes=minutes))
    assert not await ear.stands_back(address(rig))


async def test_what_a_human_wrote_long_ago_keeps_nobody_silent(rig: Rig, ear: Ear) -> None:
    ear.rig = replace(rig, clock=FakeClock(rig.clock.now() - timedelta(hours=1, minutes=50)))
    await ear.hears(address(rig), "Chào chị", admin_id="6001")
    ear.rig = rig
    assert not await ear.stands_back(address(rig))
