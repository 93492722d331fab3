"""One installation per test, on its own folder and port."""

from pathlib import Path

import pytest

from tests.journeys.program import Installation, free_port


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(folder=tmp_path / "data", port=free_port())
