"""Work is found by an index that holds only open rows, however many are done."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Executable, create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from bot.core.audience import Selection
from bot.core.deliveries import Lane
from bot.core.ids import DeliveryId
from bot.storage import claiming, tables
from bot.storage.audiences import people_of
from bot.storage.falling_back import next_of_households
from bot.storage.freezing import freezing
from tests.storage.nouns import HAMLET, NEWS, NOON, WEB

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
