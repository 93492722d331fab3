"""A message somebody was sent is looked at, however it is brought, and never called safe."""

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.zalo.rendering import TITLE_LIMIT
from bot.core.languages import Language
from bot.core.messages import IncomingKind, Media, MediaKind, Outgoing
from bot.services.answers.scams import ScamCheck
from content.wording import MESSAGE_MAX_CHARACTERS
from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.handlers.test_stepping_back import a_human_writes
from tests.one_book import the_book

BILL: Final = (
    "Điện lực thông báo hộ gia đình còn nợ tiền điện 487.000đ, sẽ cắt điện trước 17h hôm nay. "
    "Thanh toán ngay tại http://evn-thanhtoan.example.top hoặc số 0912345678"
)
HONEST: Final = "Cô nhắc các con mang áo mưa, ngày mai đi dã ngoại, tập trung lúc 6h30 nhé."
TRICK: Final = "giống kiểu lừa: Giả điện lực"
# None of these may ever be said of a message, whatever it is.
CALLED_SAFE: Final = (
    "không phải lừa",
    "tin thật đấy",
    "yên tâm",
    "đáng tin",
    "không sao",
    "is safe",
)


async def passes_on(talk: Talk, text: str) -> list[Outgoing]:
    """Forward somebody else's message."""
    incoming = replace(talk.incoming(text), is_forwarded=True)
    await talk.town.reception().receive([incoming])
    conversations = talk.town.conversations()
    while await conversations.step():
        pass
    return await talk.town.outbox()


def words(message: Outgoing) -> list[str]:
    return [choice.word for choice in message.choices]


@pytest.mark.parametrize("channel", ["web", "telegram", "zalo"])
async def test_a_pasted_message_is_known_by_its_trick(town: Town, channel: str) -> None:
    named, advice = await town.talk(channel).says(BILL)
    assert TRICK in named.text
    assert "dọa cắt điện" in named.text
    assert "hóa đơn" in advice.text
    assert words(advice) == ["?online_scam/money_sent", "?online_scam/bills", "/togiac"]


async def test_it_can_be_asked_for_and_pasted_then(town: Town) -> None:
    talk = town.talk()
    (asked,) = await talk.says("/kiemtra")
    assert "dán" in asked.text
    named, _ = await talk.says(BILL)
    assert TRICK in named.text
    assert (await talk.step()).dialogue == ""


async def test_it_can_stand_behind_the_word(town: Town) -> None:
    named, _ = await town.talk().says(f"/kiemtra {BILL}")
    assert TRICK in named.text


async def test_a_link_into_the_chat_asks_for_it(town: Town) -> None:
    talk = town.talk("telegram")
    await talk.says("kiemtra", IncomingKind.START)
    assert (await talk.step()).dialogue == "scam"


async def test_what_was_passed_on_is_looked_at_though_it_is_like_nothing(town: Town) -> None:
    (answer,) = await passes_on(town.talk("telegram"), HONEST)
    assert "chưa có nghĩa là tin thật" in answer.text
    assert words(answer) == ["?online_scam/money_sent", "/togiac", "/kiemtra"]


async def test_what_was_only_typed_and_is_like_nothing_is_a_question(town: Town) -> None:
    (answer, *_) = await town.talk().says(HONEST)
    assert "kiểu lừa" not in answer.text


@pytest.mark.parametrize(
    "said", ["0912345678", "+1 202 555 0147", "https://example.com", "?", "🙂"]
)
async def test_what_is_on_no_list_is_not_called_safe(town: Town, said: str) -> None:
    talk = town.talk()
    await talk.says("/kiemtra")
    (answer,) = await talk.says(said)
    assert "chưa có nghĩa là tin thật" in answer.text
    assert "113" in answer.text
    # Whether those lines still answer could not be confirmed.
    assert "156" not in answer.text
    assert "5656" not in answer.text


async def test_whoever_has_paid_is_told_to_call_the_bank_first(town: Town) -> None:
    talk = town.talk()
    await talk.says(BILL)
    (answer, *_) = await talk.says("1")
    assert answer.text.startswith("Bà con gọi ngay tổng đài ngân hàng")


async def test_the_way_to_the_police_is_one_tap(town: Town) -> None:
    talk = town.talk()
    await talk.says(BILL)
    await talk.taps("/togiac")
    assert (await talk.step()).dialogue == "tip"


async def test_more_is_read_of_the_trick_that_was_named(town: Town) -> None:
    talk = town.talk()
    await talk.says(BILL)
    (answer, *_) = await talk.taps("?online_scam/bills")
    assert "số in trên hóa đơn" in answer.text


async def test_danger_in_what_was_pasted_leads(town: Town) -> None:
    talk = town.talk()
    await talk.says("/kiemtra")
    first, *rest = await talk.says("nhà em đang cháy to quá cứu với, chuyển khoản vào stk này gấp")
    assert first.text.startswith("114")
    assert rest


async def test_a_trick_made_of_danger_gets_the_number_first_and_is_named(town: Town) -> None:
    first, named, advice = await town.talk().says(
        "Con chị bị tai nạn đang bất tỉnh chảy máu nhiều, cấp cứu mổ gấp ở bệnh viện, "
        "chuyển khoản ngay 30 triệu viện phí vào stk này"
    )
    assert first.text.startswith("115")
    assert "giống kiểu lừa: Báo con, người nhà cấp cứu" in named.text
    assert words(advice)[0] == "?online_scam/money_sent"


async def test_a_cry_of_ones_own_is_no_trick(town: Town) -> None:
    (answer,) = await town.talk().says("con tôi bị tai nạn đang chảy máu nhiều, cứu với")
    assert answer.text.startswith("115")
    assert "~tell" in words(answer)


async def test_a_tip_is_told_in_peace(town: Town) -> None:
    talk = town.talk("web")
    for said in ("/togiac", "~begin", "~scam"):
        await talk.says(said, IncomingKind.CHOICE if said.startswith("~") else IncomingKind.TEXT)
    step = await talk.step()
    assert step.dialogue == "tip"
    for text in (BILL, HONEST):
        for answer in await passes_on(talk, text):
            assert "kiểu lừa" not in answer.text
    assert (await talk.step()).dialogue == "tip"


async def test_a_picture_of_a_message_cannot_be_read_and_it_says_so(town: Town) -> None:
    talk = town.talk("telegram")
    await talk.says("/kiemtra")
    (answer,) = await talk.shows(Media(kind=MediaKind.PICTURE, handle="p"))
    assert "không đọc được ảnh" in answer.text
    named, _ = await talk.shows(Media(kind=MediaKind.PICTURE, handle="p"), caption=BILL)
    assert TRICK in named.text


async def test_a_group_is_led_to_private(town: Town) -> None:
    (answer,) = await town.talk("telegram", chat="g", is_group=True).says("/kiemtra")
    assert "kiemtra" in answer.text
    assert answer.choices == ()


async def test_it_speaks_english_to_those_who_read_it(town: Town) -> None:
    named, advice = await town.talk(language=Language.EN).says(f"/kiemtra {BILL}")
    assert "Fake power or water company" in named.text
    assert advice.choices[0].label == "I sent money or code"


async def test_nothing_of_what_was_pasted_is_said_again_or_kept(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    talk = town.talk()
    answers = await talk.says(BILL)
    step = await talk.step()
    for part in ("0912345678", "example.top", "487.000", "evn-thanhtoan"):
        assert not any(part in answer.text for answer in answers)
        assert part not in repr(dict(step.gathered))
        assert part not in caplog.text


async def test_while_a_human_answers_it_is_left_to_them(town: Town) -> None:
    talk = town.talk("zalo")
    await talk.says("xin chào")
    await a_human_writes(talk)
    assert await talk.says(BILL) == []


def test_labels_fit_the_buttons_of_every_platform() -> None:
    for section, keys in (
        ("scams", ("paid", "more", "report", "another")),
        ("questions", ("check_message", "none_of_these")),
        ("emergency", ("offer_tell", "false_alarm")),
    ):
        for key in keys:
            for language in Language:
                label = the_book().voice(section)(key, language)
                assert len(label) <= TITLE_LIMIT, label


@pytest.mark.parametrize("language", list(Language))
def test_everything_it_can_say_fits_messages_and_calls_nothing_safe(language: Language) -> None:
    check = ScamCheck(the_book())
    signs = tuple(sign for sign in the_book().scams.signs.values() if sign.title)
    longest = sorted(signs, key=lambda one: -len(one.title[language]))[:4]
    unit = {"unit_duty_phone": "0200 000 0000"}
    for pattern in the_book().scams.patterns.values():
        look = replace(check.look(BILL), patterns=(pattern,) * 2, signs=tuple(longest))
        for text in check.says(look, unit=unit, language=language):
            assert len(text) <= MESSAGE_MAX_CHARACTERS
            assert not any(called in text.casefold() for called in CALLED_SAFE)


@given(st.text(max_size=200), st.sampled_from(list(Language)))
def test_whatever_is_pasted_is_never_called_safe(text: str, language: Language) -> None:
    check = ScamCheck(the_book())
    for said in check.says(check.look(text), unit={}, language=language):
        assert not any(called in said.casefold() for called in CALLED_SAFE)
