"""Numbers for reports: exact where they are told, and none that points at somebody."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotFound
from bot.core.tips import Report, TipCategory, TipState
from bot.services.tips.reading.statistics import (
    OUTCOMES,
    SMALLEST,
    Half,
    Table,
    made_table,
)
from tests.builders.town import Town

HALF = Half(year=2026, number=2)
CATEGORIES = [category.value for category in TipCategory]
numbers = st.dictionaries(
    st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(OUTCOMES)),
    st.integers(0, 12),
    max_size=40,
)


def lines(table: Table) -> list[list[int | None]]:
    """Return what adds up, sums included."""
    rows = [
        [*(table.cells[one, outcome] for outcome in OUTCOMES), table.by_category[one]]
        for one in CATEGORIES
    ]
    columns = [
        [*(table.cells[category, one] for category in CATEGORIES), table.by_outcome[one]]
        for one in OUTCOMES
    ]
    sums = [[*table.by_category.values(), table.total], [*table.by_outcome.values(), table.total]]
    return [*rows, *columns, *sums]


@given(told=numbers)
def test_nothing_small_is_told_and_nothing_can_be_worked_out(
    told: dict[tuple[str, str], int],
) -> None:
    table = made_table(HALF, told)
    for line in lines(table):
        assert not any(many is not None and 0 < many < SMALLEST for many in line)
        assert line.count(None) != 1


@given(told=numbers)
def test_what_is_told_is_true(told: dict[tuple[str, str], int]) -> None:
    table = made_table(HALF, told)
    for cell, many in table.cells.items():
        assert many in {None, told.get(cell, 0)}
    total = sum(told.values())
    assert table.total in {None, total}
    for category, outcome in product(CATEGORIES, OUTCOMES):
        row = sum(many for cell, many in told.items() if cell[0] == category)
        column = sum(many for cell, many in told.items() if cell[1] == outcome)
        assert table.by_category[category] in {None, row}
        assert table.by_outcome[outcome] in {None, column}


def test_where_nothing_is_small_everything_is_told() -> None:
    table = made_table(HALF, {("fire", "open"): 5, ("drugs", "resolved"): 70})
    assert None not in {*table.cells.values(), table.total}
    assert table.total == 75


def test_a_neighbour_that_stands_alone_does_not_give_a_small_number_away() -> None:
    table = made_table(HALF, {("fire", "open"): 3, ("drugs", "open"): 7, ("scam", "resolved"): 9})
    assert table.cells["fire", "open"] is None
    assert table.cells["drugs", "open"] is None
    assert table.by_category["drugs"] is None


async def test_forgotten_tips_stay_in_the_numbers(town: Town) -> None:
    await town.founded()
    reader = await town.moderator(unit=town.commune)
    for _ in range(6):
        report = Report(category=TipCategory.SCAM, what="Gọi điện xưng là công an.")
        submission = await town.receiving.intake.submit(report, town.hamlet)
        async with town.storage.begin() as work:
            await submission.effect(work)
            await work.commit()
    tips = await town.reading.queue.metadata(town.commune, by="test")
    statistics = town.reading.statistics
    before = await statistics.table(reader.officer, half_of(town.clock.now()))
    assert before.cells["scam", "open"] == 6
    for tip in tips:
        await town.reading.desk.move(tip.id, TipState.SPAM, reader, reason="thử")
        async with town.storage.begin() as work:
            removed = await work.tip_ends.remove(tip.id)
            assert removed is not None
            await work.tip_ends.count(removed)
            await work.commit()
    after = await statistics.table(reader.officer, half_of(town.clock.now()))
    assert Counter(after.cells)["scam", "spam"] == 6
    assert after.cells["scam", "open"] == 0
    elsewhere = await town.moderator(unit=town.elsewhere, login="khac")
    assert (await statistics.table(elsewhere.officer, half_of(town.clock.now()))).total == 0


async def test_numbers_are_for_those_who_may_see_tips(town: Town) -> None:
    await town.founded()
    reader = await town.moderator(unit=town.commune)
    statistics = town.reading.statistics
    with pytest.raises(NotFound):
        await statistics.table(replace(reader.officer, roles=frozenset()), HALF)


def half_of(moment: datetime) -> Half:
    return Half(year=moment.year, number=1 if moment.astimezone(UTC).month <= 6 else 2)
