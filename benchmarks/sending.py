"""CPU time of a send through an adapter, against the same request with a bare client.

Both post to the same strict stand-in; only this process's own CPU time counts.
"""

import asyncio
import resource
import statistics
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

import aiohttp

from benchmarks.children import child, free_port, wait_until_listening
from benchmarks.table import Row, row
from bot.channels.telegram.account import Surroundings as TelegramSurroundings
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.adapter import Surroundings as ZaloSurroundings
from bot.channels.zalo.adapter import ZaloChannel
from bot.channels.zalo.pairs import ACCESS_TOKEN, EXPIRES_AT
from bot.clock import RealClock
from bot.core.channels import Channel
from bot.core.ids import ChannelId
from bot.core.messages import Address, Outgoing
from content.book import Book
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials, NoChance

ROUNDS = 5
PER_ROUND = 400
TOKEN = "123:STUB"  # noqa: S105 - invented
TEXT = "Thông báo cắt điện sáng thứ Bảy, từ 6 giờ đến 9 giờ."
CHANNEL_ID = ChannelId("benchmark")


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about sending over each platform."""
    rows = []
    rounds = 1 if is_quick else ROUNDS
    for platform, ratios in (("Telegram", _telegram), ("Zalo", _zalo)):
        port = free_port()
        stub = f"tests.channels.stubs.{platform.lower()}_stub"
        more = ("--token", TOKEN) if platform == "Telegram" else ()
        command = (sys.executable, "-m", stub, "--no-limits", "--open-house")
        with child(*command, "--port", str(port), *more):
            wait_until_listening(port)
            found = asyncio.run(ratios(f"http://127.0.0.1:{port}", rounds))
        rows.append(
            row(
                f"cpu_{platform.lower()}",
                statistics.median(found),
                detail=f"{min(found):.2f} to {max(found):.2f}",
            )
        )
    return rows


async def _telegram(url: str, rounds: int) -> list[float]:
    async with aiohttp.ClientSession() as session:
        channel = TelegramChannel(
            TelegramAccount(id=CHANNEL_ID, token=TOKEN, api_url=url),
            TelegramSurroundings(
                session=session,
                store=MemoryCredentials({}),
                clock=RealClock(),
                say=Book.load().voice("channels"),
                attachments=MemoryAttachments(),
            ),
        )

        async def bare(number: int) -> None:
            body = {
                "chat_id": str(1_000 + number),
                "text": TEXT,
                "link_preview_options": {"is_disabled": True},
            }
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as answer:
                await answer.json()

        return await _ratios(channel, bare, rounds)


async def _zalo(url: str, rounds: int) -> list[float]:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{url}/_stub/state", json={}) as answer:
            token = (await answer.json())["access_token"]
        expires_at = RealClock().now() + timedelta(hours=20)
        pair = {ACCESS_TOKEN: token, EXPIRES_AT: expires_at.isoformat()}
        channel = ZaloChannel(
            # Without a pace of its own: what is measured is work, not waiting.
            ZaloAccount(
                id=CHANNEL_ID,
                app_id="1",
                oa_id="2",
                app_secret="s",  # noqa: S106 - invented
                oa_secret="s",  # noqa: S106 - invented
                api_url=url,
                per_s=1_000_000.0,
            ),
            ZaloSurroundings(
                session=session,
                store=MemoryCredentials(pair),
                clock=RealClock(),
                chance=NoChance(),
                say=Book.load().voice("channels"),
                attachments=MemoryAttachments(),
            ),
        )

        async def bare(number: int) -> None:
            body = {"recipient": {"user_id": str(1_000 + number)}, "message": {"text": TEXT}}
            headers = {"access_token": token}
            path = f"{url}/v3.0/oa/message/cs"
            async with session.post(path, json=body, headers=headers) as answer:
                await answer.json()

        return await _ratios(channel, bare, rounds)


async def _ratios(
    channel: Channel, bare: Callable[[int], Awaitable[None]], rounds: int
) -> list[float]:
    async def own(number: int) -> None:
        to = Address(channel_id=CHANNEL_ID, chat=str(1_000 + number))
        await channel.send(to, Outgoing(text=TEXT))

    await _cpu(bare)
    await _cpu(own)
    return [await _cpu(own) / await _cpu(bare) for _ in range(rounds)]


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
