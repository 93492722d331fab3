"""Backups: made while the program runs, checked by opening them, put back when it does not."""

import asyncio
import fcntl
import logging
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.app.backup_files import (
    DATABASE,
    KEPT_KEYS,
    Manifest,
    checksum_of,
    is_locked,
    pack,
    unpack,
)
from bot.app.locking import AlreadyServing, ServeRole, held, make_data_folder
from bot.config import Config
from bot.core.audit_check import ChainReport
from bot.core.backups import Backup, OpenedBackup
from bot.core.errors import BackupUnusable
from bot.core.time import Clock
from bot.services.audit import MACHINE, Audit
from bot.storage import copying
from bot.storage.store import open_store
from bot.vault.moving_mac import MovingMac

log = logging.getLogger(__name__)

_NAME: Final = re.compile(r"binhyen-(\d{8}-\d{6})Z\.backup")
_STAMP: Final = "%Y%m%d-%H%M%S"
_WORK: Final = ".backup-"
_PIECE_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a look into a backup found. `chain` is what its audit chain says."""

    manifest: Manifest
    chain: ChainReport
    is_locked: bool


class BackupFolder:
    """Fits `bot.core.backups.Backups`, and makes, checks and puts back."""

    def __init__(self, config: Config, *, clock: Clock, passphrase: str | None = None) -> None:
        """`passphrase` is used in place of the one in the settings."""
        self._config = config
        self._clock = clock
        self._given = passphrase

    def all(self) -> list[Backup]:
        """Return the backups of the folder, newest first; none if no folder is set."""
        folder = self._config.backup_dir
        if folder is None or not folder.is_dir():
            return []
        found = [
            Backup(path=path, made_at=made_at, size_bytes=path.stat().st_size)
            for path in folder.iterdir()
            if (made_at := _made_at(path)) is not None and path.is_file()
        ]
        return sorted(found, key=lambda one: one.made_at, reverse=True)

    async def make(self, target: Path | None = None) -> Checked:
        """Make a backup and check it by opening it; return what was found in it.

        Without a `target` it goes to the folder of the settings, and the oldest there go.
        Raise `BackupUnusable`, `StorageTrouble`.
        """
        path = target or self._next()
        if not path.parent.is_dir():
            raise BackupUnusable(f"there is no folder {path.parent}; is its disk mounted?")
        with self._work_folder() as folder:
            await asyncio.to_thread(self._take_keys, folder / "keys")
            await copying.copy_out(self._config.database_url, folder / DATABASE)
            await asyncio.to_thread(
                pack,
                folder,
                path,
                made_at=self._clock.now().replace(microsecond=0),
                database="sqlite" if self._config.is_sqlite else "postgresql",
                passphrase=self._passphrase(),
            )
        checked = await self.check(path)
        if target is None:
            self._forget_oldest()
        return checked

    def _next(self) -> Path:
        folder = self._config.backup_dir
        if folder is None:
            raise BackupUnusable("name a file, or set BINHYEN_BACKUP_DIR to a folder for backups")
        return folder / f"binhyen-{self._clock.now().astimezone(UTC):{_STAMP}}Z.backup"

    def _take_keys(self, folder: Path) -> None:
        for name in KEPT_KEYS:
            source = self._config.data_dir / "keys" / name
            if source.is_file():
                (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (folder / name).write_bytes(source.read_bytes())

    def _forget_oldest(self) -> None:
        for old in self.all()[self._config.backup_keep :]:
            old.path.unlink(missing_ok=True)
            checksum_of(old.path).unlink(missing_ok=True)
            log.info("backup.removed", extra={"made_at": old.made_at.isoformat()})

    async def check(self, path: Path) -> Checked:
        """Open a backup and look at all of it. Raise `BackupUnusable`."""
        with self._work_folder() as folder:
            manifest = await self._unpacked(path, folder)
            async with open_store(f"sqlite:///{folder / DATABASE}") as storage:
                chain = await Audit(storage=storage, clock=self._clock).verify()
        return Checked(manifest=manifest, chain=chain, is_locked=is_locked(path))

    @asynccontextmanager
    async def opened(self, path: Path) -> AsyncIterator[OpenedBackup]:
        """Open a backup to look at; its copy is gone afterwards. Raise `BackupUnusable`."""
        with self._work_folder() as folder:
            manifest = await self._unpacked(path, folder)
            async with open_store(f"sqlite:///{folder / DATABASE}") as storage:
                yield OpenedBackup(made_at=manifest.made_at, storage=storage, keys=folder / "keys")

    async def _unpacked(self, path: Path, folder: Path) -> Manifest:
        passphrase = self._passphrase()
        manifest = await asyncio.to_thread(unpack, path, folder, passphrase=passphrase)
        await asyncio.to_thread(copying.check_copy, folder / DATABASE)
        return manifest

    async def restore(self, path: Path, *, is_over: bool = False) -> Manifest:
        """Put a backup in place of what is there; `is_over` says that something may be.

        Keys of days and of reply routes that are there stay. Raise `BackupUnusable`.
        """
        config = self._config
        make_data_folder(config.data_dir)
        try:
            with held(config.data_dir, ServeRole.ALL), self._work_folder() as folder:
                manifest = await self._unpacked(path, folder)
                if not is_over and not await self._is_free():
                    raise BackupUnusable(
                        "there is a database or a key here already; set BINHYEN_DATA_DIR to an"
                        " empty folder, or say --over to put the backup in place of it"
                    )
                await asyncio.to_thread(self._put_keys, folder / "keys")
                await copying.copy_in(folder / DATABASE, config.database_url)
        except AlreadyServing as error:
            raise BackupUnusable(
                "the program is running here; stop it first, then restore"
            ) from error
        await self._note(manifest)
        return manifest

    async def _is_free(self) -> bool:
        keys = self._config.data_dir / "keys"
        has_keys = any((keys / name).exists() for name in KEPT_KEYS)
        return not has_keys and await copying.is_empty(self._config.database_url)

    def _put_keys(self, source: Path) -> None:
        folder = self._config.data_dir / "keys"
        for name in KEPT_KEYS:
            target = folder / name
            if not (source / name).is_file():
                # A founding key of what was here before would open set-up once more.
                target.unlink(missing_ok=True)
                continue
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (source / name).replace(target)

    async def _note(self, manifest: Manifest) -> None:
        key = MovingMac(self._config.data_dir / "keys" / "audit")
        async with (
            open_store(self._config.database_url, audit_key=key) as storage,
            storage.begin() as work,
        ):
            audit = Audit(storage=storage, clock=self._clock)
            facts = {"made_at": manifest.made_at.isoformat()}
            await audit.note(work, "backup.restore", by=MACHINE, facts=facts)
            await work.commit()

    async def nightly(self) -> None:
        """Make a backup if a folder is set; say in the log how it went."""
        if self._config.backup_dir is None:
            return
        checked = await self.make()
        # By now it lies there, whatever is wrong with the chain in it.
        if checked.chain.is_whole:
            log.info("backup.made", extra={"entries": checked.chain.entries})
        else:
            log.error("backup.chain_broken", extra={"number": checked.chain.broken_at})

    def _passphrase(self) -> str:
        if self._given is not None:
            return self._given
        file = self._config.backup_passphrase_file
        return read_passphrase(file) if file is not None else ""

    @contextmanager
    def _work_folder(self) -> Iterator[Path]:
        """Give a folder beside the database, as well kept as it is, and take it away again."""
        data = self._config.data_dir
        make_data_folder(data)
        with _held(data):
            for other in data.glob(f"{_WORK}*"):
                if _is_abandoned(other):
                    _wipe(other)
            folder = Path(tempfile.mkdtemp(prefix=_WORK, dir=data))
            handle = _taken(folder)
        try:
            yield folder
        finally:
            _wipe(folder)
            os.close(handle)


def read_passphrase(file: Path) -> str:
    """Return the first line of a file. Raise `BackupUnusable`."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupUnusable(f"the passphrase cannot be read from {file}") from error
    if not lines or not lines[0].strip():
        raise BackupUnusable(f"the first line of {file} is empty; a passphrase should be there")
    return lines[0].strip()


def _made_at(path: Path) -> datetime | None:
    found = _NAME.fullmatch(path.name)
    try:
        return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


@contextmanager
def _held(data: Path) -> Iterator[None]:
    """Let nobody else look for abandoned folders while one is being made."""
    with (data / "backup.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _taken(folder: Path, how: int = fcntl.LOCK_EX) -> int:
    """Return a handle that says that somebody works in the folder, until the process ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, how)
    except OSError:
        os.close(handle)
        raise
    return handle


def _is_abandoned(folder: Path) -> bool:
    """Tell whether the process that worked in the folder was killed."""
    try:
        handle = _taken(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    os.close(handle)
    return True


def _wipe(folder: Path) -> None:
    """Overwrite and remove a copy: what is forgotten in the database must not live on in it."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("r+b") as file:
                left = path.stat().st_size
                while left > 0:
                    left -= file.write(bytes(min(left, _PIECE_BYTES)))
                file.flush()
                os.fsync(file.fileno())
    shutil.rmtree(folder, ignore_errors=True)
