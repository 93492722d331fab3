"""What a finished row still says of whom it was for: the outcome, the hour, nothing else."""

from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.core.storage import Storage
from bot.storage.engine import read_url
from tests.storage.nouns import HOUR, NOON, arrival, reply, settle
from tests.storage.test_contract_deliveries import announce, claim, mark, sent

_HOUR_US = int(HOUR.timestamp() * 1_000_000)


async def _rows(database_url: str, table: str) -> list[dict[str, object]]:
    statement = text(f"SELECT * FROM {table}")  # noqa: S608 - one of two fixed names
    url = read_url(database_url)
    if url.drivername == "sqlite":
        engine = create_engine(url)
        with engine.connect() as connection:
            rows = [dict(row._mapping) for row in connection.execute(statement)]
        engine.dispose()
        return rows
    async_engine = create_async_engine(url)
    async with async_engine.connect() as connected:
        rows = [dict(row._mapping) for row in await connected.execute(statement)]
    await async_engine.dispose()
    return rows


async def test_a_handled_arrival_keeps_only_the_hour(store: Storage, database_url: str) -> None:
    await store.accept([arrival("1")])
    async with store.begin() as work:
        (row,) = await work.inbox.claim(1, owner="one", now=NOON, lease_until=NOON)
        await work.inbox.handled(row.id, at=NOON)
        await work.commit()
    (kept,) = await _rows(database_url, "inbox")
    assert {kept["arrived_at"], kept["free_at"], kept["done_at"]} == {_HOUR_US}
    assert kept["sealed"] is None
    assert kept["conversation"] is None


async def test_a_sent_reply_keeps_only_the_hour_and_no_id_of_the_platform(
    store: Storage, database_url: str
) -> None:
    await settle(store)
    async with store.begin() as work:
        await announce(work, 1)
        await work.deliveries.add_replies([reply("a")], at=NOON)
        ids = [delivery.id for delivery in await claim(work)]
        await mark(work, ids)
        await work.deliveries.record([sent(one) for one in ids], at=NOON)
        await work.commit()
    by_kind = {
        row["announcement_id"] is None: row for row in await _rows(database_url, "deliveries")
    }
    answer, copy = by_kind[True], by_kind[False]
    assert {answer["not_before"], answer["free_at"], answer["done_at"]} == {_HOUR_US}
    assert answer["platform_id"] is None
    assert answer["conversation"] is None
    assert copy["platform_id"] is not None
