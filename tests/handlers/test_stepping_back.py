"""While a human answers, the bot leaves them the questions, and nothing else."""

from collections.abc import Sequence

import pytest

from bot.core.messages import IncomingKind, Media, MediaKind
from bot.services.conversations.stand_backs import StandBacks
from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.handlers.test_danger import FIRE, led

QUESTIONS = ["đăng ký tạm trú ở đâu", "xin chào", "ờ để em xem", "?!", "12"]


async def a_human_writes(talk: Talk) -> None:
    town = talk.town
    key = town.envelopes.conversation(talk.channel_id, talk.chat)
    async with town.storage.begin() as work:
        await StandBacks(clock=town.clock).note(work, talk.channel_id, key, at=None)
        await work.commit()


@pytest.mark.parametrize("question", QUESTIONS)
async def test_an_ordinary_question_is_left_to_the_human(town: Town, question: str) -> None:
    talk = town.talk("zalo")
    assert await talk.says(question) != []
    await a_human_writes(talk)
    assert await talk.says(question) == []
    town.clock.advance(60 * 60)
    assert await talk.says(question) != []


async def test_another_conversation_is_answered_as_ever(town: Town) -> None:
    await a_human_writes(town.talk("zalo", "one"))
    assert await town.talk("zalo", "two").says(QUESTIONS[0]) != []


@pytest.mark.parametrize("place", ["nowhere", "menu", "tip: what", "join: code", "privacy: sure"])
async def test_danger_is_answered_with_the_number_first(town: Town, place: str) -> None:
    talk = await led(town, place, "zalo")
    await a_human_writes(talk)
    first, *_ = await talk.says(FIRE)
    assert "114" in first.text


@pytest.mark.parametrize("word", ["/khancap", "số khẩn cấp", "/nguoi", "/trogiup", "/dulieu"])
async def test_a_word_typed_on_purpose_is_answered(town: Town, word: str) -> None:
    talk = town.talk("zalo")
    await a_human_writes(talk)
    assert await talk.says(word) != []


async def test_a_button_of_ours_is_answered(town: Town) -> None:
    talk = town.talk("zalo")
    (greeting,) = await talk.says("/batdau")
    await a_human_writes(talk)
    for choice in greeting.choices:
        assert await talk.taps(choice.word) != []
    assert await talk.says("1") != []


async def test_a_tip_goes_on_to_its_receipt(town: Town) -> None:
    talk = await led(town, "tip: where", "zalo")
    await a_human_writes(talk)
    said: Sequence[str] = ["Đầu ngõ 12", "/boqua", "/boqua", "/boqua"]
    for one in said:
        assert await talk.says(one) != []
    replies = await talk.taps("~tip_send")
    assert any(reply.is_secret for reply in replies)


async def test_a_draft_that_waited_too_long_is_not_passed_over_in_silence(town: Town) -> None:
    talk = await led(town, "tip: where", "zalo")
    town.clock.advance(31 * 60)
    await a_human_writes(talk)
    assert await talk.says("ở sau chợ ấy") != []


async def test_pictures_are_left_to_the_human(town: Town) -> None:
    talk = town.talk("zalo")
    await a_human_writes(talk)
    assert await talk.shows(Media(kind=MediaKind.PICTURE, handle="x")) == []


async def test_leaving_still_takes_effect(town: Town) -> None:
    talk = town.talk("zalo")
    person = await town.member("zalo", talk.chat)
    await a_human_writes(talk)
    assert await talk.says("", IncomingKind.STOPPED) == []
    async with town.storage.read() as work:
        assert not (await work.people.get(person.id)).is_reachable


async def test_the_form_to_be_called_is_offered_where_there_is_one(town: Town) -> None:
    contacts, offer = await town.talk("zalo").says("/nguoi")
    assert (contacts.asks_contact, offer.asks_contact) == (False, True)
    assert len(await town.talk("telegram").says("/nguoi")) == 1
    assert len(await town.talk("web").says("/nguoi")) == 1
