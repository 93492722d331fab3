"""Work is found by an index that holds only open rows, however many are done."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Executable, create_engine
from sqlalchemy.sql import ClauseElement

from bot.core.deliveries import Lane
from bot.storage import claiming, tables
from tests.storage.nouns import NEWS, NOON, WEB

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
