"""The backup folder as services know it: listed, opened to look at, filled at night."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.app.backups import BackupFolder
from bot.app.program import open_program
from bot.config import Config, load_config
from bot.core.backups import Backups
from bot.core.errors import BackupUnusable
from tests.fakes import FakeClock, SteadyChance


def config_of(tmp_path: Path, **more: str) -> Config:
    settings: Mapping[str, str] = {"BINHYEN_DATA_DIR": str(tmp_path / "data"), **more}
    return load_config(settings)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


async def test_a_backup_is_opened_to_look_at_and_its_copy_is_gone_afterwards(
    tmp_path: Path, backups: Path, clock: FakeClock
) -> None:
    config = config_of(tmp_path, BINHYEN_BACKUP_DIR=str(backups))
    folder = BackupFolder(config, clock=clock)
    as_port: Backups = folder
    async with open_program(config, clock=clock, chance=SteadyChance(), cheap=True) as program:
        await program.prepare()
        await folder.nightly()
        [one] = as_port.all()
        async with as_port.opened(one.path) as opened:
            assert opened.made_at == one.made_at == clock.now().replace(microsecond=0)
            async with opened.storage.read() as copy, program.storage.read() as work:
                assert await copy.units.all() == await work.units.all()
            copied, kept = (opened.keys / "lasting.key"), config.data_dir / "keys" / "lasting.key"
            assert copied.read_bytes() == kept.read_bytes()
        assert not opened.keys.exists()


async def test_without_a_folder_nothing_is_made_at_night(tmp_path: Path, clock: FakeClock) -> None:
    folder = BackupFolder(config_of(tmp_path), clock=clock)
    await folder.nightly()
    assert folder.all() == []


async def test_a_folder_whose_disk_is_not_mounted_fails_the_job(
    tmp_path: Path, clock: FakeClock
) -> None:
    config = config_of(tmp_path, BINHYEN_BACKUP_DIR=str(tmp_path / "away"))
    with pytest.raises(BackupUnusable, match="mounted"):
        await BackupFolder(config, clock=clock).nightly()
    assert not (tmp_path / "away").exists()


async def test_a_backup_that_fails_half_way_leaves_the_older_ones_and_nothing_else(
    tmp_path: Path, backups: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of(tmp_path, BINHYEN_BACKUP_DIR=str(backups), BINHYEN_BACKUP_KEEP="1")
    folder = BackupFolder(config, clock=clock)
    async with open_program(config, clock=clock, chance=SteadyChance(), cheap=True):
        await folder.nightly()
        before = names_in(backups)
        clock.advance(86_400)
        with monkeypatch.context() as patched:
            patched.setattr("bot.app.backup_files.gzip.GzipFile.write", _full)
            with pytest.raises(OSError, match="No space"):
                await folder.nightly()
        assert names_in(backups) == before
        assert not [name for name in names_in(config.data_dir) if name.startswith(".backup-")]
        await folder.nightly()
        assert len(folder.all()) == 1
        assert names_in(backups) != before


def _full(*_: object) -> int:
    raise OSError(28, "No space left on device")
