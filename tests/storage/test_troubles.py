"""A database that cannot be used says why in one sentence, with what to do."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.core.errors import StorageTrouble
from bot.storage.store import open_store
from bot.storage.troubles import trouble_of
from tests.storage.nouns import unit
from tests.storage.rig import open_sqlite, sqlite_url


async def refusal(url: str) -> str:
    with pytest.raises(StorageTrouble) as caught:
        async with open_store(url):
            pass
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://host/db", "postgres://host/db"],
)
async def test_an_address_of_no_database_we_know_is_refused(url: str) -> None:
    assert "BINHYEN_DATABASE_URL" in await refusal(url)


async def test_a_folder_that_is_not_there_is_named_as_the_fault(tmp_path: Path) -> None:
    assert "folder" in await refusal(sqlite_url(tmp_path / "missing"))


async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    words = b"these are no tables at all, " * 100
    (tmp_path / "binhyen.db").write_bytes(words)
    assert "restore a backup" in await refusal(sqlite_url(tmp_path))
    assert (tmp_path / "binhyen.db").read_bytes() == words


async def test_a_damaged_file_is_told_apart_while_in_use(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path) as store, store.begin() as work:
        await work.units.save(unit())
        await work.commit()
    with closing(sqlite3.connect(tmp_path / "binhyen.db")) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
        page, size = plain.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size)"
            " FROM sqlite_master WHERE name = 'units'"
        ).fetchone()
    damage(tmp_path / "binhyen.db", (page - 1) * size, size)
    async with open_sqlite(tmp_path) as store, store.read() as work:
        with pytest.raises(StorageTrouble, match="damaged"):
            await work.units.all()


def damage(path: Path, at: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * size)


async def test_a_server_that_is_not_there_is_named_as_the_fault(tmp_path: Path) -> None:
    said = await refusal(f"postgresql://user@/db?host={tmp_path}")
    assert "cannot be reached" in said


async def test_an_unknown_database_is_named_as_the_fault(postgres_url: str) -> None:
    assert "does not know" in await refusal(postgres_url.replace("/binhyen?", "/nowhere?"))


async def test_a_missing_driver_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    assert "binhyen[postgres]" in await refusal(f"postgresql://user@/db?host={tmp_path}")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("attempt to write a readonly database", "cannot be written"),
        ("database or disk is full", "Free some space"),
        ("disk I/O error", "health"),
        ("database is locked", "Another program"),
        ('password authentication failed for user "x"', "password"),
        ("something else\nwith details", "The database failed: something else"),
    ],
)
def test_what_drivers_say_becomes_advice(said: str, advice: str) -> None:
    error = OperationalError("SELECT", {}, sqlite3.OperationalError(said))
    assert advice in str(trouble_of(error))
    assert "details" not in str(trouble_of(error))


def test_a_trouble_stays_what_it_is() -> None:
    trouble = StorageTrouble("said already")
    assert trouble_of(trouble) is trouble
