import re
import stat
from pathlib import Path

import pytest

from bot.core.sealing import KeyGone
from bot.vault.errors import KeyFileUnusable
from bot.vault.setup import SetupKey
from bot.vault.vault import Vault


@pytest.fixture
def setup(tmp_path: Path) -> SetupKey:
    return SetupKey(tmp_path / "setup")


def test_there_is_no_founding_key_until_it_is_asked_for(setup: SetupKey) -> None:
    assert not setup.exists()
    with pytest.raises(KeyGone):
        _ = setup.pair


def test_the_founding_key_stays_the_same_until_set_up_is_done(
    setup: SetupKey, tmp_path: Path
) -> None:
    setup.open_or_create()
    again = SetupKey(tmp_path / "setup")
    again.open_or_create()
    assert again.exists()
    assert again.pair == setup.pair
    assert again.token == setup.token


def test_the_founding_pair_opens_what_was_sealed_to_it(vault: Vault) -> None:
    vault.setup.open_or_create()
    pair = vault.setup.pair
    assert vault.tips.unwrap(vault.tips.wrap(bytes(32), pair.public), pair.private) == bytes(32)
    assert vault.officers.public_of(pair.private) == pair.public


def test_the_token_fits_a_link(setup: SetupKey, tmp_path: Path) -> None:
    setup.open_or_create()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", setup.token)
    other = SetupKey(tmp_path / "other")
    other.open_or_create()
    assert other.token != setup.token


def test_nothing_of_it_is_left_once_set_up_is_done(setup: SetupKey, tmp_path: Path) -> None:
    setup.open_or_create()
    (tmp_path / "second name").hardlink_to(tmp_path / "setup" / "founding.key")
    setup.destroy()
    assert not setup.exists()
    assert list((tmp_path / "setup").iterdir()) == []
    assert (tmp_path / "second name").read_bytes() == bytes(64)
    with pytest.raises(KeyGone, match="set-up is done"):
        _ = setup.token


def test_finishing_twice_is_no_fault(setup: SetupKey) -> None:
    setup.destroy()
    setup.open_or_create()
    setup.destroy()
    setup.destroy()
    assert not setup.exists()


def test_the_file_is_closed_to_others(setup: SetupKey, tmp_path: Path) -> None:
    setup.open_or_create()
    path = tmp_path / "setup" / "founding.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_damaged_file_says_what_to_do(setup: SetupKey, tmp_path: Path) -> None:
    (tmp_path / "setup").mkdir()
    (tmp_path / "setup" / "founding.key").touch()
    with pytest.raises(KeyFileUnusable, match="0 bytes instead of 64"):
        setup.exists()


def test_a_file_that_cannot_be_destroyed_says_what_to_do(setup: SetupKey, tmp_path: Path) -> None:
    (tmp_path / "setup" / "founding.key").mkdir(parents=True)
    with pytest.raises(KeyFileUnusable, match="cannot be destroyed"):
        setup.destroy()
