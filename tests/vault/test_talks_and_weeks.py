"""Dialogues and reply routes: what opens what, and what is shut for good."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.sealing import KeyGone, SealBroken
from bot.vault.errors import KeyUnusable
from bot.vault.talks import TalkBox
from bot.vault.weeks import WeekKeys
from tests.vault.still_clock import StillClock

BOX = TalkBox()
PAIR, OTHER = BOX.new_pair(), BOX.new_pair()
RECEIPT_KEY = bytes(range(32))
texts = st.binary(max_size=3_000)


@pytest.fixture
def weeks(tmp_path: Path) -> WeekKeys:
    return WeekKeys(tmp_path / "routes", clock=StillClock())


@given(plain=texts)
def test_a_letter_is_opened_by_its_dialogue_only(plain: bytes) -> None:
    sealed = BOX.seal_letter(PAIR.public, plain)
    assert BOX.open_letter(PAIR.private, sealed) == plain
    with pytest.raises(SealBroken):
        BOX.open_letter(OTHER.private, sealed)


@given(plain=texts, at=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_a_letter_that_was_changed_is_not_opened(plain: bytes, at: int, flip: int) -> None:
    sealed = bytearray(BOX.seal_letter(PAIR.public, plain))
    sealed[at % len(sealed)] ^= flip
    with pytest.raises(SealBroken):
        BOX.open_letter(PAIR.private, bytes(sealed))


@given(a=st.integers(0, 1_000), b=st.integers(0, 1_000))
def test_short_letters_look_alike(a: int, b: int) -> None:
    one, other = (BOX.seal_letter(PAIR.public, bytes(size)) for size in (a, b))
    assert len(one) == len(other)


def test_the_receipt_of_one_tip_opens_no_other_dialogue() -> None:
    locked = BOX.lock(PAIR.private, RECEIPT_KEY, tip_id="one")
    assert BOX.unlock(locked, RECEIPT_KEY, tip_id="one") == PAIR.private
    for key, tip_id in ((RECEIPT_KEY, "two"), (RECEIPT_KEY[::-1], "one")):
        with pytest.raises(SealBroken):
            BOX.unlock(locked, key, tip_id=tip_id)
    for rubbish in (b"", b"\x01", b"\x07" + locked[1:], locked[:-1]):
        with pytest.raises(SealBroken):
            BOX.unlock(rubbish, RECEIPT_KEY, tip_id="one")
    with pytest.raises(KeyUnusable):
        BOX.unlock(locked, b"short", tip_id="one")


def test_the_key_of_messages_is_not_the_key_of_letters() -> None:
    assert BOX.message_key(PAIR.private) not in {PAIR.private, PAIR.public}
    assert BOX.message_key(PAIR.private) != BOX.message_key(OTHER.private)


@pytest.mark.parametrize("size", [0, 1, 200, 255, 256, 3_000])
def test_what_is_sealed_in_a_week_opens_for_its_purpose(weeks: WeekKeys, size: int) -> None:
    key, plain = weeks.public(), b"w" * size
    sealed = weeks.seal("route", plain, to=key)
    assert weeks.open("route", sealed, week=key.week) == plain
    with pytest.raises(SealBroken):
        weeks.open("post", sealed, week=key.week)


def test_a_week_begins_on_monday_and_has_one_key(tmp_path: Path) -> None:
    clock = StillClock()
    weeks, beside = (WeekKeys(tmp_path / "routes", clock=clock) for _ in range(2))
    first = weeks.public()
    assert first.week.weekday() == 0
    assert beside.public() == first
    clock.advance(timedelta(days=7))
    assert weeks.public().week == first.week + timedelta(days=7)
    assert weeks.public().public_key != first.public_key
    assert weeks.weeks() == [first.week, first.week + timedelta(days=7)]


def test_once_its_week_is_destroyed_a_route_is_shut_for_good(tmp_path: Path) -> None:
    clock = StillClock()
    weeks = WeekKeys(tmp_path / "routes", clock=clock)
    key = weeks.public()
    sealed = weeks.seal("route", b"where", to=key)
    clock.advance(timedelta(days=20))
    assert weeks.destroy_before(key.week + timedelta(days=6)) == []
    assert weeks.destroy_before(key.week + timedelta(days=7)) == [key.week]
    assert weeks.destroy_before(key.week + timedelta(days=7)) == []
    with pytest.raises(KeyGone):
        weeks.open("route", sealed, week=key.week)
    # The public half of a week that is over is still good for sealing, and nobody can open it.
    assert weeks.seal("route", b"where", to=key)


def test_the_key_of_a_week_that_is_not_over_stays(weeks: WeekKeys) -> None:
    with pytest.raises(ValueError, match="not over"):
        weeks.destroy_before(weeks.public().week + timedelta(days=8))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(80), b"\x05" + bytes(80)])
def test_rubbish_is_not_opened(weeks: WeekKeys, sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        weeks.open("route", sealed, week=weeks.public().week)


def test_a_week_nobody_sealed_in_has_no_key(weeks: WeekKeys) -> None:
    with pytest.raises(KeyGone):
        weeks.open("route", b"\x01" + bytes(80), week=date(2020, 1, 6))
