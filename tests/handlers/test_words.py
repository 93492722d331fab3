"""Every word residents can type, in every spelling, in private and in groups."""

from dataclasses import dataclass

import pytest

from bot.core.dialogues import Step
from bot.core.languages import Language
from bot.core.messages import IncomingKind
from tests.builders.routing import FOLLOW_URL
from tests.builders.town import Town
from tests.one_book import the_book


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word of the outside interface, and how its answer begins, by section and key."""

    id: str
    said: str
    section: str
    key: str
    dialogue: str = ""


WORDS = [
    Word(id="start", said="batdau", section="menu", key="greeting"),
    Word(id="help", said="trogiup", section="menu", key="help"),
    Word(id="emergency", said="khancap", section="emergency", key="numbers"),
    Word(id="tip", said="togiac", section="tips", key="card_web", dialogue="tip"),
    Word(id="track", said="theodoi", section="tips", key="follow_ask_code", dialogue="track"),
    Word(id="withdraw", said="xoa", section="tips", key="withdraw_ask_code", dialogue="track"),
    Word(id="answer", said="traloi", section="tips", key="talk_no_way"),
    Word(id="join", said="thamgia", section="join", key="ask_code", dialogue="join"),
    Word(id="leave", said="roinhom", section="join", key="not_joined"),
    Word(id="pledge", said="camket", section="pledge", key="text"),
    Word(id="data", said="dulieu", section="privacy", key="stored_nothing"),
    Word(id="interests", said="chude", section="interests", key="need_join"),
    Word(id="check", said="kiemtra", section="scams", key="ask_message", dialogue="scam"),
    Word(id="skip", said="boqua", section="menu", key="greeting"),
    Word(id="back", said="quaylai", section="menu", key="greeting"),
    Word(id="cancel", said="huy", section="menu", key="nothing_to_cancel"),
    Word(id="person", said="nguoi", section="menu", key="person_contact"),
    Word(id="link", said="lienket", section="group", key="link_only_in_group"),
]
SPELLINGS = {
    "start": ["/start", "/BATDAU", "bắt đầu", "BẮT ĐẦU", "bat dau"],
    "help": ["/trogiup", "/TroGiup", "trợ giúp", "tro giup", "TRỢ GIÚP"],
    "emergency": ["/khancap", "/khẩn cấp", "khẩn cấp", "KHAN CAP", "/KHANCAP", "/khancap!"],
    "tip": [
        "/togiac",
        "/togiac: x",
        f"/togiac {'kể dài ' * 60}",
        "tố giác",
        "to giac",
        "TỐ GIÁC",
        "togiac",
    ],
    "track": ["/theodoi", "theo dõi", "theo doi", "THEO DÕI", "theodoi"],
    "withdraw": ["/xoa", "xóa tin", "xoa tin", "RÚT LẠI TIN", "xoa"],
    "answer": ["/traloi", "trả lời cán bộ", "tra loi can bo", "TRẢ LỜI CÁN BỘ", "traloi"],
    "join": ["/thamgia", "tham gia", "THAM GIA", "thamgia"],
    "leave": ["/roinhom", "rời nhóm", "roi nhom", "RỜI NHÓM", "roinhom"],
    "pledge": ["/camket", "cam kết", "cam ket", "CAM KẾT", "camket"],
    "data": ["/dulieu", "dữ liệu", "du lieu", "DỮ LIỆU", "dulieu"],
    "interests": ["/chude", "/topics", "chủ đề", "chu de", "CHỌN CHỦ ĐỀ", "topics", "/chủ đề"],
    "check": ["/kiemtra", "kiểm tra tin này", "kiem tra tin", "có phải lừa đảo không", "/check"],
    "skip": ["/boqua", "bỏ qua", "bo qua", "BỎ QUA", "boqua"],
    "back": ["/quaylai", "quay lại", "quay lai", "QUAY LẠI", "quaylai"],
    "cancel": ["/huy", "hủy", "HỦY", "huy"],
    "link": ["/lienket", "liên kết nhóm", "LIEN KET NHOM", "lienket"],
    "person": ["/nguoi", "nguoi", "/NGUOI", "gặp người", "gap nguoi"],
}
# What steps of a dialogue are moved by; a group has none.
SILENT_IN_GROUPS = {"skip", "back", "cancel"}


def beginning(section: str, key: str, language: Language) -> str:
    """Return the first line of a sentence."""
    named = {"unit": "Xã Bịa"} if key in {"greeting", "numbers"} else {}
    named |= {"link": FOLLOW_URL} if key == "talk_no_way" else {}
    text = the_book().voice(section)(key, language, **named)
    return text.strip().split("\n")[0]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.id)
async def test_a_word_is_understood_in_every_spelling(town: Town, word: Word) -> None:
    for said in SPELLINGS[word.id]:
        talk = town.talk("web", chat=said)
        answers = await talk.says(said)
        assert answers[0].text.startswith(beginning(word.section, word.key, Language.VI)), said
        assert (await talk.step()).dialogue == word.dialogue


async def test_words_are_answered_in_english_to_those_who_read_it(town: Town) -> None:
    for word in WORDS:
        answers = await town.talk("web", word.id, language=Language.EN).says(f"/{word.said}")
        assert answers[0].text.startswith(beginning(word.section, word.key, Language.EN)), word


@pytest.mark.parametrize("channel", ["telegram", "zalo"])
async def test_in_a_group_every_word_is_answered_once_and_leaves_no_step(
    town: Town, channel: str
) -> None:
    for word in WORDS:
        talk = town.talk(channel, chat=word.id, is_group=True)
        answers = await talk.says(f"/{word.said}")
        assert len(answers) == (word.id not in SILENT_IN_GROUPS), word
        assert await talk.step() == Step()
        assert not any(one.choices for one in answers)


async def test_what_neighbours_say_to_each_other_is_left_alone(town: Town) -> None:
    talk = town.talk("telegram", chat="g", is_group=True, is_for_bot=False)
    for text in ("", "\u200f\u200e", "xin chào cả nhà", "hôm nay họp lúc mấy giờ"):
        for kind in (IncomingKind.TEXT, IncomingKind.MEDIA):
            assert await talk.says(text, kind) == []


async def test_a_group_that_lets_the_bot_in_is_greeted_without_a_menu(town: Town) -> None:
    talk = town.talk("telegram", chat="g", is_group=True)
    (greeting,) = await talk.says("", IncomingKind.START)
    assert greeting.choices == ()


@pytest.mark.parametrize(
    ("payload", "dialogue"),
    [
        ("", ""),
        ("join", "join"),
        ("tip", "tip"),
        ("track", "track"),
        ("chude", ""),
        ("nonsense", ""),
    ],
)
async def test_a_link_leads_where_it_says(town: Town, payload: str, dialogue: str) -> None:
    talk = town.talk("telegram")
    assert await talk.says(payload, IncomingKind.START)
    assert (await talk.step()).dialogue == dialogue


async def test_a_word_in_a_sentence_is_a_question(town: Town) -> None:
    talk = town.talk()
    await talk.says("tham gia bảo hiểm y tế thế nào")
    assert (await talk.step()).dialogue == ""


async def test_a_button_of_a_question_long_gone_says_so(town: Town) -> None:
    (answer,) = await town.talk().taps("~agree")
    assert answer.text.startswith("Câu hỏi trước đã chờ quá lâu")
    assert answer.choices


async def test_a_topic_that_does_not_exist_is_not_understood(town: Town) -> None:
    (answer,) = await town.talk().taps("?no_such_topic")
    assert answer.text.startswith("Xin lỗi, tôi chưa hiểu")


async def test_pictures_alone_are_not_understood(town: Town) -> None:
    (answer,) = await town.talk().says("", IncomingKind.MEDIA)
    assert answer.text.startswith("Chương trình chỉ hiểu chữ")


async def test_whoever_left_is_asked_to_join_again(town: Town) -> None:
    talk = town.talk()
    await town.member("web", talk.chat)
    (menu,) = await talk.says("/batdau")
    assert "/thamgia" not in {choice.word for choice in menu.choices}
    await talk.says("/roinhom")
    (menu,) = await talk.says("/batdau")
    assert "/thamgia" in {choice.word for choice in menu.choices}
