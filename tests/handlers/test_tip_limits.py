"""Many tips: a sender waits a while, a crowd solves a small task, nobody is locked out."""

from datetime import timedelta

import pytest

from bot.core.messages import Outgoing
from bot.services.tips.receiving.limits import FLOOD
from tests.builders.talk import Talk
from tests.builders.town import Town

WHAT = "Có nhóm thanh niên đánh bạc ở quán nước"


async def to_review(talk: Talk) -> None:
    for line in ("/togiac", "1", "1", WHAT, *["/boqua"] * 4):
        await talk.says(line)
    assert (await talk.step()).question == "review"


async def sent(talk: Talk) -> Outgoing:
    await to_review(talk)
    (answer,) = await talk.taps("~tip_send")
    return answer


async def count(town: Town) -> int:
    return len(await town.reading.queue.metadata(town.commune, by="test"))


@pytest.fixture
async def founded(town: Town) -> Town:
    await town.founded()
    return town


async def test_the_sixth_tip_of_an_hour_waits_and_is_kept(founded: Town) -> None:
    talk = founded.talk("zalo")
    for _ in range(5):
        assert (await sent(talk)).is_secret
    told = await sent(talk)
    assert "113" in told.text
    assert "60 phút" in told.text
    assert await count(founded) == 5
    # Nothing of it is lost; others are not in the way.
    assert (await talk.step()).gathered["what"] == WHAT
    assert (await sent(founded.talk("zalo", chat="another"))).is_secret
    founded.clock.advance(timedelta(hours=1))
    assert (await sent(talk)).is_secret


async def test_what_is_urgent_waits_for_nothing(founded: Town) -> None:
    talk = founded.talk("zalo")
    for _ in range(5):
        await sent(talk)
    for line in ("/togiac", "1", "1", "cháy nhà rồi cứu với", "~tip_is_urgent"):
        await (talk.taps(line) if line.startswith("~") else talk.says(line))
    for _ in range(4):
        await talk.says("/boqua")
    (answer,) = await talk.taps("~tip_send")
    assert answer.is_secret


async def flooded(town: Town) -> None:
    for _ in range(FLOOD):
        town.receiving.limits.arrived(town.commune.id)


def largest(task: Outgoing) -> str:
    return max(choice.label for choice in task.choices)


async def test_in_a_flood_a_small_task_stands_before_sending(founded: Town) -> None:
    await flooded(founded)
    talk = founded.talk("zalo")
    task = await sent(talk)
    assert await count(founded) == 0
    wrong = min(choice.label for choice in task.choices)
    (another,) = await talk.says(wrong)
    assert {choice.label for choice in another.choices} != {one.label for one in task.choices}
    (answer,) = await talk.says(largest(another))
    assert answer.is_secret
    assert await count(founded) == 1


async def test_a_flood_ebbs(founded: Town) -> None:
    await flooded(founded)
    founded.clock.advance(timedelta(minutes=10, seconds=1))
    assert (await sent(founded.talk("zalo"))).is_secret


async def test_a_day_holds_fifteen_and_the_next_day_begins_anew(founded: Town) -> None:
    limits = founded.receiving.limits
    name = founded.envelopes.conversation(founded.channel("zalo").id, "somebody")
    for _ in range(15):
        limits.sent(name)
        founded.clock.advance(timedelta(minutes=13))
    assert limits.wait_s(name) > 60 * 60
    founded.clock.advance(timedelta(days=1))
    assert limits.wait_s(name) == 0
