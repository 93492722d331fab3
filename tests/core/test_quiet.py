"""The hours in which people sleep: over midnight, within a day, or none."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.quiet import QuietHours, read_quiet_hours

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT = read_quiet_hours("22:00-06:00", HERE)
NONE = read_quiet_hours("none", HERE)
HOUR = timedelta(hours=1)


def here(hour: int, minute: int = 0, *, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=HERE).astimezone(UTC)


@pytest.mark.parametrize("at", [here(22), here(23, 59), here(0), here(5, 59)], ids=str)
def test_the_night_goes_over_midnight(at: datetime) -> None:
    assert NIGHT.is_quiet(at)
    assert not NONE.is_quiet(at)


@pytest.mark.parametrize("at", [here(21, 59), here(6), here(12)], ids=str)
def test_the_day_is_not_quiet(at: datetime) -> None:
    assert not NIGHT.is_quiet(at)


def test_a_rest_at_noon_lies_within_the_day() -> None:
    noon = read_quiet_hours("11:30 - 13:00", HERE)
    assert [noon.is_quiet(here(hour, 30)) for hour in (10, 11, 12, 13)] == [
        False,
        True,
        True,
        False,
    ]


def test_what_begins_at_night_begins_when_it_is_over() -> None:
    assert NIGHT.over_at(here(23)) == here(6, day=23)
    assert NIGHT.over_at(here(3)) == here(6)
    assert NIGHT.over_at(here(8)) == here(8)


def test_what_does_not_end_before_night_ends_after_it() -> None:
    assert NIGHT.after(here(20), HOUR) == here(21)
    assert NIGHT.after(here(21), HOUR) == here(22)
    assert NIGHT.after(here(21), 2 * HOUR) == here(7, day=23)
    assert NIGHT.after(here(23), HOUR) == here(7, day=23)
    assert NONE.after(here(21), 2 * HOUR) == here(23)
    # Sixteen hours fit into a day.
    assert NIGHT.after(here(6), 33 * HOUR) == here(7, day=24)


@pytest.mark.parametrize(
    ("start", "end", "touches"),
    [
        (here(20), here(21), False),
        (here(20), here(22), False),
        (here(20), here(22, 1), True),
        (here(23), here(23), True),
        (here(6), here(21, day=23), True),
    ],
)
def test_a_sending_meets_the_night_or_not(
    start: datetime, end: datetime, *, touches: bool
) -> None:
    assert NIGHT.touches(start, end) is touches
    assert not NONE.touches(start, end)


@given(
    begins=st.times(),
    ends=st.times(),
    now=st.datetimes(
        min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - a zone is given below
        max_value=datetime(2035, 1, 1),  # noqa: DTZ001 - same
        timezones=st.just(UTC),
    ),
)
def test_when_it_is_over_it_is_over(begins: time, ends: time, now: datetime) -> None:
    hours = QuietHours(begins=begins, ends=ends, zone=HERE)
    over = hours.over_at(now)
    assert now <= over <= now + timedelta(days=1)
    assert not hours.is_quiet(over)
    assert (over == now) is not hours.is_quiet(now)


@pytest.mark.parametrize("text", ["", "22:00", "22:00-", "-06:00", "22:00/06:00", "25:00-06:00"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_quiet_hours(text, HERE)
