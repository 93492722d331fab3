"""Three sheets, any two of which give the key, and one of which gives nothing."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.ids import ALPHABET
from bot.core.sealing import PaperFault
from bot.vault import crockford
from bot.vault.errors import RecoveryTextWrong
from bot.vault.paper import Paper
from bot.vault.shares import share_of, share_texts

PAPER = Paper()
PRIVATE = bytes(range(32))
# Printed once by this program; what lies in two safes must stay readable.
KNOWN = share_texts(PRIVATE, random_bytes=lambda size: bytes(range(7, 7 + size)))
PRINTED = (
    "17890-0W4GH-P28FS-145GH-J1RSP-3CCH3-Y68VH-343GR-J2R9J-1W4GC-P2874-74XKT-JFSS0-7CWYG-R708X",
    "2789N-1R8HK-05RJK-3ME1E-P5H9X-50QJ6-M9948-4CZ2K-2817J-48PJ1-RAS6S-B5C5B-YPJNS-AH9RZ-AS3K1",
    "37895-14CHR-J78SQ-248HQ-A69SW-74YK5-JC9H5-6MMK6-JE9XY-74RK4-2D9S9-F5WQA-TYBHT-E5TT6-4K2TP",
)
keys = st.binary(min_size=32, max_size=32)


@settings(deadline=None)
@given(private=keys)
def test_every_pair_in_either_order_gives_the_key(private: bytes) -> None:
    sheets = PAPER.shares(private)
    assert len(sheets) == 3
    for pair in permutations(sheets, 2):
        assert PAPER.read(pair) == private


def test_sheets_printed_by_an_older_program_are_read() -> None:
    assert KNOWN == PRINTED
    for pair in permutations(PRINTED, 2):
        assert PAPER.read(pair) == PRIVATE


@settings(deadline=None)
@given(private=keys)
def test_the_one_sheet_is_read_by_the_same_door(private: bytes) -> None:
    assert PAPER.read([PAPER.whole(private), ""]) == private


def test_a_sheet_is_fifteen_groups_of_five_and_begins_with_its_number() -> None:
    for number, sheet in enumerate(KNOWN, start=1):
        assert [len(group) for group in sheet.split("-")] == [5] * 15
        assert sheet[0] == str(number)


@settings(deadline=None)
@given(one=keys, other=keys, slope=st.binary(min_size=35, max_size=35))
def test_one_sheet_fits_every_key_there_is(one: bytes, other: bytes, slope: bytes) -> None:
    """Whatever a sheet says, each other key has one chance that prints the very same sheet."""
    first, seen = _content(one, slope, sheet=0), _shared(other)
    matching = bytes(a ^ b for a, b in zip(first, seen, strict=True))
    assert _content(other, matching, sheet=0) == first


def test_each_byte_of_a_sheet_takes_every_value_alike() -> None:
    for sheet in range(3):
        values = {_content(PRIVATE, bytes([chance] * 35), sheet=sheet)[0] for chance in range(256)}
        assert len(values) == 256


@settings(deadline=None)
@given(
    sheet=st.integers(0, 2),
    place=st.integers(0, 74),
    other=st.sampled_from(ALPHABET),
)
def test_the_group_with_a_wrong_sign_is_named(sheet: int, place: int, other: str) -> None:
    signs = KNOWN[sheet].replace("-", "")
    typed = signs[:place] + other + signs[place + 1 :]
    if typed != signs:
        with pytest.raises(RecoveryTextWrong) as caught:
            PAPER.read([KNOWN[(sheet + 1) % 3], typed])
        assert (caught.value.fault, caught.value.sheet) == (PaperFault.GROUPS, 2)
        assert caught.value.groups == (place // 5 + 1,)


@settings(deadline=None)
@given(private=keys)
def test_sheets_of_two_sets_are_told_apart(private: bytes) -> None:
    one, other = (
        share_texts(private, random_bytes=bytes),
        share_texts(private, random_bytes=b"\1".__mul__),
    )
    with pytest.raises(RecoveryTextWrong) as caught:
        PAPER.read([one[0], other[1]])
    assert caught.value.fault is PaperFault.OTHER_SET


@settings(deadline=None)
@given(one=keys, other=keys)
def test_a_sheet_of_another_key_is_found_out_even_under_the_same_name(
    one: bytes, other: bytes
) -> None:
    def chance(size: int) -> bytes:
        return bytes([5] * size)

    sheets = (
        share_texts(one, random_bytes=chance)[0],
        share_texts(other, random_bytes=chance)[1],
    )
    if one != other:
        with pytest.raises(RecoveryTextWrong) as caught:
            PAPER.read(sheets)
        assert caught.value.fault is PaperFault.WHOLE


@pytest.mark.parametrize(
    ("sheets", "fault"),
    [
        ([], PaperFault.LENGTH),
        (["", "  - "], PaperFault.LENGTH),
        ([KNOWN[0]], PaperFault.ONE_SHARE),
        ([KNOWN[0], KNOWN[0]], PaperFault.SAME_SHARE),
        ([KNOWN[0], KNOWN[1][:-7]], PaperFault.LENGTH),
        ([KNOWN[0], PAPER.whole(PRIVATE)], PaperFault.LENGTH),
        ([PAPER.whole(PRIVATE)[:-4]], PaperFault.GROUPS),
    ],
    ids=["nothing", "dashes", "one", "twice", "cut", "whole as a share", "short group"],
)
def test_what_is_no_pair_is_refused_with_the_reason(sheets: list[str], fault: PaperFault) -> None:
    with pytest.raises(RecoveryTextWrong) as caught:
        PAPER.read(sheets)
    assert caught.value.fault is fault


def test_a_sheet_with_a_number_that_none_has_is_refused() -> None:
    groups = KNOWN[0].split("-")
    for head in ("4789", "0789"):
        with pytest.raises(RecoveryTextWrong) as caught:
            share_of("-".join([head + _check(head), *groups[1:]]))
        assert caught.value.groups == (1,)


@settings(deadline=None)
@given(text=st.text(max_size=120))
def test_anything_typed_is_refused_in_words(text: str) -> None:
    with pytest.raises(RecoveryTextWrong):
        PAPER.read([KNOWN[0], text])


def test_an_error_quotes_nothing_of_what_was_typed() -> None:
    with pytest.raises(RecoveryTextWrong) as caught:
        PAPER.read([KNOWN[0].replace("W", "X")])
    assert not any(group in str(caught.value) for group in KNOWN[0].split("-"))


def _content(private: bytes, slope: bytes, *, sheet: int) -> bytes:
    def chance(size: int) -> bytes:
        return slope[:size]

    return share_of(share_texts(private, random_bytes=chance)[sheet]).content


def _shared(private: bytes) -> bytes:
    # With no slope, a sheet holds what is shared itself.
    return _content(private, bytes(35), sheet=0)


def _check(signs: str) -> str:
    return crockford.check_sign(signs, start=16)
