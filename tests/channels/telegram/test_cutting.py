"""Texts cut for Telegram: nothing lost, nothing too long, no sign cut in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.cutting import cut, units

SIGNS = ["ệ", "e\u0302\u0323", "🔥", "👨‍👩‍👧", "👍🏽", "🇻🇳", "❤️", "a", "\n", " ", ". ", "\n\n"]
TEXTS = st.lists(st.sampled_from(SIGNS), max_size=200).map("".join)


def bare(text: str) -> str:
    return "".join(text.split())


@given(text=TEXTS, limit=st.integers(16, 60))
def test_nothing_but_spaces_is_lost_and_nothing_is_too_long(text: str, limit: int) -> None:
    parts = cut(text, limit)

    assert bare("".join(parts)) == bare(text)
    assert [part for part in parts if units(part) > limit or not part.strip()] == []


@given(text=st.text(max_size=300), limit=st.integers(2, 40))
def test_any_text_at_all_can_be_cut(text: str, limit: int) -> None:
    parts = cut(text, limit)

    assert bare("".join(parts)) == bare(text)
    assert all(units(part) <= limit for part in parts)


@pytest.mark.parametrize("sign", ["e\u0302\u0323", "👨‍👩‍👧", "👍🏽", "🇻🇳", "❤️"])
def test_no_sign_is_cut_in_two(sign: str) -> None:
    for lead in range(units(sign) + 1):
        text = "x" * lead + sign * 40
        for part in cut(text, 33):
            assert part.replace(sign, "").strip("x") == ""


def test_a_cut_falls_on_a_sentence_where_there_is_one() -> None:
    text = "Tối nay mất điện. " * 10

    assert all(part.endswith(".") for part in cut(text, 50))


@given(text=st.text(max_size=50))
def test_the_length_is_that_of_utf_16(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
