"""What the bot does in a group: danger, refusals, links; nothing kept, nobody named."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.dialogues import Step
from bot.core.groups import Group, GroupState
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import GroupChange, GroupEvent, Incoming, IncomingKind, Outgoing
from bot.core.people import Person
from bot.core.windows import block_of
from bot.services.groups.alarms import QUIET_FOR
from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.one_book import the_book

FIRE = "cháy rồi bà con ơi, nhà số 5 đang cháy to"
REPORT = "nhà ông Nam cuối ngõ bán ma túy"
RECEIPT = "7K2M-9QTX-4B6N-0ZWA-H3JD-5CYV"
CHAT = "-100"


def group_talk(town: Town, channel: str = "telegram", *, is_for_bot: bool = True) -> Talk:
    return town.talk(channel, chat=CHAT, is_group=True, is_for_bot=is_for_bot)


async def happened(town: Town, event: GroupEvent, **change: object) -> list[Outgoing]:
    """Let something happen to the group; return what is said in it."""
    talk = group_talk(town)
    incoming = replace(
        talk.incoming("", IncomingKind.GROUP),
        group=GroupChange(event=event, **change),  # type: ignore[arg-type] # fields by name
    )
    return await heard(town, incoming)


async def heard(town: Town, incoming: Incoming) -> list[Outgoing]:
    await town.reception().receive([incoming])
    while await town.conversations().step():
        pass
    return await town.outbox()


async def says(talk: Talk, text: str) -> list[Outgoing]:
    """Say something in the group; the message can be told apart from others."""
    return await heard(talk.town, replace(talk.incoming(text), message_id="41"))


async def known(town: Town, channel: str = "telegram") -> Group | None:
    async with town.storage.read() as work:
        return await work.groups.find(ChannelId(channel), CHAT)


async def linked(town: Town, *, can_delete: bool = True) -> Talk:
    """Return the talk of a group that an officer let in."""
    await happened(town, GroupEvent.ADDED, name="Tổ 1 (bịa)", can_delete=can_delete)
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    talk = group_talk(town)
    await says(talk, f"/lienket {code.code}")
    return talk


# --- danger ------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_for_bot", [True, False])
async def test_a_fire_is_answered_with_the_number_whoever_it_was_said_to(
    town: Town, *, is_for_bot: bool
) -> None:
    talk = group_talk(town, is_for_bot=is_for_bot)
    (answer,) = await talk.says(FIRE)
    assert answer.text.startswith("114")
    assert answer.choices == ()
    assert await talk.step() == Step()


async def test_an_alarm_nobody_asked_for_is_given_once_in_ten_minutes(town: Town) -> None:
    talk = group_talk(town, is_for_bot=False)
    assert await talk.says(FIRE)
    assert await talk.says("cháy to lắm rồi") == []
    town.clock.advance(QUIET_FOR - timedelta(seconds=1))
    assert await talk.says(FIRE) == []
    town.clock.advance(timedelta(seconds=2))
    assert await talk.says(FIRE)


async def test_another_danger_is_answered_at_once(town: Town) -> None:
    talk = group_talk(town, is_for_bot=False)
    await talk.says(FIRE)
    (answer,) = await talk.says("có người đuối nước ngoài sông, chưa vớt lên được")
    assert "Ném phao" in answer.text


async def test_one_group_does_not_silence_another(town: Town) -> None:
    await group_talk(town, is_for_bot=False).says(FIRE)
    other = town.talk("telegram", chat="-200", is_group=True, is_for_bot=False)
    assert await other.says(FIRE)


async def test_whoever_asks_the_bot_is_told_every_time(town: Town) -> None:
    talk = group_talk(town)
    for _ in range(3):
        (answer,) = await talk.says(FIRE)
        assert answer.text.startswith("114")


CHATTER = [
    "nồi cơm bị cháy khét rồi mọi người ơi",
    "hôm nay họp lúc mấy giờ",
    "cháy hàng rồi chị ơi",
    "có đám đánh nhau ở chợ hôm qua",
    "Công an xã: đêm 20/11 xảy ra vụ cháy. " * 9 + "Nhà đang cháy thì gọi 114.",
]


@pytest.mark.parametrize("text", CHATTER)
async def test_chatter_is_left_alone(town: Town, text: str) -> None:
    assert await group_talk(town, is_for_bot=False).says(text) == []


# --- what belongs in private -------------------------------------------------------------------


@pytest.mark.parametrize("said", ["/togiac", f"/togiac {REPORT}", REPORT])
async def test_a_report_is_taken_away_and_sent_to_private(town: Town, said: str) -> None:
    talk = await linked(town)
    deletion, refusal = await says(talk, said)
    assert (deletion.text, deletion.replaces, deletion.is_recall) == ("", ("41",), True)
    assert "https://binhyen.example/chat/telegram/togiac" in refusal.text
    assert "https://binhyen.example/to-giac" in refusal.text
    assert await talk.step() == Step()


@pytest.mark.parametrize("said", ["/togiac", REPORT, f"/theodoi {RECEIPT}"])
async def test_a_refusal_names_quotes_and_answers_nobody(town: Town, said: str) -> None:
    talk = await linked(town)
    for answer in await says(talk, said):
        assert answer.quotes is None
        assert not any(word in answer.text for word in ("Nam", "ma túy", RECEIPT, "sender-1"))
        assert not any(choice.word for choice in answer.choices)


async def test_what_we_may_not_delete_is_only_refused(town: Town) -> None:
    talk = await linked(town, can_delete=False)
    (refusal,) = await says(talk, REPORT)
    assert refusal.replaces == ()


async def test_in_a_group_nobody_knows_a_report_is_refused_too(town: Town) -> None:
    (refusal,) = await says(group_talk(town), REPORT)
    assert "đừng viết ở nhóm" in refusal.text


async def test_a_receipt_is_taken_away_even_where_nobody_spoke_to_the_bot(town: Town) -> None:
    await linked(town)
    deletion, refusal = await says(group_talk(town, is_for_bot=False), f"/theodoi {RECEIPT}")
    assert deletion.is_recall
    assert "https://binhyen.example/theo-doi" in refusal.text
    assert RECEIPT not in refusal.text


async def test_neighbours_who_tell_each_other_are_not_minded(town: Town) -> None:
    assert await says(group_talk(town, is_for_bot=False), REPORT) == []


@pytest.mark.parametrize("word", ["/thamgia ABC123", "/camket", "/dulieu", "/roinhom", "/chude"])
async def test_what_is_for_each_one_alone_is_sent_to_private(town: Town, word: str) -> None:
    talk = group_talk(town)
    (answer,) = await talk.says(word)
    assert "nhắn riêng tại đây: https://binhyen.example/chat/telegram/" in answer.text
    assert await talk.step() == Step()


# --- questions ---------------------------------------------------------------------------------


async def test_a_question_meant_for_the_bot_gets_one_short_answer(town: Town) -> None:
    talk = await linked(town)
    (answer,) = await talk.says("có khách ngủ lại thì báo ai")
    assert answer.text
    assert len(answer.text) <= 600
    assert answer.choices == ()
    assert await talk.step() == Step()


async def test_an_answer_names_the_desk_of_the_groups_own_unit(town: Town) -> None:
    await town.units.set_contacts(
        town.hamlet.id, "Tổ 1 Bịa", {"duty_phone": "0200 000 777"}, by="test"
    )
    assert "0200 000 777" not in (await group_talk(town).says("/nguoi"))[0].text
    talk = await linked(town)
    assert "0200 000 777" in (await talk.says("/nguoi"))[0].text


async def test_what_is_not_understood_is_sent_to_private(town: Town) -> None:
    (answer,) = await group_talk(town).says("được không")
    assert "chưa hiểu câu này" in answer.text


async def test_a_group_is_spoken_to_in_vietnamese_whoever_asks(town: Town) -> None:
    talk = town.talk("telegram", chat=CHAT, is_group=True, language=Language.EN)
    (answer,) = await talk.says("/help")
    assert answer.text == the_book().voice("group", "hello")("hello", Language.VI).strip()


# --- linking -----------------------------------------------------------------------------------


async def test_a_group_that_lets_the_bot_in_is_told_how_to_be_linked_once(town: Town) -> None:
    (hello,) = await happened(town, GroupEvent.ADDED, name="Tổ 1 (bịa)")
    assert "/lienket MÃ" in hello.text
    assert await happened(town, GroupEvent.ADDED, name="Tổ 1 (bịa)") == []


@pytest.mark.parametrize("said", ["/lienket {}", "/LIENKET {}", "/link {}", "lienket {}"])
async def test_an_officers_code_links_the_group_and_is_taken_away(town: Town, said: str) -> None:
    await happened(town, GroupEvent.ADDED, can_delete=True)
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    deletion, welcome = await says(group_talk(town), said.format(code.code.lower()))
    assert deletion.replaces == ("41",)
    assert "Tổ 1 Bịa" in welcome.text
    assert f"https://binhyen.example/unit/telegram/{town.hamlet.join_code}" in welcome.text
    group = await known(town)
    assert group is not None
    assert (group.state, group.unit_id) == (GroupState.LINKED, town.hamlet.id)


@pytest.mark.parametrize("payload", ["lienket_{}", "{}"])
async def test_a_link_that_lets_the_bot_in_brings_the_code_along(town: Town, payload: str) -> None:
    code = await town.group_parts.codes.make(town.hamlet.id, by=None)
    assert code.links == [f"https://binhyen.example/group/{code.code}"]
    talk = group_talk(town)
    (welcome,) = await talk.says(payload.format(code.code), IncomingKind.START)
    assert "Tổ 1 Bịa" in welcome.text
    assert (await known(town) or pytest.fail("no group")).unit_id == town.hamlet.id


async def test_a_wrong_code_is_taken_away_and_five_of_them_end_the_trying(town: Town) -> None:
    await happened(town, GroupEvent.ADDED, can_delete=True)
    for _ in range(5):
        deletion, answer = await says(group_talk(town), "/lienket ABCD2345")
        assert deletion.is_recall
        assert "không đúng" in answer.text
    _, wait = await says(group_talk(town), "/lienket ABCD2345")
    assert "Một giờ nữa" in wait.text


@pytest.mark.parametrize("said", ["/batdau", "/trogiup", "xin chào"])
async def test_a_linked_group_is_told_briefly_what_can_be_asked(town: Town, said: str) -> None:
    talk = await linked(town)
    (answer,) = await talk.says(said)
    link = "https://binhyen.example/chat/telegram/"
    assert answer.text == the_book().voice("group")("about", Language.VI, link=link).strip()


async def test_a_cry_behind_a_start_is_a_cry(town: Town) -> None:
    (answer,) = await group_talk(town).says(FIRE, IncomingKind.START)
    assert answer.text.startswith("114")


async def test_the_word_without_a_code_says_where_codes_come_from(town: Town) -> None:
    (answer,) = await group_talk(town).says("/lienket")
    assert "lấy mã" in answer.text


# --- what a message leaves behind --------------------------------------------------------------


async def test_a_group_that_writes_is_noted_without_a_word(town: Town) -> None:
    assert await says(group_talk(town, is_for_bot=False), "xin chào cả nhà") == []
    group = await known(town)
    assert group is not None
    assert (group.state, group.unit_id, group.name) == (GroupState.SEEN, None, "")


async def said_at(town: Town, channel: str, text: str) -> Person:
    """Let a member say something in a group; return what is known of them."""
    person = await town.member(channel, "sender-1")
    town.clock.advance(timedelta(days=3))
    talk = group_talk(town, channel)
    await heard(town, replace(talk.incoming(text), at=town.clock.now()))
    async with town.storage.read() as work:
        return await work.people.get(person.id)


async def test_who_writes_in_a_group_on_zalo_may_be_written_to_again(town: Town) -> None:
    person = await said_at(town, "zalo", "có khách ngủ lại thì báo ai")
    assert person.wrote_at == block_of(town.clock.now())


@pytest.mark.parametrize(
    ("channel", "text"),
    [("telegram", "xin chào"), ("zalo", REPORT), ("zalo", f"/theodoi {RECEIPT}")],
)
async def test_no_hour_is_noted_where_it_is_not_needed_or_part_of_a_tip(
    town: Town, channel: str, text: str
) -> None:
    assert (await said_at(town, channel, text)).wrote_at is None


async def test_nothing_that_was_said_in_a_group_stays_on_the_disk(town: Town) -> None:
    talk = await linked(town)
    for text in (REPORT, "có khách ngủ lại thì báo ai", FIRE, f"/theodoi {RECEIPT}"):
        await says(talk, text)
    disk = town.on_disk()
    for trace in ("Nam cuối", "khách ngủ lại", RECEIPT, "sender-1"):
        assert trace.encode() not in disk
