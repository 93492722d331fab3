"""Texts are cleaned, folded and cut without losing what was said."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import clean, fold, split_text

WORDY = st.text(alphabet="ab ă.!?…\n\t\u2003\u00a0", max_size=300) | st.text(max_size=300)


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text())
def test_what_is_clean_can_be_stored_and_sent_anywhere(text: str) -> None:
    kept = clean(text)
    assert kept == kept.strip() == unicodedata.normalize("NFC", kept)
    assert not any(
        unicodedata.category(mark) in {"Cc", "Cf", "Cs"} for mark in kept if mark != "\n"
    )
    kept.encode()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\r\nb\rc\td", "a\nb\nc d"),
        ("\u202ecứu\u2066\x00 tôi\ufeff", "cứu tôi"),
        ("\ud83d", ""),
        ("tie\u0302\u0301ng", "tiếng"),
        ("👍🏽", "👍🏽"),
        ("\u3164 \u00ad", ""),
    ],
)
def test_what_cleaning_keeps(text: str, kept: str) -> None:
    assert clean(text) == kept


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "text", ["Báo  CHÁY", "bao chay", "BÁO CHÁY", "báo\ncháy", "Bao\u0301 chay"]
)
def test_words_fold_alike_in_any_spelling(text: str) -> None:
    assert fold(text) == "bao chay"


def test_the_barred_d_folds() -> None:
    assert fold("Đồng ý đi") == "dong y di"


@given(WORDY, st.integers(1, 80))
def test_parts_are_short_and_never_empty_and_lose_only_white_space(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(part.strip() and len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        (" \n ", 10, []),
        ("vừa đủ", 6, ["vừa đủ"]),
        ("một.\n\nhai ba", 9, ["một.", "hai ba"]),
        ("một. Hai ba", 9, ["một.", "Hai ba"]),
        ("một hai ba", 8, ["một hai", "ba"]),
        ("aaaaaaa", 3, ["aaa", "aaa", "a"]),
    ],
)
def test_a_text_is_cut_where_a_reader_would_pause(text: str, limit: int, parts: list[str]) -> None:
    assert split_text(text, limit) == parts
