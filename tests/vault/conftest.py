from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.vault.slow import SlowWork
from bot.vault.vault import Vault
from tests.vault_builder import open_vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with open_vault(tmp_path) as vault:
        yield vault


@pytest.fixture
def slow() -> Iterator[SlowWork]:
    slow = SlowWork(workers=2)
    yield slow
    slow.close()
