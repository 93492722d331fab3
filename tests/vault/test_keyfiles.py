import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.vault import keyfiles
from bot.vault.errors import KeyFileUnusable

NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Stand in for a folder that another user can reach, unlike `tmp_path`."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def powerless() -> Iterator[None]:
    """Take away the rights of the superuser, who may write anywhere."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    yield
    os.seteuid(was)


@pytest.fixture
def locked_folder(open_folder: Path) -> Path:
    folder = open_folder / "keys"
    folder.mkdir()
    (folder / "some.key").write_bytes(bytes(32))
    (folder / "some.key").chmod(0o000)
    folder.chmod(0o555)
    return folder


def test_all_missing_folders_are_made_closed(tmp_path: Path) -> None:
    keyfiles.prepare_folder(tmp_path / "data" / "keys" / "passing")
    made = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o700}
    assert len(made) == 3


def test_a_folder_of_keys_that_stood_open_is_closed_but_not_those_above(tmp_path: Path) -> None:
    (tmp_path / "data" / "keys").mkdir(parents=True)
    for folder in (tmp_path / "data", tmp_path / "data" / "keys"):
        folder.chmod(0o755)
    keyfiles.prepare_folder(tmp_path / "data" / "keys")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "data" / "keys").stat().st_mode) == 0o700


def test_the_first_content_stays(tmp_path: Path) -> None:
    assert keyfiles.read_or_create(tmp_path / "some.key", b"first") == b"first"
    assert keyfiles.read_or_create(tmp_path / "some.key", b"other") == b"first"


@pytest.mark.usefixtures("locked_folder", "powerless")
def test_a_folder_without_the_right_to_write_says_what_to_do(open_folder: Path) -> None:
    with pytest.raises(KeyFileUnusable, match=r"cannot be used.*chown"):
        keyfiles.prepare_folder(open_folder / "keys")


@pytest.mark.usefixtures("locked_folder", "powerless")
def test_a_key_without_the_right_to_read_says_what_to_do(open_folder: Path) -> None:
    with pytest.raises(KeyFileUnusable, match=r"cannot be read.*chown"):
        keyfiles.read(open_folder / "keys" / "some.key", size_bytes=32)


@pytest.mark.usefixtures("locked_folder", "powerless")
def test_a_key_without_the_right_to_destroy_says_so(open_folder: Path) -> None:
    with pytest.raises(KeyFileUnusable, match="cannot be destroyed"):
        keyfiles.destroy(open_folder / "keys" / "some.key")


@pytest.mark.usefixtures("locked_folder", "powerless")
def test_a_key_that_cannot_be_made_says_what_to_do(open_folder: Path) -> None:
    with pytest.raises(KeyFileUnusable, match="cannot be used"):
        keyfiles.read_or_create(open_folder / "keys" / "new.key", bytes(32))


def test_destroying_in_a_folder_that_is_not_there_finds_nothing(tmp_path: Path) -> None:
    assert not keyfiles.destroy(tmp_path / "none" / "some.key")


def test_something_in_the_way_of_a_new_key_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".some.key.new").mkdir()
    with pytest.raises(KeyFileUnusable, match="cannot be used"):
        keyfiles.read_or_create(tmp_path / "some.key", bytes(32))
