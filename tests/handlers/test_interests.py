"""Choosing topics: what is ticked is kept at once, and nothing else stops coming."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import PersonId
from bot.core.languages import Language
from bot.core.messages import IncomingKind, Outgoing, with_numbered_choices
from bot.core.text import fold
from content.words import CommandKey
from handlers.interests import DONE, DROP_ALL, OFF, ON, picked
from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.one_book import the_book

OFFERED = list(the_book().interests)
LABELS = {key: one.label[Language.VI] for key, one in the_book().interests.items()}
LONGEST_MESSAGE = 600


async def joined(town: Town, channel: str = "web") -> tuple[Talk, PersonId]:
    talk = town.talk(channel)
    person = await town.member(channel, talk.chat)
    return talk, person.id


async def chosen_by(town: Town, person_id: PersonId) -> set[str]:
    async with town.storage.read() as work:
        return set(await work.people.interests(person_id))


async def said(talk: Talk, *lines: str) -> Outgoing:
    """Say or tap one line after the other; return the last answer."""
    answers: list[Outgoing] = []
    for line in lines:
        is_tap = line.startswith("~")
        answers = await talk.says(line, IncomingKind.CHOICE if is_tap else IncomingKind.TEXT)
    (answer,) = answers
    return answer


def words(message: Outgoing) -> list[str]:
    return [choice.word for choice in message.choices]


@pytest.mark.parametrize("channel", ["web", "telegram", "zalo"])
async def test_from_the_word_to_done(town: Town, channel: str) -> None:
    talk, person_id = await joined(town, channel)
    asked = await said(talk, "/chude")
    assert "Thông báo chung và tin khẩn thì bà con luôn nhận được." in asked.text
    assert "Bà con chưa chọn chủ đề nào." in asked.text
    assert words(asked) == [*(ON + key for key in OFFERED), DONE, "/quaylai"]
    ticked = await said(talk, "~topic_on_fire_safety")
    assert ticked.text.startswith("Đã thêm: Phòng cháy, chữa cháy.")
    assert words(ticked)[1] == "~topic_off_fire_safety"
    assert ticked.choices[1].label == "✓ Phòng cháy, chữa cháy"
    assert words(ticked)[-1] == DROP_ALL
    await said(talk, "~topic_on_online_scam")
    done = await said(talk, DONE)
    first_line = "Đã xong. Bà con sẽ có thêm tin về: Lừa đảo trên mạng; Phòng cháy, chữa cháy."
    assert done.text.startswith(first_line)
    assert await chosen_by(town, person_id) == {"fire_safety", "online_scam"}
    assert (await talk.step()).dialogue == ""


async def test_whoever_has_not_joined_is_led_there(town: Town) -> None:
    talk = town.talk()
    answer = await said(talk, "/chude")
    assert "/thamgia" in answer.text
    assert words(answer) == ["/thamgia"]
    await said(talk, "1")
    assert (await talk.step()).dialogue == "join"


async def test_whoever_left_is_led_to_join_again(town: Town) -> None:
    talk, person_id = await joined(town)
    await said(talk, "/chude", "/roinhom")
    assert words(await said(talk, "/chude")) == ["/thamgia"]
    assert await chosen_by(town, person_id) == set()


async def test_somebody_forgotten_meanwhile_is_led_to_join_again(town: Town) -> None:
    talk, _ = await joined(town)
    await said(talk, "/chude")
    async with town.storage.begin() as work:
        await town.people.delete(work, talk.incoming("").address)
        await work.commit()
    assert words(await said(talk, "~topic_on_traffic")) == ["/thamgia"]


async def test_joining_tells_of_the_word_once_and_moving_does_not(town: Town) -> None:
    talk = town.talk()
    first = await said(talk, f"/thamgia {town.hamlet.join_code}", "~agree")
    moved = await said(talk, f"/thamgia {town.elsewhere.join_code}", "~agree")
    assert [answer.text.count("/chude") for answer in (first, moved)] == [1, 0]


# --- ticking -----------------------------------------------------------------------------------


async def test_a_tick_is_kept_at_once_and_a_double_tap_changes_nothing(town: Town) -> None:
    talk, person_id = await joined(town)
    await said(talk, "/chude", "~topic_on_traffic", "~topic_on_traffic")
    assert await chosen_by(town, person_id) == {"traffic"}
    dropped = await said(talk, "~topic_off_traffic", "~topic_off_traffic")
    assert dropped.text.startswith("Đã bỏ: An toàn giao thông.")
    assert await chosen_by(town, person_id) == set()


async def test_dropping_all_takes_one_choice(town: Town) -> None:
    talk, person_id = await joined(town)
    dropped = await said(talk, "/chude", "1 2 3", DROP_ALL)
    assert dropped.text.startswith("Đã bỏ hết các chủ đề.")
    assert DROP_ALL not in words(dropped)
    assert await chosen_by(town, person_id) == set()
    done = await said(talk, "Xong")
    assert done.text.startswith("Đã xong. Bà con không chọn chủ đề nào.")


async def test_what_stands_in_the_database_under_no_label_is_dropped_with_the_rest(
    town: Town,
) -> None:
    talk, person_id = await joined(town)
    async with town.storage.begin() as work:
        await work.people.set_interests(person_id, ["long_gone", "traffic"])
        await work.commit()
    await said(talk, "/chude", DROP_ALL)
    assert await chosen_by(town, person_id) == set()


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("3", {"traffic"}),
        ("1, 3", {"online_scam", "traffic"}),
        ("1 3 1", {"online_scam", "traffic"}),
        ("1;3.", {"online_scam", "traffic"}),
        ("an toan giao thong", {"traffic"}),
        ("Phòng cháy, chữa cháy.", {"fire_safety"}),
        ("road safety", {"traffic"}),
    ],
)
async def test_numbers_and_labels_typed_by_hand_tick(
    town: Town, typed: str, chosen: set[str]
) -> None:
    talk, person_id = await joined(town, "zalo")
    await said(talk, "/chude", typed)
    assert await chosen_by(town, person_id) == chosen
    await said(talk, typed)
    assert await chosen_by(town, person_id) == set()


async def test_numbers_may_end_with_done(town: Town) -> None:
    talk, person_id = await joined(town, "zalo")
    done = await said(talk, "/chude", f"2 3 {len(OFFERED) + 1}")
    assert done.text.startswith("Đã xong.")
    assert await chosen_by(town, person_id) == {"fire_safety", "traffic"}


@pytest.mark.parametrize("typed", ["0", "99", "1 99", "1 10", "~agree", "~topic_on_x", "~"])
async def test_what_leads_nowhere_changes_nothing_and_is_asked_again(
    town: Town, typed: str
) -> None:
    talk, person_id = await joined(town)
    again = await said(talk, "/chude", typed)
    assert again.text.startswith("Bà con chọn một trong các mục dưới đây giúp nhé.")
    assert await chosen_by(town, person_id) == set()
    assert (await talk.step()).question == "choose"


async def test_dropping_all_beside_others_is_asked_again(town: Town) -> None:
    talk, person_id = await joined(town)
    again = await said(talk, "/chude", "1", f"2 {len(OFFERED) + 3}")
    assert again.text.startswith("Bà con chọn một trong các mục")
    assert await chosen_by(town, person_id) == {"online_scam"}


async def test_a_question_in_between_is_answered_and_the_list_still_stands(town: Town) -> None:
    talk, person_id = await joined(town)
    await said(talk, "/chude")
    (answer, *_) = await talk.says("báo cháy gọi số nào")
    assert "114" in answer.text
    await said(talk, "3")
    assert await chosen_by(town, person_id) == {"traffic"}


@pytest.mark.parametrize("word", ["/huy", "/boqua", "~topics_done"])
async def test_stopping_keeps_what_was_ticked_and_says_so(town: Town, word: str) -> None:
    talk, person_id = await joined(town)
    ended = await said(talk, "/chude", "~topic_on_traffic", word)
    assert ended.text.startswith("Đã xong. Bà con sẽ có thêm tin về: An toàn giao thông.")
    assert await chosen_by(town, person_id) == {"traffic"}
    assert (await talk.step()).dialogue == ""


async def test_back_leads_to_the_menu(town: Town) -> None:
    talk, person_id = await joined(town)
    menu = await said(talk, "/chude", "~topic_on_traffic", "quay lại")
    assert menu.text.startswith("Chào bà con!")
    assert await chosen_by(town, person_id) == {"traffic"}
    assert (await talk.step()).dialogue == ""


async def test_a_turn_that_is_repeated_does_the_same(town: Town) -> None:
    talk, person_id = await joined(town)
    await said(talk, "/chude")
    tap = talk.incoming("~topic_on_traffic", IncomingKind.CHOICE)
    for _ in range(2):
        await town.reception().receive([tap])
        while await town.conversations().step():
            pass
    (answer,) = await town.outbox()
    assert answer.text.startswith("Đã thêm: An toàn giao thông.")
    assert await chosen_by(town, person_id) == {"traffic"}


# --- danger ------------------------------------------------------------------------------------


async def test_danger_comes_first_and_what_was_ticked_stays(town: Town) -> None:
    talk, person_id = await joined(town)
    await said(talk, "/chude", "~topic_on_fire_safety")
    for cry in ("cháy nhà rồi cứu với", "3 cháy nhà rồi cứu với", "/chude cháy nhà rồi cứu với"):
        (answer,) = await talk.says(cry)
        assert answer.text.startswith("114")
        assert answer.choices[0].phone == "114"
    assert await chosen_by(town, person_id) == {"fire_safety"}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", OFFERED)
async def test_a_label_typed_by_hand_is_no_danger_and_no_other_word(
    town: Town, key: str, language: Language
) -> None:
    label = the_book().interests[key].label[language]
    command = the_book().command(label)
    assert command is None or command.key is CommandKey.INTERESTS
    talk, person_id = await joined(town)
    await said(talk, "/chude", label)
    assert await chosen_by(town, person_id) == {key}
    await said(talk, label)
    assert await chosen_by(town, person_id) == set()


# --- what is stored ----------------------------------------------------------------------------


async def test_what_was_chosen_is_shown_with_the_rest_and_deleted_with_it(town: Town) -> None:
    talk, person_id = await joined(town)
    _, before = await talk.says("/dulieu")
    assert "Chủ đề đã chọn: Không" in before.text
    await said(talk, "/chude", "1 2", DONE)
    _, stored = await talk.says("/dulieu")
    assert "Chủ đề đã chọn: Lừa đảo trên mạng; Phòng cháy, chữa cháy" in stored.text
    await said(talk, "~delete", "~delete_indeed")
    assert await chosen_by(town, person_id) == set()


async def test_withdrawing_on_the_platform_forgets_the_topics_too(town: Town) -> None:
    talk, person_id = await joined(town, "zalo")
    await said(talk, "/chude", "1")
    assert await talk.says("", IncomingKind.WITHDREW) == []
    assert await chosen_by(town, person_id) == set()


# --- sizes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
async def test_every_message_is_short_with_everything_chosen(
    town: Town, language: Language
) -> None:
    talk = town.talk("zalo", language=language)
    agreed = await said(talk, f"/thamgia {town.hamlet.join_code}", "~agree")
    everything = " ".join(str(place) for place in range(1, len(OFFERED) + 1))
    shown = await said(talk, "/chude")
    answers = [agreed, shown, *[await said(talk, one) for one in (everything, "/chude", "99")]]
    answers += await talk.says("/dulieu")
    answers += [await said(talk, "/chude", DONE), await said(talk, "/chude", DROP_ALL)]
    for answer in answers:
        assert 0 < len(with_numbered_choices(answer)) <= LONGEST_MESSAGE, answer.text


# --- reading what was typed --------------------------------------------------------------------

WORDS_OFFERED = [*(ON + key for key in OFFERED), DONE, "/quaylai", DROP_ALL, ""]
FOLDED = {fold(label): key for key, label in LABELS.items()}


@given(said=st.text(max_size=40) | st.text("0123456789 ,.;+&~\n", max_size=20))
def test_whatever_is_typed_leads_to_words_of_ours_or_is_left_to_others(said: str) -> None:
    found = picked(said, offered=WORDS_OFFERED, labels=FOLDED)
    if found is None:
        return
    if said.startswith("~"):
        assert found == (said,)
        return
    assert set(found) <= {word for word in WORDS_OFFERED if word.startswith("~")}
    assert len(set(found)) == len(found)


@given(
    places=st.lists(st.integers(1, len(OFFERED)), min_size=1, max_size=8),
    between=st.sampled_from([" ", ", ", ",", "; ", " + ", ". ", "\n"]),
)
def test_numbers_lead_to_what_stands_beside_them(places: list[int], between: str) -> None:
    typed = between.join(str(place) for place in places)
    found = picked(typed, offered=WORDS_OFFERED, labels=FOLDED)
    assert found == tuple(dict.fromkeys(ON + OFFERED[place - 1] for place in places))


@given(
    key=st.sampled_from(OFFERED), is_chosen=st.booleans(), edge=st.sampled_from(["", ".", " !"])
)
def test_a_label_asks_for_the_other_way_round(key: str, is_chosen: bool, edge: str) -> None:  # noqa: FBT001 - a case of the table
    word = (OFF if is_chosen else ON) + key
    found = picked(LABELS[key].upper() + edge, offered=[word, DONE], labels=FOLDED)
    assert found == (word,)


@pytest.mark.parametrize("said", ["0912 000 111", "ngày 20/10", "113 114", "²", "", "mấy giờ họp"])
def test_other_talk_is_no_choice(said: str) -> None:
    assert picked(said, offered=WORDS_OFFERED, labels=FOLDED) is None
