"""The key of the audit chain moves forward, and what it was is nowhere on the disk."""

from pathlib import Path

import pytest

from bot.core.audit import entry_mac, key_after
from bot.core.sealing import KeyGone
from bot.vault.errors import KeyFileUnusable
from bot.vault.moving_mac import MovingMac

DIGEST = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


def contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_nothing_is_there_before_it_begins(folder: Path) -> None:
    key = MovingMac(folder)
    assert (key.state(), key.starts(), folder.exists()) == (None, [], False)
    with pytest.raises(KeyGone):
        key.mac(1, DIGEST)


def test_the_auditor_can_compute_every_key_from_the_start(folder: Path) -> None:
    key = MovingMac(folder)
    state = key.begin(7)
    [start] = key.starts()
    assert (start.since, start.mark) == (7, state.mark)
    expected = start.key
    for number in range(7, 20):
        assert key.mac(number, DIGEST) == entry_mac(expected, DIGEST)
        expected = key_after(expected)
    for number in range(7, 20, 3):
        key.advance(number, state.mark)
    assert key.mac(20, DIGEST) == entry_mac(expected, DIGEST)


def test_erased_keys_are_on_no_byte_of_the_folder(folder: Path) -> None:
    key = MovingMac(folder)
    state = key.begin(1)
    [start] = key.starts()
    key.advance(3, state.mark)
    key.forget_start(start.mark)
    old = start.key
    for number in range(1, 4):
        assert old not in contents(folder)
        with pytest.raises(KeyGone):
            key.mac(number, DIGEST)
        old = key_after(old)
    assert old in contents(folder)
    assert key.starts() == []


def test_the_old_content_is_overwritten_where_it_stood(folder: Path) -> None:
    key = MovingMac(folder)
    state = key.begin(1)
    with (folder / "moving.key").open("rb") as still_open:
        key.advance(1, state.mark)
        assert set(still_open.read()) == {0}


def test_it_never_moves_back_and_not_for_another_key(folder: Path) -> None:
    key = MovingMac(folder)
    state = key.begin(1)
    key.advance(5, state.mark)
    key.advance(2, state.mark)
    key.advance(9, "0" * 16)
    again = MovingMac(folder).state()
    assert again is not None
    assert (again.since, again.next, again.mark) == (1, 6, state.mark)


def test_a_new_beginning_takes_the_place_of_the_old(folder: Path) -> None:
    key = MovingMac(folder)
    first = key.begin(1)
    second = key.begin(40)
    assert key.state() == second
    assert [start.mark for start in key.starts()] == [first.mark, second.mark]


def test_files_are_for_their_owner_alone(folder: Path) -> None:
    MovingMac(folder).begin(1)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_damaged_file_is_named(folder: Path) -> None:
    key = MovingMac(folder)
    key.begin(1)
    (folder / "moving.key").write_bytes(b"half")
    with pytest.raises(KeyFileUnusable, match=r"moving\.key"):
        key.state()
