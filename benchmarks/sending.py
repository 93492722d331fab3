"""CPU time of a send through an adapter, against the same request with a bare client.

Both post to the same strict stand-in; only this process's own CPU time counts.
"""

import asyncio
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp

from benchmarks.table import Row
from benchmarks.webhooks import PORTS, child
from bot.channels.telegram.account import Surroundings, TelegramAccount
from bot.channels.telegram.adapter import TelegramChannel
from bot.clock import RealClock
from bot.core.ids import ChannelId
from bot.core.messages import Address, Outgoing
from content.book import Book
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials

ROUNDS = 5
PER_ROUND = 400
TOKEN = "123:STUB"  # noqa: S105 - invented


def measure() -> list[Row]:
    """Return the row about sending over Telegram."""
    stub = (sys.executable, "-m", "tests.channels.stubs.telegram_stub", "--no-limits")
    more = ("--open-house", "--port", str(PORTS[2]), "--token", TOKEN)
    with child(*stub, *more):
        time.sleep(2)
        ratios = asyncio.run(_ratios())
    return [
        Row(
            measure="CPU of a Telegram send, of a bare client's",
            value=statistics.median(ratios),
            goal=2.5,
            unit="ratio",
            at_least=False,
            detail=f"{min(ratios):.2f} to {max(ratios):.2f}",
        )
    ]


async def _ratios() -> list[float]:
    url = f"http://127.0.0.1:{PORTS[2]}"
    say = Book.load().voice("channels")
    channel_id = ChannelId("benchmark")
    async with aiohttp.ClientSession() as session:
        channel = TelegramChannel(
            TelegramAccount(id=channel_id, token=TOKEN, api_url=url),
            Surroundings(
                session=session,
                store=MemoryCredentials({}),
                clock=RealClock(),
                say=say,
                attachments=MemoryAttachments(),
            ),
        )

        async def bare(number: int) -> None:
            body = {
                "chat_id": str(1_000 + number),
                "text": "Thông báo cắt điện sáng thứ Bảy, từ 6 giờ đến 9 giờ.",
                "link_preview_options": {"is_disabled": True},
            }
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as answer:
                await answer.json()

        async def own(number: int) -> None:
            to = Address(channel_id=channel_id, chat=str(1_000 + number))
            text = "Thông báo cắt điện sáng thứ Bảy, từ 6 giờ đến 9 giờ."
            await channel.send(to, Outgoing(text=text))

        await _cpu(bare)
        await _cpu(own)
        return [await _cpu(own) / await _cpu(bare) for _ in range(ROUNDS)]


async def _cpu(send: Callable[[int], Awaitable[None]]) -> float:
    began = resource.getrusage(resource.RUSAGE_SELF)
    for first in range(0, PER_ROUND, 20):
        async with asyncio.TaskGroup() as group:
            for number in range(first, first + 20):
                group.create_task(_one(send, number))
    ended = resource.getrusage(resource.RUSAGE_SELF)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


async def _one(send: Callable[[int], Awaitable[None]], number: int) -> None:
    await send(number)
