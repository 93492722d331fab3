import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.languages import Language
from content.book import Book
from content.words import Command, CommandKey

SAID = [
    ("/thamgia ABC123", CommandKey.JOIN, "ABC123"),
    ("/ThamGia@BinhYenBot abc-123", CommandKey.JOIN, "abc-123"),
    ("tham gia abc 123", CommandKey.JOIN, "abc 123"),
    ("Tham gia: ABC123.", CommandKey.JOIN, "ABC123"),
    ("thamgia ABC123", CommandKey.JOIN, "ABC123"),
    ("join ABC123", CommandKey.JOIN, "ABC123"),
    ("/thamgia", CommandKey.JOIN, ""),
    ("/start join_ABC", CommandKey.JOIN, "ABC"),
    ("/start tip", CommandKey.TIP, ""),
    ("/start something", CommandKey.START, "something"),
    ("/start", CommandKey.START, ""),
    ("bắt đầu", CommandKey.START, ""),
    ("theodoi K7QM-2345-ABCD-EFGH-JKMN-PQRS", CommandKey.TRACK, "K7QM-2345-ABCD-EFGH-JKMN-PQRS"),
    ("theo dõi k7qm 2345 abcd efgh jkmn pqrs", CommandKey.TRACK, "k7qm 2345 abcd efgh jkmn pqrs"),
    ("/KHANCAP", CommandKey.EMERGENCY, ""),
    ("/khẩn cấp", CommandKey.EMERGENCY, ""),
    ("Khẩn cấp!!!", CommandKey.EMERGENCY, ""),
    ("sos", CommandKey.EMERGENCY, ""),
    ("TỐ GIÁC", CommandKey.TIP, ""),
    ("to giac", CommandKey.TIP, ""),
    ("/roinhom", CommandKey.LEAVE, ""),
    ("rời nhóm", CommandKey.LEAVE, ""),
    ("/camket", CommandKey.PLEDGE, ""),
    ("dữ liệu", CommandKey.DATA, ""),
    ("Chủ đề", CommandKey.INTERESTS, ""),
    ("/TOPICS", CommandKey.INTERESTS, ""),
    ("/start chude", CommandKey.INTERESTS, ""),
    ("bỏ qua", CommandKey.SKIP, ""),
    ("Quay lại", CommandKey.BACK, ""),
    ("hủy", CommandKey.CANCEL, ""),
    ("huỷ", CommandKey.CANCEL, ""),
    ("/nguoi", CommandKey.PERSON, ""),
    ("người", CommandKey.PERSON, ""),
    ("/trogiup", CommandKey.HELP, ""),
]

QUESTIONS = [
    "tham gia bảo hiểm thế nào",
    "tham gia nhóm 12",
    "tham gia lúc 19 giờ",
    "tố giác tội phạm ở đâu",
    "hủy nhận thông báo",
    "theo dõi tin đã gửi",
    "rời nhóm thì có mất gì không",
    "/khongco",
    "/",
    "",
    "   ",
    "join the army",
    "chủ đề cuộc họp là gì",
]


@pytest.mark.parametrize(("text", "key", "argument"), SAID, ids=[row[0] for row in SAID])
def test_words_are_known_in_every_writing(
    book: Book, text: str, key: CommandKey, argument: str
) -> None:
    assert book.command(text) == Command(key=key, argument=argument)


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_sentence_is_no_command(book: Book, text: str) -> None:
    assert book.command(text) is None


@settings(deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_may_be_asked(text: str) -> None:
    WORDS.command(text)


WORDS = Book.load().words


LABELS = {
    "choice_tip": CommandKey.TIP,
    "choice_join": CommandKey.JOIN,
    "choice_emergency": CommandKey.EMERGENCY,
    "choice_track": CommandKey.TRACK,
    "choice_privacy": CommandKey.DATA,
    "choice_person": CommandKey.PERSON,
    "choice_leave": CommandKey.LEAVE,
    "choice_pledge": CommandKey.PLEDGE,
    "choice_help": CommandKey.HELP,
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("label", LABELS)
def test_a_button_that_says_its_label_is_understood(
    book: Book, label: str, language: Language
) -> None:
    """A button below the typing field sends what stands on it, at any later hour."""
    said = book.voice("menu")(label, language)

    assert book.command(said) == Command(key=LABELS[label])
