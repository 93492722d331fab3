"""Whoever is answered is told once that a program answers, and how to reach a person."""

from typing import Final

import pytest

from bot.core.messages import IncomingKind, Media, MediaKind, Outgoing
from bot.core.slips import SlipKind
from tests.builders.talk import Talk
from tests.builders.town import Town

QUESTION: Final = "đốt pháo nổ ngày tết"
TOLD: Final = "chương trình tự động, không phải người"


def tells(answers: list[Outgoing]) -> bool:
    return any(TOLD in answer.text and "/nguoi" in answer.text for answer in answers)


async def is_noted(talk: Talk) -> bool:
    town = talk.town
    key = town.envelopes.conversation(talk.channel_id, talk.chat)
    async with town.storage.read() as work:
        slip = await work.slips.get(SlipKind.INTRODUCED, key, now=town.clock.now())
    return slip is not None


@pytest.mark.parametrize("channel", ["web", "telegram", "zalo"])
async def test_the_first_answer_tells_it_and_no_other(town: Town, channel: str) -> None:
    talk = town.talk(channel)
    assert tells(await talk.says(QUESTION))
    town.clock.advance(100 * 24 * 60 * 60)
    for said in (QUESTION, "phạt tiền", "🙂", "?online_scam"):
        assert not tells(await talk.says(said)), said


@pytest.mark.parametrize("first", ["/batdau", "xin chào"])
async def test_the_greeting_tells_it_by_itself(town: Town, first: str) -> None:
    talk = town.talk()
    (greeting,) = await talk.says(first)
    assert greeting.text.count("chương trình tự động") == 1
    assert not tells(await talk.says(QUESTION))


async def test_an_opened_chat_counts_as_told(town: Town) -> None:
    talk = town.talk("zalo")
    assert tells(await talk.says("", IncomingKind.START))
    assert not tells(await talk.says(QUESTION))


async def test_each_conversation_is_told_for_itself(town: Town) -> None:
    assert tells(await town.talk("web", "one").says(QUESTION))
    assert tells(await town.talk("web", "two").says(QUESTION))


async def test_danger_is_never_kept_waiting_by_it(town: Town) -> None:
    talk = town.talk()
    answers = await talk.says("cháy nhà rồi cứu với")
    assert answers[0].text.startswith("114")
    assert not tells(answers)
    assert not tells(await talk.says("/khancap"))
    await talk.says("~false_alarm", IncomingKind.CHOICE)
    assert tells(await talk.says(QUESTION))


async def test_whoever_only_tells_a_tip_leaves_no_note(town: Town) -> None:
    talk = town.talk("web")
    for said in ("/togiac", "~begin", QUESTION):
        kind = IncomingKind.CHOICE if said.startswith("~") else IncomingKind.TEXT
        assert not tells(await talk.says(said, kind))
    assert not await is_noted(talk)


async def test_what_is_no_words_is_told_it_too(town: Town) -> None:
    talk = town.talk("telegram")
    assert tells(await talk.shows(Media(kind=MediaKind.PICTURE, handle="p")))


async def test_of_the_moment_only_the_year_is_kept(town: Town) -> None:
    talk = town.talk()
    await talk.says(QUESTION)
    key = town.envelopes.conversation(talk.channel_id, talk.chat)
    async with town.storage.read() as work:
        slip = await work.slips.get(SlipKind.INTRODUCED, key, now=town.clock.now())
    assert slip is not None
    assert (slip.until.month, slip.until.day, slip.until.hour) == (1, 1, 0)
    assert slip.body == b""
