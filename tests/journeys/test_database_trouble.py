"""Nothing can be written for a while, in the middle of everything: no loss, and it is told.

Another program holds the database for more than ten seconds, or the disk takes nothing more.
"""

import asyncio
import resource
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from typing import Any

import aiohttp
import pytest

from bot.app.program import open_program
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.channels import ChannelKind
from tests.channels.stubs.telegram_flood import BUSY_MACHINE
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.journeys.program import Installation, Serving
from tests.storage import nouns

Trouble = Callable[[Installation, Serving], AbstractAsyncContextManager[None]]
MEMBERS = range(7_000_100, 7_000_400)
ASKING = range(7_000_500, 7_000_504)


@asynccontextmanager
async def locked(installation: Installation, _program: Serving) -> AsyncIterator[None]:
    """Hold the database as a browser of databases does that is in the middle of a change."""
    path = installation.folder / "binhyen.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        # The program may be writing at this moment; the platform beside us must not stand still.
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@asynccontextmanager
async def full(_installation: Installation, program: Serving) -> AsyncIterator[None]:
    """Let no file of the program grow, nor anything be written behind its first byte."""
    before = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, before)


async def settle(installation: Installation, stub: TelegramStub) -> None:
    """Make a commune with one bot and many members."""
    config = load_config({"BINHYEN_DATA_DIR": str(installation.folder)})
    clock, chance = RealClock(), RealChance()
    async with open_program(config, clock=clock, chance=chance, cheap=True) as program:
        await program.prepare()
        (commune,) = await program.units.all()
        account = await program.channels.add(
            kind=ChannelKind.TELEGRAM,
            unit_id=commune.id,
            name="Bot Bịa",
            settings={"bot_id": "123456", "mode": "webhook", "api_url": stub.url},
            credentials={"token": stub.token, "secret_token": "secret_1"},
            by="test",
        )
        async with program.storage.begin() as work:
            for chat in MEMBERS:
                stub.chats.seen(chat)
                where = {"channel_id": account.id, "unit_id": commune.id}
                await work.people.save(nouns.person(f"p{chat}", chat=str(chat), **where))
            await work.commit()


async def health(installation: Installation) -> dict[str, bool]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{installation.url}/health/ready") as answer,
    ):
        return {line["name"]: line["ok"] for line in await answer.json()}


async def finished(installation: Installation, announcement_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for _ in range(60):
        shown = await installation.command("announcement", "show", announcement_id)
        if not shown["outcomes"]["waiting"] and not shown["outcomes"]["sending"]:
            return shown
    pytest.fail(f"not finished: {shown}")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("trouble", [locked, full], ids=["locked", "full"])
async def test_nothing_is_lost_while_nothing_can_be_written(
    installation: Installation, trouble: Trouble
) -> None:
    text = installation.folder.parent / "text.txt"
    text.write_text("Họp tổ dân phố tối thứ Sáu.", encoding="utf-8")
    async with TelegramStub(limits=BUSY_MACHINE) as stub:
        await settle(installation, stub)
        async with installation.serving() as program:
            await program.wait_for_event("telegram.webhook_set")
            sending = await installation.command(
                *("announcement", "send", "--unit", "XA", "--title", "Họp tổ"),
                *("--text-file", str(text)),
            )
            await stub.wait_for_sent(10, timeout_s=30)
            async with trouble(installation, program):
                for person in ASKING:
                    await stub.user_says(person, "bao chay goi so nao")
                await program.wait_for_event("webhook.failed")
                # What is under way is tried first, and each try waits ten seconds for the lock.
                await program.wait_for_event("delivery.step_failed", within_s=150)
                assert (await health(installation))["database"] is False
                in_between = len(stub.sent)
            for person in ASKING:
                sent = await stub.wait_for_sent(1, timeout_s=30, to=person)
                assert "114" in sent[0].text
            shown = await finished(installation, sending["id"])
            assert all((await health(installation)).values())
    # What was answered while it could not be written was written afterwards.
    assert shown["outcomes"]["sent"] == shown["recipients"] == len(MEMBERS), shown
    copies = Counter(one.to for one in stub.sent if "Họp tổ" in one.text)
    assert copies == {str(chat): 1 for chat in MEMBERS}
    assert in_between < len(MEMBERS)
    assert stub.broken_rules == []
