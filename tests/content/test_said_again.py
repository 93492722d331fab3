"""What a page says over and over is filled once; what officers change is said at once."""

from bot.core.languages import Language
from content.sentences import Voice


def said(text: str) -> str:
    return Voice(section="web", sentences={"key": {Language.VI: text}})("key", Language.VI)


def test_a_sentence_says_its_own_words_however_often() -> None:
    for text in ("một", "hai", "một"):
        assert said(text) == text


def test_a_line_of_the_unit_is_left_out_as_long_as_nothing_is_known() -> None:
    text = "Trực ban:\n{unit_duty_phone}"
    voice = Voice(section="web", sentences={"key": {Language.VI: text}})
    assert voice("key", Language.VI) == "Trực ban:"
    assert voice("key", Language.VI, unit_duty_phone="1") == "Trực ban:\n1"
    assert voice("key", Language.VI) == "Trực ban:"
