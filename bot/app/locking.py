"""One process per role and data directory: a second `serve` refuses instead of doing harm."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from bot.core.errors import BinhYenError


class ServeRole(StrEnum):
    """Which part of the work a process does."""

    ALL = "all"
    GATEWAY = "gateway"  # takes in what residents do, and answers it
    CONSOLE = "console"  # the officers' pages
    WORKER = "worker"  # sends, and does what is due by the clock


PARTS: Final = {
    ServeRole.ALL: (ServeRole.GATEWAY, ServeRole.CONSOLE, ServeRole.WORKER),
    ServeRole.GATEWAY: (ServeRole.GATEWAY,),
    ServeRole.CONSOLE: (ServeRole.CONSOLE,),
    ServeRole.WORKER: (ServeRole.WORKER,),
}


class AlreadyServing(BinhYenError):
    """Another process serves from this data directory."""


class FolderUnusable(BinhYenError):
    """The data directory cannot be written to."""


def make_data_folder(folder: Path) -> None:
    """Make the data directory, closed to other users. Raise `FolderUnusable`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise FolderUnusable(
            f"the data directory {folder} cannot be written to ({error.strerror}); make it"
            " writable for this user, or set BINHYEN_DATA_DIR to another one"
        ) from error


@contextmanager
def held(folder: Path, role: ServeRole) -> Iterator[None]:
    """Hold the locks of a role while serving. Raise `AlreadyServing`.

    The operating system lets go of them when the process ends, however it ends.
    """
    with ExitStack() as stack:
        for part in PARTS[role]:
            file = stack.enter_context((folder / f"serve.{part.value}.lock").open("w"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise AlreadyServing(
                    f"another process already serves ({part.value}) from {folder}; stop it"
                    " first, or set BINHYEN_DATA_DIR to another directory"
                ) from error
        yield
