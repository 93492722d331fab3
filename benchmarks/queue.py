"""The page of the queue over 100,000 tips, as an officer asks for it: filtered, and on and on."""

import asyncio
import re
import secrets
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from aiohttp import ClientSession, CookieJar

from benchmarks.children import child, free_port, wait_until_ready
from benchmarks.table import Row, row
from benchmarks.tips import LOGIN, PASSWORD, Sender, add_moderator
from benchmarks.webhooks import binhyen

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
    """Return the row about the queue."""
    tips, rounds = (200, 1) if is_quick else (TIPS, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", free_port()
        start, env = binhyen(data, "serve", "--demo", port=port)
        base = f"http://127.0.0.1:{port}"
        with child(*start, env=env):
            wait_until_ready(f"{base}/health/ready")
            add_moderator(data)
            asyncio.run(Sender(port, 1).send())
        _multiply(data, tips)
        with child(*start, env=env):
            wait_until_ready(f"{base}/health/ready")
            times = asyncio.run(_pages(base, rounds))
    ordered = sorted(times)
    return [
        row(
            "queue_page",
            ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000,
            detail=f"median {statistics.median(times) * 1000:.0f} ms of {len(times)} pages",
        )
    ]


def _multiply(folder: Path, count: int) -> None:
    """Make `count` tips out of the one that was sent: other numbers, moments and states."""
    with closing(sqlite3.connect(folder / "binhyen.db")) as database:
        names = [one[1] for one in database.execute("PRAGMA table_info(tips)")]
        (first,) = database.execute("SELECT * FROM tips")
        tip = dict(zip(names, first, strict=True))
        marks = ", ".join("?" * len(names))
        with database:
            database.executemany(
                f"INSERT INTO tips VALUES ({marks})",  # noqa: S608 - only question marks
                ([one[name] for name in names] for one in _copies(tip, count)),
            )
            for table, rest in (
                ("tip_records", "sequence, kind, sealed, at"),
                ("tip_keys", "holder_id, wrapped"),
            ):
                database.execute(
                    f"INSERT INTO {table} SELECT new.id, {rest} FROM {table}"  # noqa: S608 - named above
                    " JOIN tips AS new ON new.id != tip_id WHERE tip_id = ?",
                    (tip["id"],),
                )


def _copies(tip: dict[str, object], count: int) -> Iterator[dict[str, object]]:
    received_at = tip["received_at"]
    assert isinstance(received_at, int)
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
