"""A sender's surroundings for every test."""

from pathlib import Path

import pytest

from bot.core.channels import Pace
from bot.services.envelopes import Envelopes
from tests.delivery.rig import Rig, channel_at, settled
from tests.fakes import FakeClock
from tests.storage.rig import Store, sqlite_url


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(is_automatic=True)


@pytest.fixture
async def rig(storage: Store, envelopes: Envelopes, clock: FakeClock, tmp_path: Path) -> Rig:
    channel = channel_at(Pace(per_s=25.0), clock)
    await settled(storage, channel)
    return Rig(
        storage=storage,
        envelopes=envelopes,
        clock=clock,
        channel=channel,
        file=tmp_path / "binhyen.db",
    )


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a fresh database of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    return str(request.getfixturevalue("postgres_url"))
