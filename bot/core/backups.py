"""Backups as the services know them: which there are, and one of them opened to look at."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.core.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One file of the backup folder. `made_at` is aware UTC, to the second."""

    path: Path
    made_at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedBackup:
    """What a backup holds: its database, and its keys as files in a folder as they lay in `keys`.

    Both are copies that are gone afterwards, so whatever is written to `storage` is too.
    """

    made_at: datetime
    storage: Storage
    keys: Path


class Backups(Protocol):
    """The folder of backups."""

    def all(self) -> list[Backup]:
        """Return the backups, newest first; none if no folder is set."""
        ...

    def opened(self, path: Path) -> AbstractAsyncContextManager[OpenedBackup]:
        """Open one to look at. Raise `BackupUnusable`."""
        ...
