"""An Official Account on its stub, and a commune that wants to connect one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.channels.rigs_zalo import ZaloRig, open_zalo_rig
from tests.channels.zalo.desk import Desk, open_desk
from tests.storage.rig import sqlite_url


@pytest.fixture
async def rig() -> AsyncIterator[ZaloRig]:
    async with open_zalo_rig() as opened:
        yield opened
        assert list(opened.complaints()) == []


@pytest.fixture
async def desk(town: Town) -> AsyncIterator[Desk]:
    async with open_desk(town) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a fresh database of each sort."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def any_desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """Return a desk over each sort of database."""
    async with open_town(tmp_path, url=database_url) as town, open_desk(town) as opened:
        yield opened
