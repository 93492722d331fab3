"""A page of one process watches what another process sends."""

import asyncio
from dataclasses import replace

import aiohttp

from bot.app.program import open_program
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Address
from bot.services.people.people import JoinTarget
from console.streams import LAST
from tests.console.browser import Browser
from tests.journeys.program import Installation, free_port

PASSWORD = "bốn từ ghép lại dễ nhớ"


async def joined(installation: Installation, people: int) -> None:
    """Let people join the demo commune over the chat page."""
    config = load_config(
        {name: text for name, text in installation.env.items() if name.startswith("BINHYEN_")}
    )
    clock, chance = RealClock(), RealChance()
    async with open_program(config, clock=clock, chance=chance) as program:
        unit = await program.units.by_code("DEMO")
        async with program.storage.begin() as work:
            for number in range(people):
                await program.people.join(
                    work,
                    Address(channel_id=ChannelId("web"), chat=f"chat-{number}"),
                    JoinTarget(unit=unit),
                    consent="invented",
                    language=Language.VI,
                )
            await work.commit()


async def test_the_console_watches_what_the_worker_sends(installation: Installation) -> None:
    add = ("officer", "add", "--login", "lan", "--name", "Lan", "--unit", "DEMO")
    worker = replace(installation, port=free_port())
    async with installation.serving("--role", "console") as console:
        await joined(installation, 40)
        await installation.command(*add, "--role", "viewer", "--password-stdin", stdin=PASSWORD)
        text = installation.folder / "text"
        text.write_text("Nội dung", encoding="utf-8")
        send = ("announcement", "send", "--unit", "DEMO", "--title", "Thử")
        one = (await installation.command(*send, "--text-file", str(text)))["id"]
        async with Browser.open(installation.url) as browser:
            await browser.sign_in("lan", PASSWORD)
            url = f"{installation.url}/console/thong-bao/{one}/dong"
            asks = {"Accept": "text/html, text/event-stream"}
            async with browser.session.get(url, headers=asks) as stream:
                assert stream.content_type == "text/event-stream"
                heard = await until(stream, "0/40")
                async with worker.serving("--role", "worker"):
                    heard += await until(stream, "40/40")
                    heard += await until(stream, f"event: {LAST}")
        assert "Đã gửi xong" in heard
        assert await console.stop() == 0


async def until(stream: aiohttp.ClientResponse, words: str) -> str:
    """Read a stream until the words come; return what was read."""
    heard = ""
    async with asyncio.timeout(40):
        while words not in heard:
            line = (await stream.content.readline()).decode()
            assert line, heard
            heard += line
    return heard
