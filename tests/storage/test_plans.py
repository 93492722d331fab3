"""Work is found by an index that holds only open rows, however many are done."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Executable, create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from bot.core.audience import Selection
from bot.core.deliveries import DeliveryState, Lane
from bot.core.ids import DeliveryId, HouseholdId
from bot.core.results import Case, Place
from bot.core.sending import Reason
from bot.storage import claiming, missing, progress, results, tables
from bot.storage.audiences import people_of
from bot.storage.falling_back import next_of_households
from bot.storage.freezing import freezing
from tests.storage.nouns import HAMLET, NEWS, NOON, WEB

BLOCKED = Case(state=DeliveryState.FAILED, reason=Reason.BLOCKED)
LAST = Place(case=BLOCKED, done_at=NOON, id=DeliveryId(7))
OF_ONE = {"ix_deliveries_announcement"}

CASES = {
    "claim": (
        claiming.lease(
            claiming.due_first(WEB, tuple(Lane), [NEWS, NEWS], now=NOON, limit=60),
            owner="one",
            until=NOON,
        ),
        {"ix_deliveries_replies", "ix_deliveries_copies", "ix_deliveries_conversation"},
    ),
    "next due": (claiming.earliest(WEB), {"ix_deliveries_replies", "ix_deliveries_due"}),
    "announcements": (claiming.announcements_waiting(WEB), {"ix_announcements_state"}),
    "backlog": (
        claiming.open_rows(),
        {"ix_deliveries_sending"},
    ),
    "ended lately": (progress.ended_by_channel(NEWS, NOON), OF_ONE),
    "last tried": (progress.newest_tried(NEWS, NOON, 50), OF_ONE),
    # Two indexes of waiting copies serve alike; which one is taken hangs on which was made first.
    "still to be decided": (progress.open_by_channel(NEWS), {"ix_deliveries_"}),
    "being sent": (
        progress.with_copies_waiting(),
        {"ix_announcements_state", *OF_ONE},
    ),
    "results": (results.ended_later(NEWS, BLOCKED, NOON), OF_ONE),
    "results of a moment": (results.same_moment(NEWS, LAST), OF_ONE),
    "results told": (
        results.told(NEWS, results.same_moment(NEWS, LAST).limit(50)),
        {*OF_ONE, "ix_people_household"},
    ),
    "copies of households": (
        missing.copies_of_houses(NEWS, [HouseholdId("h")]),
        {"ix_people_household"},
    ),
    "how many households": (missing.count_missed(NEWS, [HAMLET]), {"ix_people_household"}),
    "households": (
        missing.missed(NEWS, [HAMLET], has_copies=True).where(tables.households.c.code > "H"),
        {"sqlite_autoindex_households_2 (unit_id=? AND code>?)", "ix_people_household"},
    ),
}
# What is looked for in the index: the whole case and a moment, so that a piece is found at once
# and in order, and the few copies of a person instead of the many of an announcement.
OF_CASE = "ix_deliveries_announcement (announcement_id=? AND state=? AND reason=? AND done_at"
OF_PERSON = "sqlite_autoindex_deliveries_1 (person_id=? AND announcement_id=?)"
SOUGHT = {
    "ended lately": {OF_CASE},
    "last tried": {OF_CASE},
    "results": {OF_CASE},
    "results of a moment": {f"{OF_CASE}=? AND rowid>?"},
    "results told": {OF_CASE, OF_PERSON},
    "households": {OF_PERSON},
    "copies of households": {OF_PERSON},
    "how many households": {OF_PERSON},
}


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize("case", CASES)
def test_open_rows_are_found_by_their_own_index(connection: Connection, case: str) -> None:
    statement, indexes = CASES[case]
    steps = plan(connection, statement)
    assert not [step for step in steps if step.startswith("SCAN deliveries") and "ix_" not in step]
    assert {name for name in indexes if any(name in step for step in steps)} == indexes


@pytest.mark.parametrize("case", SOUGHT)
def test_a_look_at_copies_reads_only_those_it_tells_of(connection: Connection, case: str) -> None:
    steps = plan(connection, CASES[case][0])
    looks = [step for step in steps if step.startswith(("SEARCH deliveries", "SEARCH of_one"))]
    sought = SOUGHT[case]
    assert {one for one in sought if any(one in look for look in looks)} == sought
    assert [look for look in looks if not any(one in look for one in sought)] == []


@pytest.mark.parametrize("case", ["results", "results of a moment"])
def test_a_list_is_read_in_the_order_of_its_index(connection: Connection, case: str) -> None:
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan(connection, CASES[case][0])


def plan(connection: Connection, statement: Executable) -> list[str]:
    assert isinstance(statement, ClauseElement)
    words = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")
    return [row[3] for row in rows]


def test_an_audience_is_judged_by_keys_however_large_it_is(connection: Connection) -> None:
    chosen = Selection(
        unit_ids=frozenset({HAMLET}), joined_until=NOON, missed=NEWS, topics=("traffic",)
    )
    people = people_of(chosen).where(tables.people.c.id > "a", tables.people.c.id <= "b")
    fresh = sqlite.insert(tables.deliveries)
    freezing_people = freezing(fresh, NEWS, people=people, lane=Lane.ORDINARY, at=NOON)
    for statement in (freezing_people, next_of_households([DeliveryId(1)])):
        steps = [step for step in plan(connection, statement) if step.startswith(("SE", "SC"))]
        found = {step.split(" USING ")[-1] for step in steps if " USING " in step}
        assert not [step for step in found if "ix_people_unit" in step]
        assert not [step for step in found if "ix_deliveries_announcement" in step]
        # Only what was just gathered is read from end to end.
        scanned = {step for step in steps if step.startswith("SCAN")}
        assert not [step for step in scanned if "people" in step or "deliveries" in step]
