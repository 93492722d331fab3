"""A client that costs little: ready-made requests over kept connections, answers only counted.

aiohttp's own client would be the slower half of the measurement.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run of requests took. Times in seconds."""

    requests: int
    failed: int
    wall_s: float
    times_s: tuple[float, ...]

    @property
    def per_s(self) -> float:
        return self.requests / self.wall_s

    def quantile_ms(self, share: float) -> float:
        ordered = sorted(self.times_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the bytes of one HTTP/1.1 request."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


async def as_fast_as_possible(port: int, requests: Sequence[bytes], *, connections: int) -> Load:
    """Send all requests, each connection one after the other."""
    waiting = list(reversed(requests))
    times: list[float] = []
    failed = 0
    began = time.perf_counter()

    async def worker() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            took, is_well = await _one(reader, writer, waiting.pop())
            times.append(took)
            failed += not is_well
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(worker())
    return Load(
        requests=len(requests),
        failed=failed,
        wall_s=time.perf_counter() - began,
        times_s=tuple(times),
    )


async def at_a_rate(
    port: int, requests: Sequence[bytes], *, per_s: float, connections: int
) -> Load:
    """Send requests at fixed moments; a late answer counts from its moment, not its sending."""
    began = time.perf_counter() + 0.1
    turns = list(reversed(list(enumerate(requests))))
    times: list[float] = []
    failed = 0

    async def worker() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while turns:
            number, request = turns.pop()
            due = began + number / per_s
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            _, is_well = await _one(reader, writer, request)
            times.append(time.perf_counter() - due)
            failed += not is_well
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(worker())
    return Load(
        requests=len(requests),
        failed=failed,
        wall_s=time.perf_counter() - began,
        times_s=tuple(times),
    )


async def _one(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[float, bool]:
    began = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if length:
        await reader.readexactly(length)
    return time.perf_counter() - began, head.startswith(b"HTTP/1.1 200")
