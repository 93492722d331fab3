"""Tips over the page: a steady stream and a rush, then a flood with honest senders in it.

Every form is fetched, its task solved if there is one, and sent as a browser without scripts
sends it, so that the program itself seals: its dearest way. What was acknowledged is then looked
for in the database, each receipt once.
"""

import asyncio
import os
import re
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from benchmarks.children import child, free_port, wait_until_noted, wait_until_ready
from benchmarks.table import Row, row
from benchmarks.webhooks import binhyen
from bot.services.tips.receiving.ready_receipts import MOST

STEADY_PER_S: Final = 50
STEADY_S: Final = 60
RUSH: Final = 1_000
FLOODERS: Final = 1_000
HONEST: Final = 100
FLOOD_S: Final = 20
# Receipts are made ready at a quarter of one processor: six minutes if nothing else goes on.
READY_AT_MOST_S: Final = 1_800
PASSWORD: Final = "mật khẩu để đo"  # noqa: S105 - invented
LOGIN: Final = "do"
_BOUNDARY: Final = "----binhyen"
_RECEIPT: Final = re.compile(rb'id="receipt">([0-9A-Z]{4})[0-9A-Z-]{25}<')
_ONCE: Final = re.compile(r'name="once" value="([0-9a-f]+)"')
_TOKEN: Final = re.compile(r'name="task" value="([^"]+)"')
_NUMBER: Final = re.compile(r'name="number" value="(\d+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came back to one who told: the status, the receipt's locator if it was shown."""

    status: int
    locator: str
    took_s: float
    page: str = field(default="", repr=False)
    asks_task: bool = False


class Sender:
    """Somebody with the form open."""

    def __init__(self, port: int, number: int) -> None:
        self._port = port
        self._number = number
        self._address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._fields: dict[str, str] = {}

    async def open(self) -> None:
        """Fetch the form, and solve its task."""
        self._take((await self._ask(b"GET", b"")).decode())

    def _take(self, page: str) -> None:
        once, token, numbers = _ONCE.search(page), _TOKEN.search(page), _NUMBER.findall(page)
        self._fields = {"once": once[1]} if once else {}
        if token and numbers:
            self._fields |= {"task": token[1], "number": max(numbers, key=int)}

    async def tell(self) -> Told:
        """Press the button, and once more if the form comes back with a task; all of it counts."""
        told = await self.send()
        if not (told.asks_task and "task" not in self._fields):
            return told
        self._take(told.page)
        again = await self.send()
        return replace(again, took_s=told.took_s + again.took_s)

    async def send(self) -> Told:
        """Press the button."""
        began = time.perf_counter()
        try:
            answer = await self._ask(b"POST", _body({**_words(self._number), **self._fields}))
        except OSError:
            # Cut off: as good as no answer.
            answer = b""
        found = _RECEIPT.search(answer)
        page = "" if found else answer.decode(errors="replace")
        return Told(
            status=int(answer[9:12] or 0),
            locator=found[1].decode() if found else "",
            took_s=time.perf_counter() - began,
            page=page,
            asks_task=_TOKEN.search(page) is not None,
        )

    async def _ask(self, method: bytes, body: bytes) -> bytes:
        """Return the answer over a connection of its own, as a phone has one."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(
            method
            + b" /to-giac HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
            + f"X-Forwarded-For: {self._address}\r\nContent-Length: {len(body)}\r\n".encode()
            + f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n".encode()
            + b"Connection: close\r\n\r\n"
            + body
        )
        answer = await reader.read()
        writer.close()
        return answer


def _words(number: int) -> dict[str, str]:
    told = f"Thử tải {number}: xe tải chạy nhanh trước cổng trường, ngày nào cũng vậy. "
    return {
        "category": ("traffic", "drugs", "crime", "weapons", "scam")[number % 5],
        "what": told * (1 + number % 3),
        "where": "Đầu đường làng",
    }


def _body(fields: dict[str, str]) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return "".join([*parts, f"--{_BOUNDARY}--\r\n"]).encode()


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about tips."""
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", free_port()
        start, env = binhyen(data, "serve", "--demo", port=port)
        env |= {"BINHYEN_TRUSTED_PROXIES": "127.0.0.0/8"}
        ready = f"http://127.0.0.1:{port}/health/ready"
        log = Path(folder) / "log"
        with child(*start, env=env, log=log):
            wait_until_ready(ready)
            add_moderator(data)
            ready_s = (
                0.0
                if is_quick
                else wait_until_noted(log, "receipts.ready", at_most_s=READY_AT_MOST_S)
            )
            told, rush = asyncio.run(_steady_and_rush(port, is_quick=is_quick))
        # Started anew, so that limits of the first part do not stand before the second.
        with child(*start, env=env):
            wait_until_ready(ready)
            honest, sent = asyncio.run(_flood(port, is_quick=is_quick))
        return [
            _lost([*told, *rush, *honest], _locators(data)),
            _times(told, rush, ready_s),
            _honest(honest, sent),
        ]


def add_moderator(folder: Path, *, database: str = "") -> None:
    """Add somebody who may open tips, so that they are taken."""
    who = ("--login", LOGIN, "--name", "Đo", "--unit", "DEMO", "--role", "moderator")
    words = ("officer", "add", *who, "--password-stdin")
    command, env = binhyen(folder, *words, database=database)
    subprocess.run(
        command,
        env={**os.environ, **env},
        input=PASSWORD.encode(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


async def _steady_and_rush(port: int, *, is_quick: bool) -> tuple[list[Told], list[Told]]:
    steady, rush = (20, 20) if is_quick else (STEADY_PER_S * STEADY_S, RUSH)
    waiting = [Sender(port, steady + number) for number in range(rush)]
    began = time.perf_counter() + 0.1
    tasks = []
    async with asyncio.TaskGroup() as group:
        for number in range(steady):
            due = began + number / STEADY_PER_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(group.create_task(_open_and_send(Sender(port, number))))
    # They wrote meanwhile, and all press the button in the same moment.
    for some in range(0, rush, 20):
        await asyncio.gather(*(one.open() for one in waiting[some : some + 20]))
    told = await asyncio.gather(*(one.tell() for one in waiting))
    return [task.result() for task in tasks], list(told)


async def _open_and_send(sender: Sender) -> Told:
    await sender.open()
    return await sender.tell()


async def _flood(port: int, *, is_quick: bool) -> tuple[list[Told], int]:
    """Return what honest senders were told while others sent as often as they could."""
    flooders, honest = (20, 10) if is_quick else (FLOODERS, HONEST)
    until = time.perf_counter() + (2 if is_quick else FLOOD_S)
    sent = 0

    async def flood(number: int) -> None:
        nonlocal sent
        sender = Sender(port, 100_000 + number)
        while time.perf_counter() < until:
            await sender.send()
            sent += 1
            await asyncio.sleep(1.0)

    async def honestly(number: int) -> Told:
        await asyncio.sleep(number * (until - time.perf_counter()) / (honest + 1))
        return await _open_and_send(Sender(port, 200_000 + number))

    async with asyncio.TaskGroup() as group:
        for number in range(flooders):
            group.create_task(flood(number))
        tasks = [group.create_task(honestly(number)) for number in range(honest)]
    return [task.result() for task in tasks], sent


def _quantile(told: Sequence[Told], share: float) -> float:
    times = sorted(one.took_s for one in told)
    return times[min(len(times) - 1, int(share * len(times)))]


def _locators(folder: Path) -> Counter[str]:
    with closing(sqlite3.connect(folder / "binhyen.db")) as database:
        return Counter(one for (one,) in database.execute("SELECT locator FROM tips"))


def _lost(told: Sequence[Told], stored: Counter[str]) -> Row:
    shown = Counter(one.locator for one in told if one.locator)
    turned_away = sum(not one.locator for one in told)
    lost = sum((shown - stored).values())
    return row(
        "tips_lost",
        lost,
        detail=f"{sum(shown.values())} acknowledged, {turned_away} told to try again",
    )


def _times(steady: Sequence[Told], rush: Sequence[Told], ready_s: float) -> Row:
    return row(
        "tips_acknowledged",
        _quantile([*steady, *rush], 0.95),
        detail=f"steady p95 {_quantile(steady, 0.95):.2f} s; of the rush alone median"
        f" {_quantile(rush, 0.5):.2f} s, p95 {_quantile(rush, 0.95):.2f} s;"
        f" {MOST:,} receipts stood ready, made in {ready_s:.0f} s",
    )


def _honest(honest: Sequence[Told], sent: int) -> Row:
    blocked = sum(not one.locator for one in honest)
    return row(
        "tips_flood",
        _quantile(honest, 0.95),
        detail=f"{blocked} of {len(honest)} not acknowledged; the others sent {sent}",
    )
