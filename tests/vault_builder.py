"""The real vault over a temporary folder, with no slowness in its hashes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.time import Clock
from bot.vault.vault import Vault
from bot.vault.vault import open_vault as open_real_vault
from tests.vault.still_clock import StillClock


@contextmanager
def open_vault(tmp_path: Path, *, clock: Clock | None = None) -> Iterator[Vault]:
    """Open a cheap vault in `tmp_path`/keys and close it at the end."""
    vault = open_real_vault(tmp_path / "keys", clock=clock or StillClock(), cheap=True)
    try:
        yield vault
    finally:
        vault.close()
