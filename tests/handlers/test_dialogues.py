"""The dialogues of residents, turn by turn."""

from dataclasses import replace

import pytest

from bot.core.ids import ChannelId
from bot.core.messages import IncomingKind, Outgoing
from bot.core.people import Person, PersonState
from bot.core.tips import TipState
from bot.vault import crockford
from tests.builders.talk import Talk
from tests.builders.town import Town

WHAT = "Có người bán hàng lạ ở đầu ngõ"
# Where, when, pictures, and whether officers may ask back.
SKIPS = ["/boqua"] * 4
PHONE = "0912 000 111"


async def person_of(talk: Talk) -> Person | None:
    async with talk.town.storage.read() as work:
        return await work.people.find(talk.channel_id, talk.chat)


async def said(talk: Talk, *lines: str) -> list[Outgoing]:
    """Say or tap one line after the other; return the last answer."""
    answers: list[Outgoing] = []
    for line in lines:
        is_tap = line.startswith("~")
        answers = await talk.says(line, IncomingKind.CHOICE if is_tap else IncomingKind.TEXT)
    return answers


def labels(message: Outgoing) -> list[str]:
    return [choice.label for choice in message.choices]


# --- tips --------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["web", "telegram", "zalo"])
async def test_a_tip_from_card_to_receipt(town: Town, channel: str) -> None:
    await town.founded()
    talk = town.talk(channel)
    (card,) = await said(talk, "/togiac")
    assert "ai thấy gì" in card.text
    assert any(choice.url for choice in card.choices) == (channel != "web")
    (asked,) = await said(talk, "~tip_start")
    assert len(asked.choices) == 11 + 1 + 2
    await said(talk, "~tip_drugs", WHAT, "Đầu ngõ 5")
    (asked,) = await said(talk, "tối qua")
    assert asked.text.startswith("Có ảnh thì")
    (asked,) = await said(talk, "không có")
    assert labels(asked)[:2] == ["Không cần", "Có, hỏi lại ở đây"]
    (review,) = await said(talk, "/boqua")
    assert all(part in review.text for part in (WHAT, "Đầu ngõ 5", "tối qua", "Ma túy"))
    assert review.is_secret
    (sent,) = await said(talk, "~tip_send")
    assert sent.is_secret
    assert (await talk.step()).dialogue == ""
    receipt = sent.text.split("\n")[1]
    (status,) = await said(talk, f"/theodoi {receipt.lower()}")
    assert "Đã nhận, đang chờ cán bộ xem." in status.text


async def test_numbers_and_labels_typed_by_hand_are_taken_for_buttons(town: Town) -> None:
    await town.founded()
    talk = town.talk()
    await said(
        talk, "/togiac", "BẮT ĐẦU BÁO TIN", "4", WHAT, "1", "bo qua", "đi tiếp", "Không cần"
    )
    step = await talk.step()
    assert (step.question, step.gathered) == ("review", {"category": "drugs", "what": WHAT})


async def test_a_telephone_number_is_never_taken_for_a_choice(town: Town) -> None:
    talk = town.talk()
    await said(talk, "/togiac", "1", "0123456789")
    assert (await talk.step()).gathered.get("category") != "mediation"


async def test_whoever_tells_at_once_need_not_pick_a_category(town: Town) -> None:
    talk = town.talk()
    await said(talk, "/togiac", "~tip_start", WHAT)
    assert (await talk.step()).gathered == {"category": "crime", "what": WHAT}


@pytest.mark.parametrize(
    ("at", "before"),
    [
        (["/togiac"], "card"),
        (["/togiac", "1"], "card"),
        (["/togiac", "1", "1"], "category"),
        (["/togiac", "1", "1", WHAT], "what"),
        (["/togiac", "1", "1", WHAT, "/boqua"], "where"),
        (["/togiac", "1", "1", WHAT, "/boqua", "/boqua"], "when"),
        (["/togiac", "1", "1", WHAT, *["/boqua"] * 3], "pictures"),
        (["/togiac", "1", "1", WHAT, *["/boqua"] * 4], "contact"),
        (["/togiac", "1", "1", f"Gọi tôi số {PHONE} nhé"], "what"),
    ],
)
async def test_back_asks_the_question_before(town: Town, at: list[str], before: str) -> None:
    talk = town.talk()
    await said(talk, *at, "/quaylai")
    assert (await talk.step()).question == before


async def test_what_cannot_be_skipped_is_asked_again(town: Town) -> None:
    talk = town.talk()
    await said(talk, "/togiac", "1", "1", "/boqua")
    assert (await talk.step()).question == "what"


async def test_skipping_at_the_warning_asks_the_same_question_again(town: Town) -> None:
    talk = town.talk()
    (asked,) = await said(talk, "/togiac", "1", "1", f"Gọi tôi số {PHONE} nhé", "/boqua")
    assert asked.text.startswith("Chuyện gì đã xảy ra?")
    step = await talk.step()
    assert (step.question, step.gathered) == ("what", {"category": "crime"})


async def test_a_picture_at_the_warning_asks_the_same_question_again(town: Town) -> None:
    talk = town.talk()
    await said(talk, "/togiac", "1", "1", f"Gọi tôi số {PHONE} nhé")
    refused, asked = await talk.says("", IncomingKind.MEDIA)
    assert refused.text.startswith("Ở đây nhận ảnh")
    assert asked.text.startswith("Chuyện gì đã xảy ra?")
    assert (await talk.step()).question == "what"


@pytest.mark.parametrize("word", ["/huy", "hủy", "thoát", "DỪNG LẠI"])
async def test_cancelling_forgets_the_draft(town: Town, word: str) -> None:
    talk = town.talk()
    (answer,) = await said(talk, "/togiac", "1", "1", WHAT, word)
    assert answer.text.startswith("Đã dừng.")
    assert (await talk.step()).gathered == {}


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("ngắn", "Bà con kể thêm một chút giúp"),
        ("x" * 3_001, "Phần này dài quá"),
        ("😀", "Bà con kể thêm một chút giúp"),
        ("\u200f\u202e", "Ở đây chương trình chỉ đọc được chữ"),
        ("\x00\x00", "Ở đây chương trình chỉ đọc được chữ"),
    ],
)
async def test_what_is_too_short_or_too_long_is_asked_again(
    town: Town, text: str, begins: str
) -> None:
    talk = town.talk()
    (answer,) = await said(talk, "/togiac", "1", "1", text)
    assert answer.text.startswith(begins)
    assert (await talk.step()).question == "what"


async def test_what_may_reveal_the_writer_is_asked_about_and_kept_only_on_their_word(
    town: Town,
) -> None:
    talk = town.talk()
    (warned,) = await said(talk, "/togiac", "1", "1", f"Gọi tôi số {PHONE} nhé")
    assert PHONE in warned.text
    assert warned.is_secret
    (asked,) = await said(talk, "~tip_keep")
    assert asked.text.startswith("Ở đâu?")
    assert (await talk.step()).gathered["what"] == f"Gọi tôi số {PHONE} nhé"


async def test_what_may_reveal_the_writer_can_be_written_anew(town: Town) -> None:
    talk = town.talk()
    await said(talk, "/togiac", "1", "1", f"Gọi tôi số {PHONE} nhé", WHAT)
    assert (await talk.step()).gathered == {"category": "crime", "what": WHAT}


async def test_a_tip_nobody_could_read_is_not_taken(town: Town) -> None:
    talk = town.talk()
    (answer,) = await said(talk, "/togiac", "1", "1", WHAT, *SKIPS, "~tip_send")
    assert answer.text.startswith("Đơn vị chưa sẵn sàng nhận tin")
    assert (await talk.step()).gathered["what"] == WHAT


async def test_the_review_is_sent_once_however_often_it_is_tapped(town: Town) -> None:
    await town.founded()
    talk = town.talk()
    await said(talk, "/togiac", "1", "1", WHAT, *SKIPS)
    await said(talk, "~tip_send", "~tip_send", "~tip_send")
    assert len(await town.reading.queue.metadata(town.commune, by="test")) == 1


async def test_a_question_button_tapped_in_between_does_not_lose_the_draft(town: Town) -> None:
    talk = town.talk()
    await said(talk, "/togiac", "1", "1", WHAT)
    before = await talk.step()
    await talk.taps("?fire_safety")
    after = await talk.step()
    assert (after.question, after.gathered) == (before.question, before.gathered)


# --- following ---------------------------------------------------------------------------------


async def test_guessing_receipts_is_slowed_down(town: Town) -> None:
    await town.founded()
    writer = town.talk(chat="writer")
    (sent,) = await said(writer, "/togiac", "1", "1", WHAT, *SKIPS, "~tip_send")
    receipt = town.vault.receipts.parse(sent.text.split("\n")[1])
    guess = wrong_receipt(town, receipt.locator)
    talk = town.talk(chat="guesser")
    answers = [(await said(talk, f"/theodoi {guess}"))[0].text for _ in range(6)]
    assert [text.startswith("Không tìm thấy") for text in answers] == [True] * 5 + [False]
    assert answers[5].startswith("Mã đã bị thử sai nhiều lần.")


def wrong_receipt(town: Town, locator: str) -> str:
    """Return a well-formed receipt that begins like another."""
    signs = locator + "0" * 19
    return signs + crockford.check_sign(signs, start=1)


@pytest.mark.parametrize("state", TipState)
async def test_every_state_can_be_said(town: Town, state: TipState) -> None:
    await town.founded()
    talk = town.talk()
    (sent,) = await said(talk, "/togiac", "1", "1", WHAT, *SKIPS, "~tip_send")
    (tip,) = await town.reading.queue.metadata(town.commune, by="test")
    async with town.storage.begin() as work:
        await work.tips.save(replace(tip, state=state))
        await work.commit()
    (status,) = await said(talk, f"/theodoi {sent.text.splitlines()[1]}")
    assert "22/11/2026" in status.text
    assert status.is_secret


# --- joining and leaving -----------------------------------------------------------------------


async def test_joining_asks_for_the_code_then_for_consent(town: Town) -> None:
    talk = town.talk()
    code = town.hamlet.join_code
    (asked,) = await said(talk, "/thamgia", code.lower())
    assert labels(asked) == ["Đồng ý", "Không đồng ý"]
    assert await person_of(talk) is None
    (joined,) = await said(talk, "đồng ý")
    assert joined.text.startswith("Cảm ơn bà con.")
    person = await person_of(talk)
    assert person is not None
    assert (person.unit_id, person.consent) == (town.hamlet.id, "join.ask_consent:3")


@pytest.mark.parametrize(
    "answer", ["ừ", "ok", "được", "vâng", "không", "đồng ý à?", "3", "/boqua"]
)
async def test_only_a_clear_yes_is_consent(town: Town, answer: str) -> None:
    talk = town.talk()
    await said(talk, f"/thamgia {town.hamlet.join_code}", answer)
    assert await person_of(talk) is None


async def test_a_question_in_between_leaves_the_consent_standing(town: Town) -> None:
    talk = town.talk()
    await said(talk, f"/thamgia {town.hamlet.join_code}")
    (answer, *_) = await said(talk, "báo cháy gọi số nào")
    assert "114" in answer.text
    await said(talk, "~agree")
    assert await person_of(talk) is not None


async def test_an_unknown_code_can_be_typed_again(town: Town) -> None:
    talk = town.talk()
    (answer,) = await said(talk, "/thamgia ZZZZZZ")
    assert "ZZZZZZ" in answer.text
    (asked,) = await said(talk, town.hamlet.join_code)
    assert labels(asked) == ["Đồng ý", "Không đồng ý"]


async def test_a_second_join_moves_and_a_third_says_so(town: Town) -> None:
    talk = town.talk()
    await said(talk, f"/thamgia {town.hamlet.join_code}", "~agree")
    (joined,) = await said(talk, f"/thamgia {town.elsewhere.join_code}", "~agree")
    assert joined.text.startswith("Bà con đã chuyển sang")
    (known,) = await said(talk, f"/thamgia {town.elsewhere.join_code}")
    assert known.text.startswith("Bà con đã tham gia")
    person = await person_of(talk)
    assert person is not None
    assert person.unit_id == town.elsewhere.id


async def test_leaving_takes_one_word_and_a_second_changes_nothing(town: Town) -> None:
    talk = town.talk()
    await town.member("web", talk.chat)
    (left,) = await said(talk, "rời nhóm")
    assert left.text.startswith("Bà con đã thôi nhận thông báo.")
    (again,) = await said(talk, "/roinhom")
    assert again.text.startswith("Bà con chưa tham gia đơn vị nào.")
    person = await person_of(talk)
    assert person is not None
    assert person.state is PersonState.LEFT


async def test_whoever_blocked_the_bot_is_reached_again_when_they_write(town: Town) -> None:
    talk = town.talk("telegram")
    await town.member("telegram", talk.chat)
    assert await talk.says("", IncomingKind.STOPPED) == []
    person = await person_of(talk)
    assert person is not None
    assert person.state is PersonState.UNREACHABLE
    await said(talk, "xin chào")
    person = await person_of(talk)
    assert person is not None
    assert person.state is PersonState.JOINED


async def test_whoever_blocked_the_bot_can_leave_with_the_first_word(town: Town) -> None:
    talk = town.talk("telegram")
    await town.member("telegram", talk.chat)
    await talk.says("", IncomingKind.STOPPED)
    await said(talk, "/roinhom")
    person = await person_of(talk)
    assert person is not None
    assert person.state is PersonState.LEFT


# --- what is stored ----------------------------------------------------------------------------


async def test_deleting_takes_two_different_taps(town: Town) -> None:
    talk = town.talk()
    await town.member("web", talk.chat)
    notice, stored = await said(talk, "/dulieu")
    assert "quyền xem, sửa, xóa" in notice.text
    assert "Tổ 1 Bịa" in stored.text
    first = stored.choices[0].word
    (sure,) = await talk.taps(first)
    (again,) = await talk.taps(first)
    assert await person_of(talk) is not None
    assert sure.text == again.text
    (deleted,) = await talk.taps(sure.choices[0].word)
    assert deleted.text.startswith("Đã xóa.")
    assert await person_of(talk) is None
    (nothing, _) = await said(talk, "/dulieu")
    assert nothing.text.startswith("Chúng tôi không lưu gì về bà con.")


async def test_withdrawing_on_the_platform_deletes(town: Town) -> None:
    talk = town.talk("zalo")
    await town.member("zalo", talk.chat)
    assert await talk.says("", IncomingKind.WITHDREW) == []
    assert await person_of(talk) is None


async def test_skipping_or_cancelling_deletes_nothing(town: Town) -> None:
    talk = town.talk()
    await town.member("web", talk.chat)
    await said(talk, "/dulieu", "~delete", "/boqua")
    assert await person_of(talk) is not None
    assert (await talk.step()).dialogue == ""


# --- the pledge --------------------------------------------------------------------------------


async def test_the_pledge_is_signed_once_with_the_day_where_people_live(town: Town) -> None:
    talk = town.talk()
    await town.member("web", talk.chat)
    town.clock.advance(13 * 3600)  # noon in UTC is already the next day in Việt Nam
    (asked,) = await said(talk, "/camket")
    assert labels(asked) == ["Hộ tôi cam kết", "Để sau"]
    (signed,) = await said(talk, "~sign")
    assert "23/11/2026" in signed.text
    town.clock.advance(48 * 3600)
    _, known = await said(talk, "/camket")
    assert "23/11/2026" in known.text


async def test_only_members_sign(town: Town) -> None:
    text, need = await said(town.talk(), "/camket")
    assert "cam kết" in text.text
    assert need.text.startswith("Bà con cần tham gia nhóm")


@pytest.mark.parametrize("answer", ["~not_now", "/boqua", "~agree"])
async def test_anything_but_the_signature_signs_nothing(town: Town, answer: str) -> None:
    talk = town.talk()
    await town.member("web", talk.chat)
    await said(talk, "/camket", answer)
    person = await person_of(talk)
    assert person is not None
    assert person.pledged_at is None


async def test_members_of_one_channel_are_strangers_on_another(town: Town) -> None:
    await town.member("web", "chat-1")
    assert await person_of(Talk(town, ChannelId("zalo"), "chat-1")) is None
