"""Until when somebody may be written to, reckoned from coarse marks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.windows import BLOCK, Window, WindowRule, block_of

RULE = WindowRule(free_for=timedelta(hours=48), open_for=timedelta(days=7))
MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - Hypothesis wants them bare
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001 - same
    timezones=st.just(UTC),
)
SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10))


@given(MOMENTS)
def test_a_mark_is_the_beginning_of_the_six_hours_it_lies_in(at: datetime) -> None:
    block = block_of(at)
    assert block <= at < block + BLOCK
    assert block_of(block) == block
    assert (block.hour % 6, block.minute, block.second, block.microsecond) == (0, 0, 0, 0)


@given(MOMENTS, SPANS)
def test_the_mark_never_calls_a_window_closed_or_free_that_is_not(
    wrote_at: datetime, since: timedelta
) -> None:
    window = RULE.window(block_of(wrote_at), wrote_at + since)
    if since < RULE.open_for:
        assert window is not Window.CLOSED
    if since >= RULE.open_for + 2 * BLOCK:
        assert window is Window.CLOSED
    if since >= RULE.free_for:
        assert window is not Window.FREE
    if since < RULE.free_for - BLOCK:
        assert window is Window.FREE


@given(MOMENTS, SPANS)
def test_what_the_database_asks_agrees_with_what_is_said_of_one(
    wrote_at: datetime, since: timedelta
) -> None:
    block, now = block_of(wrote_at), wrote_at + since
    window = RULE.window(block, now)
    assert (window is Window.CLOSED) == (block < RULE.closed_before(now))
    assert (window is Window.FREE) == (block > RULE.free_from(now))
