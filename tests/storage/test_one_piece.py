"""What runs beside the event loop waits for nothing but statements."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from bot.core.storage import Work
from bot.storage.store import open_store


async def test_waiting_for_anything_else_is_refused_and_keeps_nothing(tmp_path: Path) -> None:
    async def waits(work: Work) -> None:
        await work.settings.put("key", "kept")
        await asyncio.sleep(0)

    async def commits(work: Work) -> None:
        await work.settings.put("key", "kept")
        await work.commit()

    def finds_none(_: Work) -> Awaitable[None]:
        return next(iter(()))

    async with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        for wrong in (waits, commits, finds_none):
            with pytest.raises(RuntimeError):
                await store.change(wrong)
        assert await store.look(lambda work: work.settings.get("key")) is None
        await store.change(lambda work: work.settings.put("key", "kept"))
        assert await store.look(lambda work: work.settings.get("key")) == "kept"
