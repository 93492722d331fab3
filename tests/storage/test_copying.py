"""Copies of a database in use: one moment of it, in one file, and back into either database."""

import asyncio
from pathlib import Path

import pytest

from bot.core.audit import AuditRecord
from bot.core.errors import BackupUnusable
from bot.core.storage import Storage
from bot.core.units import Unit
from bot.storage import copying
from bot.storage.store import open_store
from tests.storage.nouns import NOON, arrival, settle


async def filled(store: Storage) -> list[Unit]:
    await settle(store)
    await store.accept([arrival("one", "talk")])
    async with store.begin() as work:
        for number in range(5):
            await work.audit.append(AuditRecord(at=NOON, actor="clock", act=f"{number}"))
        await work.settings.put("a", "ồ")
        await work.commit()
    async with store.read() as work:
        return await work.units.all()


async def state_of(url: str) -> tuple[list[Unit], list[bytes], str | None]:
    async with open_store(url) as store, store.read() as work:
        hashes = [entry.hash async for entry in work.audit.walk()]
        return await work.units.all(), hashes, await work.settings.get("a")


async def test_a_copy_holds_what_the_database_holds(
    store: Storage, database_url: str, tmp_path: Path
) -> None:
    units = await filled(store)
    copy = tmp_path / "copy.db"
    await copying.copy_out(database_url, copy)
    copying.check_copy(copy)
    assert await state_of(f"sqlite:///{copy}") == await state_of(database_url)
    assert units


async def test_a_copy_goes_into_an_empty_database_of_either_kind(
    store: Storage, database_url: str, tmp_path: Path, empty_postgres_url: str
) -> None:
    await filled(store)
    before = await state_of(database_url)
    for name, target in (
        ("a.db", f"sqlite:///{tmp_path / 'there' / 'b.db'}"),
        ("c.db", empty_postgres_url),
    ):
        await copying.copy_out(database_url, tmp_path / name)
        assert await copying.is_empty(target)
        await copying.copy_in(tmp_path / name, target)
        assert not await copying.is_empty(target)
        assert await state_of(target) == before
        async with open_store(target) as restored:
            # Numbers go on behind those that were given out.
            assert await restored.accept([arrival("one", "talk"), arrival("two", "talk")]) == 1


async def test_a_copy_takes_the_place_of_what_was_there(database_url: str, tmp_path: Path) -> None:
    async with open_store(database_url) as store:
        await filled(store)
        before = await state_of(database_url)
        await copying.copy_out(database_url, tmp_path / "copy.db")
        async with store.begin() as work:
            await work.settings.put("a", "later")
            await work.commit()
    await copying.copy_in(tmp_path / "copy.db", database_url)
    assert await state_of(database_url) == before


async def test_what_is_written_meanwhile_is_wholly_in_a_copy_or_wholly_not(
    store: Storage, database_url: str, tmp_path: Path
) -> None:
    await settle(store)

    async def write() -> None:
        for number in range(60):
            async with store.begin() as work:
                await work.settings.put("a", str(number))
                await work.settings.put("b", str(number))
                await work.commit()

    async def copy() -> None:
        for number in range(4):
            path = tmp_path / f"copy{number}.db"
            await copying.copy_out(database_url, path)
            copying.check_copy(path)
            async with open_store(f"sqlite:///{path}") as opened, opened.read() as work:
                assert await work.settings.get("a") == await work.settings.get("b")

    await asyncio.gather(write(), copy())


@pytest.mark.parametrize("content", [b"no database", bytes(8192)])
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "copy.db"
    path.write_bytes(content)
    with pytest.raises(BackupUnusable):
        copying.check_copy(path)
