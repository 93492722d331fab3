import stat
from pathlib import Path

import pytest

from bot.core.sealing import (
    FoundingKey,
    HolderKeys,
    PasswordHashing,
    Pseudonyms,
    ReceiptMaking,
    Seal,
    TipSealing,
)
from bot.vault.errors import KeyFileUnusable
from bot.vault.slow import PASSWORD_COST
from bot.vault.vault import Vault, open_vault
from tests.vault.still_clock import StillClock
from tests.vault_builder import open_vault as open_cheap_vault


def test_every_port_of_the_core_is_served(vault: Vault) -> None:
    seals: tuple[Seal, ...] = (vault.passing, vault.lasting)
    pseudonyms: Pseudonyms = vault.lasting
    tips: TipSealing = vault.tips
    holders: HolderKeys = vault.officers
    passwords: PasswordHashing = vault.passwords
    receipts: ReceiptMaking = vault.receipts
    founding: FoundingKey = vault.setup
    assert all((*seals, pseudonyms, tips, holders, passwords, receipts, founding))


def test_all_keys_stand_in_one_closed_folder(vault: Vault, tmp_path: Path) -> None:
    vault.passing.seal("inbox", b"x")
    vault.setup.open_or_create()
    keys = tmp_path / "keys"
    found = {str(path.relative_to(keys)) for path in keys.rglob("*") if path.is_file()}
    assert found == {
        "lasting.key",
        "receipt-pepper.key",
        "passing/2026-11-22.key",
        "setup/founding.key",
    }
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [keys, *keys.rglob("*")]}
    assert modes == {0o700, 0o600}


def test_two_programs_share_one_folder(vault: Vault, tmp_path: Path) -> None:
    with open_cheap_vault(tmp_path) as other:
        assert other.passing.open("inbox", vault.passing.seal("inbox", b"x")) == b"x"
        assert other.lasting.open("channel", vault.lasting.seal("channel", b"x")) == b"x"


async def test_unless_said_otherwise_hashes_are_slow(tmp_path: Path) -> None:
    vault = open_vault(tmp_path / "keys", clock=StillClock())
    hashed = await vault.passwords.hash("x")
    vault.close()
    costs = f"m={PASSWORD_COST.memory_kib},t={PASSWORD_COST.passes},p={PASSWORD_COST.lanes}"
    assert costs in hashed


def test_a_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "keys").touch()
    with pytest.raises(KeyFileUnusable, match="chown"):
        open_vault(tmp_path / "keys", clock=StillClock(), cheap=True)
