"""What happens without anybody saying something, and what is noted of those who do."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.ids import ConversationKey
from bot.core.messages import Incoming, IncomingKind, Outgoing
from bot.core.storage import Work
from bot.core.windows import BLOCK, block_of
from tests.builders.opening import open_town
from tests.builders.town import Town

A_DAY = timedelta(days=1)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


async def test_an_event_is_handled_in_the_transaction_of_its_arrival(town: Town) -> None:
    seen: list[ConversationKey] = []

    async def heard(
        work: Work, incoming: Incoming, conversation: ConversationKey
    ) -> tuple[Outgoing, ...]:
        await work.settings.put("heard", incoming.text)
        seen.append(conversation)
        return (Outgoing(text="Chào cả nhóm"),)

    town.event_handlers[IncomingKind.GROUP] = heard
    talk = town.talk("zalo", "group-1", is_group=True)

    answers = await talk.says("đổi tên", IncomingKind.GROUP)

    assert [answer.text for answer in answers] == ["Chào cả nhóm"]
    assert seen == [town.envelopes.conversation(talk.channel_id, "group-1")]
    async with town.storage.read() as work:
        assert await work.settings.get("heard") == "đổi tên"


async def test_an_event_that_fails_is_tried_again_and_keeps_nothing(town: Town) -> None:
    tries: list[str] = []

    async def heard(
        work: Work, incoming: Incoming, conversation: ConversationKey
    ) -> tuple[Outgoing, ...]:
        await work.settings.put("heard", str(len(tries)))
        tries.append(conversation)
        if len(tries) == 1:
            raise RuntimeError("invented")
        return ()

    town.event_handlers[IncomingKind.ECHO] = heard
    talk = town.talk("zalo", "one")
    await talk.says("x", IncomingKind.ECHO)
    async with town.storage.read() as work:
        assert await work.settings.get("heard") is None
    town.clock.advance(A_DAY)
    await town.conversations().step()
    assert len(tries) == 2
    async with town.storage.read() as work:
        assert await work.settings.get("heard") == "1"


async def test_the_six_hours_in_which_a_member_wrote_are_noted(town: Town) -> None:
    member = await town.member("zalo", "one")
    town.clock.advance(A_DAY)
    await town.talk("zalo", "one").says("công an xã ở đâu")
    async with town.storage.read() as work:
        noted = (await work.people.get(member.id)).wrote_at
    assert noted == block_of(town.clock.now())
    assert noted is not None
    assert (noted.hour % 6, noted.minute, noted.second, noted.microsecond) == (0, 0, 0, 0)
    assert timedelta(0) <= town.clock.now() - noted < BLOCK


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("/togiac", "1", "/huy"), id="a tip that is begun"),
        pytest.param(("/togiac trộm chó ngoài đường",), id="a tip in one go"),
        pytest.param(("/theodoi",), id="asking for a receipt"),
        pytest.param(("/theodoi ABCD-EFGH-JKMN-PQRS-TVWX-YZ12",), id="a wrong receipt"),
        pytest.param(("có cháy nhà cứu với",), id="a cry for help"),
    ],
)
async def test_what_belongs_to_a_tip_leaves_no_mark_of_the_hour(
    town: Town, words: tuple[str, ...]
) -> None:
    await town.founded()
    member = await town.member("zalo", "one")
    town.clock.advance(A_DAY)
    talk = town.talk("zalo", "one")
    for said in words:
        await talk.says(said)
    async with town.storage.read() as work:
        assert (await work.people.get(member.id)).wrote_at is None
