"""Asking for a person: /nguoi, words not understood, answers that offer one; and the way back."""

import pytest

from bot.core.handovers import HandoverReason, HandoverState
from bot.core.languages import Language
from bot.core.messages import IncomingKind, Media, MediaKind, Outgoing
from bot.core.officers import Officer, Role
from bot.services.answers.answers import UNKNOWN
from bot.services.audit import MACHINE
from bot.services.handovers.desk import Opened
from bot.services.officers.accounts import NewOfficer
from tests.builders.routing import the_answers
from tests.builders.talk import Talk
from tests.builders.town import PASSWORD, Town
from tests.handlers.test_danger import FIRE, led

QUESTION = "đăng ký tạm trú ở đâu"
# Such words as nobody can be sure of; the first that holds is used, whatever is learnt meanwhile.
MURMURS = ("ờ thế à", "ờ thì là mà", "ờ để em xem", "à ừ", "thế à", "hay nhỉ", "ừ nhỉ", "blurp")
HOURS = "Thứ 2 - thứ 6: 7h30 - 11h30, 13h30 - 17h"


async def answering(town: Town, *roles: Role) -> Officer:
    new = NewOfficer(
        login="lan",
        name="Lan",
        password=PASSWORD,
        unit_id=town.commune.id,
        roles=frozenset(roles or {Role.ANNOUNCER}),
    )
    return await town.officers.add(new, by=MACHINE)


async def inbox(town: Town, officer: Officer, *, is_closed: bool = False) -> list[Opened]:
    desk = town.handovers.desk
    shown = await desk.list(officer, is_closed=is_closed)
    return [await desk.look(one.handover.id, officer) for one in shown]


def words(opened: Opened) -> list[str | None]:
    return [line.text for line in opened.lines]


def _murmur() -> str:
    answers = the_answers()
    return next(
        one
        for one in MURMURS
        if answers.answer(one, unit={}, language=Language.VI).intent == UNKNOWN
    )


MURMUR = _murmur()


async def handed_over(town: Town, channel: str = "web") -> tuple[Talk, Officer]:
    officer = await answering(town)
    talk = town.talk(channel)
    assert await talk.says("/nguoi")
    return talk, officer


async def test_it_is_said_once_that_a_person_answers_and_how_to_go_back(town: Town) -> None:
    await answering(town)
    await town.units.set_contacts(
        town.commune.id, "Xã Bịa", {"duty_phone": "0200 000 113"}, by=MACHINE
    )
    (told,) = await town.talk("web").says("/nguoi")
    assert told.text.index("113") < told.text.index("cán bộ")
    assert "0200 000 113" in told.text
    assert "/huy" in told.text
    assert "/togiac" in told.text


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        # It is noon on a Sunday there.
        (HOURS, "07:30 ngày 23/11/2026"),
        ("Hằng ngày 6h-22h", "Đang trong giờ làm việc"),
        ("gọi trước khi đến", "gọi trước khi đến"),
        ("", "Cán bộ sẽ xem trong giờ làm việc."),
    ],
)
async def test_it_is_said_when_somebody_looks(town: Town, hours: str, told: str) -> None:
    await answering(town)
    await town.units.set_contacts(town.commune.id, "Xã Bịa", {"office_hours": hours}, by=MACHINE)
    (asked,) = await town.talk("web").says("/nguoi")
    assert told in asked.text


async def test_what_is_written_goes_to_the_officers_and_the_bot_is_silent(town: Town) -> None:
    talk, officer = await handed_over(town)
    for said in (QUESTION, "xin chào", MURMUR, "12"):
        assert await talk.says(said) == []
    (opened,) = await inbox(town, officer)
    assert words(opened) == [QUESTION, "xin chào", MURMUR, "12"]
    assert opened.waiting.handover.reason is HandoverReason.ASKED


@pytest.mark.parametrize("word", ["/khancap", "/trogiup", "/batdau", "/dulieu", "/thamgia"])
async def test_words_typed_on_purpose_still_work(town: Town, word: str) -> None:
    talk, officer = await handed_over(town)
    assert await talk.says(word) != []
    (opened,) = await inbox(town, officer)
    assert words(opened) == []


async def test_danger_is_answered_at_once_and_not_passed_on(town: Town) -> None:
    talk, officer = await handed_over(town)
    first, *_ = await talk.says(FIRE)
    assert "114" in first.text
    # The person may send it as a tip in a moment: it stands in no officer's inbox.
    assert await talk.says("em ở cuối ngõ") == []
    (opened,) = await inbox(town, officer)
    assert words(opened) == ["em ở cuối ngõ"]


async def test_a_tip_can_be_written_and_nothing_of_it_reaches_the_inbox(town: Town) -> None:
    await town.founded()
    talk, officer = await handed_over(town)
    await talk.says("/togiac")
    for said in ("~tip_go", "crime"):
        await talk.taps(said)
    for said in ("Có người bán ma túy", "Đầu ngõ 12", "/boqua", "/boqua", "/boqua"):
        await talk.says(said)
    (opened,) = await inbox(town, officer)
    assert words(opened) == []


@pytest.mark.parametrize("place", ["tip: what", "tip: where"])
async def test_nobody_is_asked_into_the_chat_of_a_tip(town: Town, place: str) -> None:
    officer = await answering(town)
    talk = await led(town, place, "web")
    before = await talk.step()
    contacts, why = await talk.says("/nguoi")
    assert "113" in contacts.text
    assert "/huy" in why.text
    assert (await talk.step()).question == before.question
    assert await inbox(town, officer) == []


async def test_words_for_a_tip_that_ran_out_are_not_passed_on(town: Town) -> None:
    talk, officer = await handed_over(town)
    await talk.says("/togiac")
    town.clock.advance(31 * 60)
    assert await talk.says("ở sau chợ ấy") != []
    (opened,) = await inbox(town, officer)
    assert words(opened) == []


async def test_asking_again_tells_that_it_was_asked(town: Town) -> None:
    talk, officer = await handed_over(town)
    (still,) = await talk.says("/nguoi")
    assert "đang chờ cán bộ" in still.text
    assert len(await inbox(town, officer)) == 1


async def test_the_way_back_is_one_word(town: Town) -> None:
    talk, officer = await handed_over(town)
    await talk.says("cho em hỏi")
    (left,) = await talk.says("/huy")
    assert "/nguoi" in left.text
    assert await talk.says(QUESTION) != []
    (closed,) = await inbox(town, officer, is_closed=True)
    assert closed.waiting.handover.state is HandoverState.LEFT


async def test_stopping_a_dialogue_does_not_send_the_officers_away(town: Town) -> None:
    talk, officer = await handed_over(town)
    await talk.says("/togiac")
    await talk.says("/huy")
    assert await talk.says("em đây ạ") == []
    assert len(await inbox(town, officer)) == 1


# --- words not understood ----------------------------------------------------------------------


def offers_a_person(replies: list[Outgoing]) -> bool:
    return "/nguoi" in {choice.word for reply in replies for choice in reply.choices}


async def test_the_second_miss_in_a_row_offers_a_person_and_the_third_asks_for_one(
    town: Town,
) -> None:
    officer = await answering(town)
    talk = town.talk("web")
    assert await talk.says(MURMUR) != []
    assert offers_a_person(await talk.says(MURMUR))
    assert await inbox(town, officer) == []
    (told,) = await talk.says(MURMUR)
    assert "chuyển câu vừa rồi cho cán bộ" in told.text
    (opened,) = await inbox(town, officer)
    assert words(opened) == [MURMUR]
    assert opened.waiting.handover.reason is HandoverReason.MISSED


async def test_what_is_understood_between_ends_the_count(town: Town) -> None:
    officer = await answering(town)
    talk = town.talk("web")
    for said in (MURMUR, MURMUR, QUESTION, MURMUR, MURMUR):
        await talk.says(said)
    assert await inbox(town, officer) == []


async def test_a_count_older_than_half_an_hour_is_forgotten(town: Town) -> None:
    officer = await answering(town)
    talk = town.talk("web")
    for _ in range(2):
        await talk.says(MURMUR)
    town.clock.advance(31 * 60)
    assert await talk.says(MURMUR) != []
    assert await inbox(town, officer) == []


async def test_without_officers_nobody_is_kept_waiting(town: Town) -> None:
    await answering(town, Role.VIEWER)
    talk = town.talk("web")
    (contacts,) = await talk.says("/nguoi")
    assert "113" in contacts.text
    for _ in range(4):
        assert await talk.says(MURMUR) != []


async def test_a_group_is_not_handed_over(town: Town) -> None:
    officer = await answering(town)
    talk = town.talk("telegram", "group", is_group=True)
    for said in ("/nguoi", MURMUR, MURMUR, MURMUR):
        await talk.says(said)
    assert await inbox(town, officer) == []


# --- answers that offer a person -----------------------------------------------------------------


async def test_an_answer_offers_a_person_who_is_asked_at_a_tap(town: Town) -> None:
    officer = await answering(town)
    talk = town.talk("web")
    *_, last = await talk.says("chồng đánh vợ thì báo ai")
    choice = last.choices[0]
    assert choice.label == "Nhắn cho cán bộ"
    assert await inbox(town, officer) == []
    assert await talk.taps(choice.word) != []
    (opened,) = await inbox(town, officer)
    assert opened.waiting.handover.reason is HandoverReason.TOPIC
    assert words(opened) == ["Tôi muốn hỏi cán bộ về: Bạo lực gia đình."]


# --- pictures, and what somebody else answers ---------------------------------------------------


async def test_officers_read_words_only_and_that_is_said(town: Town) -> None:
    talk, officer = await handed_over(town, "telegram")
    picture = Media(kind=MediaKind.PICTURE, handle="x")
    (told,) = await talk.shows(picture)
    assert "chỉ đọc được chữ" in told.text
    (told,) = await talk.shows(picture, caption="đây ạ")
    assert "chỉ đọc được chữ" in told.text
    (opened,) = await inbox(town, officer)
    assert words(opened) == ["đây ạ"]


async def test_an_officer_is_not_buried(town: Town) -> None:
    talk, officer = await handed_over(town)
    said = 0
    while await talk.says(f"câu {said}") == []:
        said += 1
    assert said == 50
    (opened,) = await inbox(town, officer)
    await town.handovers.desk.answer(opened.waiting.handover.id, officer, "Chào chị.")
    assert await talk.says("dạ") == []


async def test_whoever_has_their_data_deleted_leaves_no_word(town: Town) -> None:
    talk, officer = await handed_over(town)
    await talk.says("em tên là")
    shown = await talk.says("/dulieu")
    assert any("14 ngày" in one.text for one in shown)
    for _ in range(2):
        *_, last = shown
        shown = await talk.taps(last.choices[0].word)
    assert await inbox(town, officer) == []
    assert await talk.says(QUESTION) != []


async def test_blocking_the_bot_does_no_harm(town: Town) -> None:
    talk, officer = await handed_over(town)
    assert await talk.says("", IncomingKind.STOPPED) == []
    assert len(await inbox(town, officer)) == 1
