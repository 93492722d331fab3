import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.languages import Language
from bot.core.text import fold
from bot.services.answers.telex import typed_out
from bot.services.answers.wordings import Spelling
from content.book import Book
from content.patterns import sounded
from tests.services.keyboards import telex, vni

BOOK = Book.load()


def examples(language: Language) -> list[str]:
    return [
        example
        for topic in BOOK.topics.values()
        for answer in topic.answers.values()
        for example in answer.examples.get(language, ())
    ]


EXAMPLES = examples(Language.VI)
SPELLING = Spelling.of(
    EXAMPLES, foreign=[*BOOK.english, *examples(Language.EN)], shorthand=BOOK.shorthand
)
MARKED = [
    one
    for one in EXAMPLES
    if sum(letter > "~" for letter in one) > len(one.split()) // 2
    # Short forms are no words that a keyboard would put marks on.
    and not set(one.casefold().split()) & BOOK.shorthand.keys()
]
WORDS = sorted(
    word
    for word in {
        word for one in MARKED for said in SPELLING.sentences(one) for word in said.marked.split()
    }
    if word.isalpha() and not word.isascii() and not SPELLING.is_odd(fold(word))
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chays", "cháy"),
        ("chasy", "cháy"),
        ("cha1y", "cháy"),
        ("dduowngf", "đường"),
        ("duowngfd", "đường"),
        ("d9u7o7ng2", "đường"),
        ("duong729", "đường"),
        ("tooi", "tôi"),
        ("tiene", "tiên"),
        ("nhw", "như"),
        ("quaans", "quấn"),
        ("gif", "gì"),
        ("giuwx", "giữ"),
        ("muwa", "mưa"),
        ("muaw", "mưa"),
        ("hoawcj", "hoặc"),
        ("thuyeenf", "thuyền"),
        ("toi", "toi"),
        ("book", "book"),
        ("caf3e7", "caf3e7"),
    ],
)
def test_a_word_is_put_as_the_keyboard_would(typed: str, meant: str) -> None:
    assert typed_out(typed) == meant


@given(word=st.sampled_from(WORDS), tones_last=st.booleans())
def test_every_word_survives_both_keyboards(word: str, *, tones_last: bool) -> None:
    assert sounded(typed_out(telex(word, tones_last=tones_last))) == sounded(word)
    assert sounded(typed_out(vni(word, tones_last=tones_last))) == sounded(word)


@given(text=st.sampled_from(MARKED), tones_last=st.booleans())
def test_a_message_typed_raw_is_read_as_the_same_with_marks(
    text: str, *, tones_last: bool
) -> None:
    meant = [one.sounded.split() for one in SPELLING.sentences(text)]
    for typed in (telex(text, tones_last=tones_last), vni(text, tones_last=tones_last)):
        read = [one.sounded.split() for one in SPELLING.sentences(typed)]
        same = sum(
            one == other
            for said, heard in zip(meant, read, strict=True)
            for one, other in zip(said, heard, strict=True)
        )
        # Short forms and foreign words hold letters that both keyboards take for signs.
        assert same >= 0.7 * sum(map(len, meant)), typed


def test_words_of_other_languages_are_left_alone() -> None:
    for text in ("my car is max speed", "is he in the house", "these boxes are his"):
        assert " ".join(one.folded for one in SPELLING.sentences(text)) == text


def test_examples_typed_raw_do_not_make_their_spelling_known() -> None:
    spelling = Spelling.of(["nhà tôi cháy", "nhaf tooi chays"], shorthand={})
    assert sorted(spelling.known) == ["chay", "nha", "toi"]
    assert [one.marked for one in spelling.sentences("nhaf tooi chays")] == ["nhà tôi cháy"]


@settings(deadline=None)
@given(text=st.text(max_size=300))
@example(text="d" * 90)
@example(text="w" * 90 + "9" * 90)
def test_any_text_is_read_and_reading_it_again_changes_nothing(text: str) -> None:
    read = SPELLING.sentences(text)
    for one in read:
        assert one.folded == fold(one.folded)
        again = SPELLING.sentences(one.marked)
        assert [other.folded for other in again] == [one.folded]


@given(word=st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", max_size=12))
def test_what_was_put_right_once_stays(word: str) -> None:
    once = typed_out(word)
    if not once.isascii():
        assert fold(once).isascii()
