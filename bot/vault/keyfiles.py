"""Secret files on disk: made once by whichever process comes first, read whole, destroyed well.

Knows nothing of what the secrets are for. Every fault of the disk becomes `KeyFileUnusable`.
Overwriting before unlinking is worth what the disk makes of it: a solid-state disk or a copying
file system may keep old blocks, which is why `DATA_DIR` belongs on an encrypted disk.
"""

import contextlib
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bot.vault.errors import KeyFileUnusable

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600


def prepare_folder(folder: Path) -> None:
    """Make `folder` (and those missing above it), closed to everyone but its owner.

    What was made has reached the disk. Raises `KeyFileUnusable` if it cannot be made, entered
    or written.
    """
    try:
        _make_folder(folder)
        _close_to_others(folder, FOLDER_MODE)
    except OSError as error:
        raise _folder_fault(folder, error) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
        raise _folder_fault(folder, None)


def read_or_create(path: Path, fresh: bytes) -> bytes:
    """Return the content of `path`; if there is none yet, keep `fresh` there and return it.

    Safe with many processes: all of them get the same bytes, and nobody ever sees half a file.
    What is returned has reached the disk. A file of another size than `fresh` is refused.
    Raises `KeyFileUnusable`.
    """
    if (kept := read(path, size_bytes=len(fresh))) is not None:
        return kept
    prepare_folder(path.parent)
    try:
        with _folder_held(path.parent) as folder:
            if not path.exists():
                _write_new(path, fresh)
                os.fsync(folder)
                return fresh
    except OSError as error:
        raise _folder_fault(path.parent, error) from error
    # Another process came first.
    return read_or_create(path, fresh)


def replace(path: Path, change: Callable[[bytes | None], bytes | None]) -> None:
    """Put what `change` makes of the content at `path` in its place, and overwrite the old.

    `change` is given None if there is no such file, and returns None to leave everything as it
    is. No other process reads or writes the folder meanwhile; a kill leaves the old content or
    the new, never half of one. Returns when the old is gone from the disk. Raises
    `KeyFileUnusable`.
    """
    prepare_folder(path.parent)
    try:
        with _folder_held(path.parent) as folder:
            old = path.read_bytes() if path.exists() else None
            fresh = change(old)
            if fresh is None:
                return
            # Its blocks are still ours to overwrite when the name leads to others.
            before = os.open(path, os.O_WRONLY | os.O_CLOEXEC) if old is not None else None
            try:
                _write_new(path, fresh)
                os.fsync(folder)
                if before is not None and old is not None:
                    _write_whole(before, bytes(len(old)))
                    os.fsync(before)
            finally:
                if before is not None:
                    os.close(before)
    except OSError as error:
        raise _folder_fault(path.parent, error) from error


def read(path: Path, *, size_bytes: int) -> bytes | None:
    """Return the content of `path`, or None if there is no such file.

    Raises `KeyFileUnusable` if it cannot be read or does not hold exactly `size_bytes`.
    """
    try:
        # Held, so that a file which another process is overwriting is never taken for a key.
        with _folder_held(path.parent, fcntl.LOCK_SH):
            content = path.read_bytes()
            _close_to_others(path, FILE_MODE)
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise _folder_fault(path.parent, error) from error
    except OSError as error:
        raise KeyFileUnusable(
            path,
            f"the key file cannot be read ({error.strerror})",
            "Let the user that runs binhyen own it (chown), with mode 0600.",
        ) from error
    if len(content) != size_bytes:
        raise KeyFileUnusable(
            path,
            f"the key file holds {len(content)} bytes instead of {size_bytes}",
            "It is damaged: put it back from a backup. Do not delete it while anything sealed"
            " with it is still wanted.",
        )
    return content


def files_in(folder: Path) -> list[Path]:
    """Return what stands in `folder`, which must exist. Raises `KeyFileUnusable`."""
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise _folder_fault(folder, error) from error


def destroy(path: Path) -> bool:
    """Overwrite and remove `path`; tell whether this call removed it.

    Returns after the removal has reached the disk. Raises `KeyFileUnusable`.
    """
    try:
        with _folder_held(path.parent) as folder:
            handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                _write_whole(handle, bytes(os.fstat(handle).st_size))
                os.fsync(handle)
            finally:
                os.close(handle)
            path.unlink()
            os.fsync(folder)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise KeyFileUnusable(
            path,
            f"the key file cannot be destroyed ({error.strerror})",
            "Let the user that runs binhyen own the file and its folder, on a writable disk.",
        ) from error
    return True


@contextlib.contextmanager
def _folder_held(folder: Path, how: int = fcntl.LOCK_EX) -> Iterator[int]:
    """Hold `folder` against other processes and threads; a killed process lets go by itself."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, how)
        yield handle
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> None:
    """Make what is missing of `folder`, and see it to the disk; what is there stays as it is."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    handle = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_new(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step; the folder must be held."""
    unfinished = path.with_name(f".{path.name}.new")
    # Left behind only by a process killed right here: it never became a key.
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        _write_whole(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    unfinished.replace(path)


def _write_whole(handle: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


def _close_to_others(path: Path, mode: int) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        # Some file systems have no modes; the folder above DATA_DIR is then the operator's care.
        with contextlib.suppress(OSError):
            path.chmod(mode)


def _folder_fault(folder: Path, error: OSError | None) -> KeyFileUnusable:
    why = f" ({error.strerror})" if error is not None else ""
    return KeyFileUnusable(
        folder,
        f"the key folder cannot be used{why}",
        "Let the user that runs binhyen own it (chown), with mode 0700, on a disk that is"
        " writable and not full.",
    )
