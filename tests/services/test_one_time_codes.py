"""One-time codes: drawn, read as typed, kept under a key of the installation and the kind."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import read_code
from bot.core.slips import SlipKind
from bot.services.one_time_codes import CODE_LENGTH, OneTimeCodes
from tests.fakes import FakeClock, SteadyChance


class Keyed:
    """Pseudonyms of one installation, readable. Fits `Pseudonyms`."""

    def __init__(self, key: str) -> None:
        self._key = key

    def pseudonym(self, purpose: str, value: str) -> str:
        return f"{self._key}/{purpose}/{value}"


def codes(kind: SlipKind = SlipKind.GROUP_CODE, key: str = "here") -> OneTimeCodes:
    return OneTimeCodes(kind, pseudonyms=Keyed(key), clock=FakeClock(), chance=SteadyChance())


def test_no_code_is_a_word() -> None:
    drawing = codes()
    drawn = [drawing.draw() for _ in range(500)]
    assert {len(code) for code in drawn} == {CODE_LENGTH}
    assert all(any(mark.isdigit() for mark in code) for code in drawn)


def test_a_code_is_over_in_half_an_hour() -> None:
    assert codes().until() == FakeClock().now() + timedelta(minutes=30)


def test_what_is_kept_depends_on_the_installation_and_the_kind() -> None:
    code = codes().draw()
    kept = {
        codes().key(code),
        codes(key="elsewhere").key(code),
        codes(SlipKind.OFFICER_CODE).key(code),
    }
    assert len(kept) == 3


@given(st.lists(st.sampled_from([" ", "-", "\t", ""]), min_size=8, max_size=8))
def test_a_code_is_read_with_gaps_and_in_small_letters(gaps: list[str]) -> None:
    code = codes().draw()
    typed = "".join(mark + gap for mark, gap in zip(code, gaps, strict=True))
    assert codes().key(typed.lower()) == codes().key(code)


@given(st.text(max_size=200))
def test_whatever_is_typed_only_a_code_has_the_key_of_a_code(typed: str) -> None:
    code = codes().draw()
    assert (codes().key(typed) == codes().key(code)) == (read_code(typed) == code)
    assert len(codes().key(typed)) <= len(codes().key("")) + 2 * CODE_LENGTH
