import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.ids import ALPHABET
from bot.vault.errors import KeyUnusable, RecoveryTextWrong
from bot.vault.recovery import recovery_private, recovery_text

PRIVATE = bytes(range(32))
# Printed once by this program; what lies in a safe must stay readable.
KNOWN = "000G5-40R48-0M30Q-E209P-185GZ-R38E9-1W81J-24GKJ-2GAHP-C5RR1-34D14-P70X2-3RFWP-PD11Z"
keys = st.binary(min_size=32, max_size=32)
places = st.integers(0, 13)


def test_a_key_printed_by_an_older_program_is_read() -> None:
    assert recovery_private(KNOWN) == PRIVATE
    assert recovery_text(PRIVATE) == KNOWN


@settings(deadline=None)
@given(private=keys)
def test_a_key_is_read_as_it_was_printed(private: bytes) -> None:
    assert recovery_private(recovery_text(private)) == private


def test_it_is_fourteen_groups_of_five() -> None:
    assert [len(group) for group in recovery_text(PRIVATE).split("-")] == [5] * 14


@pytest.mark.parametrize(
    "typed",
    [KNOWN.lower(), KNOWN.replace("-", ""), KNOWN.replace("-", "\n"), KNOWN.replace("0", "o")],
    ids=["lower case", "no gaps", "lines", "letter o"],
)
def test_ways_of_typing_do_not_matter(typed: str) -> None:
    assert recovery_private(typed) == PRIVATE


@settings(deadline=None)
@given(private=keys, place=st.integers(0, 69), other=st.sampled_from(ALPHABET))
def test_the_group_with_a_wrong_sign_is_named(private: bytes, place: int, other: str) -> None:
    signs = recovery_text(private).replace("-", "")
    typed = signs[:place] + other + signs[place + 1 :]
    if typed != signs:
        with pytest.raises(RecoveryTextWrong) as caught:
            recovery_private(typed)
        assert caught.value.groups == (place // 5 + 1,)


@settings(deadline=None)
@given(private=keys, one=places, two=places)
def test_two_groups_that_changed_places_are_named(private: bytes, one: int, two: int) -> None:
    groups = recovery_text(private).split("-")
    groups[one], groups[two] = groups[two], groups[one]
    if one != two:
        with pytest.raises(RecoveryTextWrong) as caught:
            recovery_private("-".join(groups))
        assert caught.value.groups == tuple(sorted((one + 1, two + 1)))


def test_a_sign_that_never_occurs_is_named() -> None:
    with pytest.raises(RecoveryTextWrong, match="3") as caught:
        recovery_private("-".join(["đđđđđ" if n == 2 else g for n, g in enumerate(GROUPS)]))
    assert caught.value.groups == (3,)


GROUPS = KNOWN.split("-")


@pytest.mark.parametrize("group", [GROUPS[4][:-1], GROUPS[4] + "0"], ids=["short", "long"])
def test_a_group_too_short_or_too_long_is_named(group: str) -> None:
    with pytest.raises(RecoveryTextWrong) as caught:
        recovery_private(" ".join([*GROUPS[:4], group, *GROUPS[5:]]))
    assert caught.value.groups == (5,)


@pytest.mark.parametrize(
    "text", ["", "A", "-".join(GROUPS[:-1]), KNOWN + "-00000", KNOWN.replace("-", "")[:-1]]
)
def test_a_text_of_the_wrong_length_names_no_group(text: str) -> None:
    with pytest.raises(RecoveryTextWrong, match="length") as caught:
        recovery_private(text)
    assert caught.value.groups == ()


def test_groups_of_two_keys_do_not_pass_for_one() -> None:
    other = recovery_text(bytes(32)).split("-")
    with pytest.raises(RecoveryTextWrong, match="whole") as caught:
        recovery_private("-".join([*GROUPS[:7], *other[7:]]))
    assert caught.value.groups == ()


def test_only_whole_keys_are_printed() -> None:
    with pytest.raises(KeyUnusable):
        recovery_text(PRIVATE[:31])


def test_an_error_quotes_nothing_of_the_key() -> None:
    with pytest.raises(RecoveryTextWrong) as caught:
        recovery_private(KNOWN.replace(GROUPS[3], "ZZZZZ"))
    assert not any(group in str(caught.value) for group in [*GROUPS, "ZZZZZ"])
