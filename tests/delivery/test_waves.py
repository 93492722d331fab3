"""What is done once for many copies, and that nobody waits because of it."""

import asyncio

from bot.core.channels import Pace
from bot.core.messages import Address, Outgoing
from tests.delivery.rig import Rig, channel_at
from tests.fakes import FakeChannel

QUICK = Pace(per_s=10_000.0)


class Stuck(FakeChannel):
    """A platform that leaves some chats without an answer until told to go on."""

    def __init__(self, *, chats: set[str], pace: Pace) -> None:
        super().__init__(pace=pace)
        self._chats = chats
        self.goes_on = asyncio.Event()

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        if to.chat in self._chats:
            await self.goes_on.wait()
        return await super().send(to, message)


async def test_a_letter_is_looked_up_once_for_all_copies_claimed_together(rig: Rig) -> None:
    await rig.people(40)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 40}
    assert rig.letters == 1


async def test_where_the_pace_lets_many_go_many_are_marked_in_one_commit(rig: Rig) -> None:
    rig.channel = channel_at(QUICK, rig.clock)
    await rig.people(300)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 300}
    assert rig.attempts_on_disk() <= 300 / 16


async def test_requests_without_an_answer_keep_no_other_waiting(rig: Rig) -> None:
    stuck = {f"chat-{number}" for number in range(50)}
    rig.channel = channel = Stuck(chats=stuck, pace=QUICK)
    await rig.people(200)
    await rig.announce()
    sender = rig.sender()
    async with asyncio.TaskGroup() as group:
        while len(channel.sent) < 150:
            rig.clock.advance(await sender.step(group))
            await asyncio.sleep(0)
        assert not {one.to.chat for one in channel.sent} & stuck
        channel.goes_on.set()
        await sender.settle()
    assert await rig.outcomes() == {"sent": 200}
