"""The page of the queue over 100,000 tips, as an officer asks for it: filtered, and on and on.

Once on SQLite and once on a PostgreSQL of the tests' own.
"""

import asyncio
import os
import re
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession, CookieJar
from sqlalchemy import Connection, MetaData, create_engine, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.children import child, free_port, wait_until_ready
from benchmarks.table import Row, row
from benchmarks.tips import LOGIN, PASSWORD, Sender, add_moderator
from benchmarks.webhooks import binhyen
from bot.storage.engine import read_url
from tests.postgres import running_postgres

TIPS: Final = 100_000
ROUNDS: Final = 40
_HOUR_US: Final = 3_600_000_000
# What officers look at most: what is open, one state, one kind, urgent ones, overdue ones, all.
_VIEWS: Final = (
    "",
    "?loc=dang-cho",
    "?loc=xac-minh&viec=drugs",
    "?khan=1",
    "?qua-han=1&chua-nhan=1",
    "?loc=tat-ca",
)
_NEXT: Final = re.compile(r'href="([^"]*[?&](?:amp;)?sau=[^"]+)"')
_CSRF: Final = re.compile(r'name="csrf" value="([^"]+)"')
_CATEGORIES: Final = ("traffic", "drugs", "crime", "weapons", "scam", "disorder", "fire")
_STATES: Final = ("new", "new", "in_verification", "passed_on", "needs_more", "resolved", "spam")


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about the queue."""
    tips, rounds = (200, 1) if is_quick else (TIPS, ROUNDS)
    with tempfile.TemporaryDirectory() as folder, running_postgres() as postgres:
        data = Path(folder)
        sqlite = f"sqlite:///{data / 'tips.db'}"
        return [
            _measured("queue_page", data / "one", sqlite, tips=tips, rounds=rounds),
            _measured("queue_page_postgres", data / "two", postgres, tips=tips, rounds=rounds),
        ]


def _measured(key: str, data: Path, database: str, *, tips: int, rounds: int) -> Row:
    port = free_port()
    start, env = binhyen(data, "serve", "--demo", port=port, database=database)
    base = f"http://127.0.0.1:{port}"
    upgrade, _ = binhyen(data, "db", "upgrade")
    subprocess.run(upgrade, env={**os.environ, **env}, check=True, stdout=subprocess.DEVNULL)
    with child(*start, env=env):
        wait_until_ready(f"{base}/health/ready")
        add_moderator(data, database=database)
        asyncio.run(Sender(port, 1).send())
    _multiply(database, tips)
    with child(*start, env=env):
        wait_until_ready(f"{base}/health/ready")
        times = asyncio.run(_pages(base, rounds))
    ordered = sorted(times)
    return row(
        key,
        ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000,
        detail=f"median {statistics.median(times) * 1000:.0f} ms of {len(times)} pages",
    )


def _multiply(database: str, count: int) -> None:
    """Make `count` tips out of the one that was sent: other numbers, moments and states."""

    async def on_postgres() -> None:
        engine = create_async_engine(read_url(database))
        async with engine.begin() as connection:
            await connection.run_sync(_insert, count)
        await engine.dispose()

    if database.startswith("sqlite"):
        with create_engine(database).begin() as connection:
            _insert(connection, count)
    else:
        asyncio.run(on_postgres())


def _insert(connection: Connection, count: int) -> None:
    found = MetaData()
    found.reflect(connection)
    tips = found.tables["tips"]
    first = connection.execute(select(tips)).mappings().one()
    connection.execute(insert(tips), list(_copies(dict(first), count)))
    for name in ("tip_records", "tip_keys"):
        table = found.tables[name]
        rest = [column for column in table.columns if column.name != "tip_id"]
        others = (
            select(tips.c.id, *rest)
            .join_from(table, tips, tips.c.id != table.c.tip_id)
            .where(table.c.tip_id == first["id"])
        )
        names = ["tip_id", *(column.name for column in rest)]
        connection.execute(insert(table).from_select(names, others))
    # PostgreSQL does this by itself within a minute, which is later than we ask.
    connection.execute(text("ANALYZE"))


def _copies(tip: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    received_at = int(tip["received_at"])
    for number in range(count):
        at = received_at - number % 2_000 * _HOUR_US
        yield {
            **tip,
            "id": f"{number:06d}{secrets.token_hex(3)}",
            "reference": f"T-{number:08d}",
            "locator": f"{number:06d}",
            "category": _CATEGORIES[number % len(_CATEGORIES)],
            "state": _STATES[number % len(_STATES)],
            "is_urgent": number % 50 == 0,
            "received_at": at,
            "visible_at": at,
            "moved_at": at,
        }


async def _pages(base: str, rounds: int) -> list[float]:
    times: list[float] = []
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:

        async def page(path: str) -> str:
            async with session.get(f"{base}{path}") as answer:
                answer.raise_for_status()
                return await answer.text()

        form = await page("/console/dang-nhap")
        token = _CSRF.search(form)
        assert token is not None
        fields = {"csrf": token[1], "login": LOGIN, "password": PASSWORD}
        async with session.post(f"{base}/console/dang-nhap", data=fields) as answer:
            answer.raise_for_status()
        for _ in range(rounds):
            for view in _VIEWS:
                path = f"/console/tin-bao{view}"
                # The first page of a view, and the two behind it.
                for _ in range(3):
                    began = time.perf_counter()
                    found = _NEXT.search(await page(path))
                    times.append(time.perf_counter() - began)
                    if found is None:
                        break
                    path = found[1].replace("&amp;", "&")
    return times
