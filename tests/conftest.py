"""What the tests of every room share: time, chance, a database, a vault, the book, a browser."""

import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.async_api import Browser, async_playwright
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.services.envelopes import Envelopes
from bot.storage import schema
from bot.storage.engine import read_url
from bot.vault.vault import Vault
from content.book import Book
from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.fakes import FakeClock, FakeMeter, SteadyChance
from tests.one_book import read_once, the_book
from tests.postgres import NoPostgres, running_postgres
from tests.storage.rig import Store, open_sqlite
from tests.vault_builder import open_vault

read_once()
_CHROMIUM = Path("/usr/bin/chromium")
_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it
# What this run leaves behind, and the run before it, several times over.
_ROOM_BYTES = 4 * 1024**3
_database_names = (f"test_{number}" for number in itertools.count(1))


def pytest_configure() -> None:
    """Let the tests' folders lie in memory where it has room: every commit waits for a disk.

    A kill loses nothing there; a power cut no test can make.
    """
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def absent(reason: str) -> NoReturn:
    """Skip, or fail where nothing may be skipped."""
    if os.environ.get("BINHYEN_TEST_REQUIRE_ALL"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def chance() -> SteadyChance:
    return SteadyChance()


@pytest.fixture
def meter() -> FakeMeter:
    return FakeMeter()


@pytest.fixture(scope="session")
def book() -> Book:
    return the_book()


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_sqlite(tmp_path) as opened:
        yield opened


@pytest.fixture
def vault(tmp_path: Path, clock: FakeClock) -> Iterator[Vault]:
    with open_vault(tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
def envelopes(vault: Vault, clock: FakeClock) -> Envelopes:
    return Envelopes(
        passing=vault.passing, lasting=vault.lasting, pseudonyms=vault.lasting, clock=clock
    )


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Yield the URL of a running server of the tests' own."""
    try:
        with running_postgres() as url:
            yield url
    except NoPostgres as missing:
        absent(str(missing))


@pytest.fixture
async def postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """Yield the URL of a fresh database with every table."""
    name = next(_database_names)
    engine = create_async_engine(read_url(postgres_server), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    url = postgres_server.replace("/postgres?", f"/{name}?")
    await schema.upgrade(url)
    yield url
    async with engine.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the program, or skip with the command that adds it."""
    if not _CHROMIUM.exists():
        absent(f"no {_CHROMIUM} here: apt-get install chromium")
    return _CHROMIUM


@pytest.fixture
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """Yield a headless Chromium; each test opens a page in a context of its own."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=options)
        yield opened
        await opened.close()
