"""Who else posts the same messages to the same platform, and keeps nothing.

A bare aiohttp client, and python-telegram-bot over the HTTP client it comes with: many at once, or
one message after another.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import msgspec
from telegram import Bot, LinkPreviewOptions

from benchmarks.quick_platform import TOKEN
from benchmarks.town import FIRST_CHAT

# As many as a sender has under way at most.
AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Messages a second, and the processor's milliseconds each of them took here."""

    per_s: float
    cpu_ms: float


async def timed(work: Awaitable[object], count: int) -> Speed:
    """Return the speed at which `work` sends `count` messages."""
    began, cpu_began = time.perf_counter(), time.process_time()
    await work
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    return Speed(per_s=count / took_s, cpu_ms=cpu_s / count * 1000)


async def bare(url: str, text: str, count: int) -> Speed:
    """Post with a client that does nothing else."""
    fields = {"text": text, "link_preview_options": {"is_disabled": True}}
    path, headers = f"{url}/bot{TOKEN}/sendMessage", {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=100), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:

        async def one(chat: int) -> None:
            body = msgspec.json.encode({"chat_id": str(chat), **fields})
            async with session.post(path, data=body, headers=headers) as answer:
                await answer.json()

        return await timed(_all(one, count, at_once=AT_ONCE), count)


async def library(url: str, text: str, count: int, *, at_once: int) -> Speed:
    """Send as the library does by itself."""
    preview = LinkPreviewOptions(is_disabled=True)
    async with Bot(TOKEN, base_url=f"{url}/bot") as bot:

        async def one(chat: int) -> None:
            await bot.send_message(chat, text, link_preview_options=preview)

        # Connections are made and everything is imported before the time begins.
        await _all(one, at_once, at_once=at_once)
        return await timed(_all(one, count, at_once=at_once), count)


async def _all(one: Callable[[int], Awaitable[None]], count: int, *, at_once: int) -> None:
    chats = iter(range(FIRST_CHAT, FIRST_CHAT + count))

    async def worker() -> None:
        for chat in chats:
            await one(chat)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())
