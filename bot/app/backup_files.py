"""The file of a backup: a tar with its list of contents first, compressed, locked if wanted.

    manifest.json    what follows, with sizes and SHA-256; when it was made and from which database
    binhyen.db       the database at one moment, always as SQLite
    keys/...         the keys a restored program needs (`KEPT_KEYS`), and no others

Beside it lies NAME.sha256, for `sha256sum -c`.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Final

from bot.core.errors import BackupUnusable
from bot.core.sealing import SealBroken, WrongPassword
from bot.vault.strongbox import MAGIC, LockingWriter, UnlockingReader

FORMAT: Final = 1
DATABASE: Final = "binhyen.db"
# A key that is not named here is in no backup: those of reply routes and of days end on schedule,
# and an old copy of them would not; that of the audit chain must not serve whoever finds a backup.
# Says that the public keys in the database were believed once, under this lasting key.
ATTESTED: Final = "attested"
KEPT_KEYS: Final = ("lasting.key", "receipt-pepper.key", "setup/founding.key", ATTESTED)
_MANIFEST: Final = "manifest.json"
_MANIFEST_MOST_BYTES: Final = 64 * 1024
_PIECE_BYTES: Final = 1024 * 1024
_NAMES: Final = frozenset({DATABASE, *(f"keys/{name}" for name in KEPT_KEYS)})
_DAMAGED: Final = "the backup is damaged or was cut short; take another one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One file in a backup."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    made_at: datetime
    database: str
    contents: tuple[Content, ...]


def is_locked(path: Path) -> bool:
    """Tell whether the file wants a passphrase."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def pack(
    folder: Path, target: Path, *, made_at: datetime, database: str, passphrase: str
) -> Manifest:
    """Write what lies in `folder` to `target`, and its checksum beside it.

    Each is there whole or not at all. Returns when both are on the disk.
    """
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    if not set(names) <= _NAMES:
        raise ValueError("something that is in no backup lies in the folder")
    contents = tuple(_described(folder, name) for name in names)
    manifest = Manifest(made_at=made_at, database=database, contents=contents)
    unfinished = target.with_name(f"{target.name}.new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            _write(file, folder, manifest, passphrase)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    digest = _sha256_of(unfinished)
    unfinished.replace(target)
    checksum = checksum_of(target)
    fresh = checksum.with_name(f"{checksum.name}.new")
    fresh.write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    fresh.replace(checksum)
    _flush_folder(target.parent)
    return manifest


def checksum_of(path: Path) -> Path:
    """Return where the checksum of a backup lies."""
    return path.with_name(f"{path.name}.sha256")


def _write(file: BinaryIO, folder: Path, manifest: Manifest, passphrase: str) -> None:
    locking = LockingWriter(file, passphrase) if passphrase else None
    inner: IO[bytes] = io.BufferedWriter(locking) if locking is not None else file
    # No name and no moment of ours in the head of the compressed file.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=inner, compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        text = json.dumps({"format": FORMAT, **asdict(manifest)}, default=str).encode()
        tar.addfile(_entry(_MANIFEST, len(text)), io.BytesIO(text))
        for content in manifest.contents:
            with (folder / content.name).open("rb") as source:
                tar.addfile(_entry(content.name, content.size_bytes), source)
    if locking is not None:
        inner.flush()
        locking.close()


def _entry(name: str, size_bytes: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size_bytes
    entry.mode = 0o600
    return entry


def unpack(path: Path, folder: Path, *, passphrase: str) -> Manifest:
    """Unpack a backup into the empty `folder` and compare every byte with its check sums.

    Raise `BackupUnusable`; what lies in the folder then is worth nothing.
    """
    _compare_checksum(path)
    try:
        with path.open("rb") as file, _opened(file, passphrase) as inner:
            return _read(inner, folder)
    except WrongPassword as error:
        raise BackupUnusable("the passphrase does not open this backup") from error
    except (SealBroken, tarfile.TarError, EOFError, OSError, ValueError, KeyError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BackupUnusable(_DAMAGED) from error


@contextmanager
def _opened(file: BinaryIO, passphrase: str) -> Iterator[IO[bytes]]:
    start = file.read(len(MAGIC))
    file.seek(0)
    if start != MAGIC:
        yield file
        return
    if not passphrase:
        raise BackupUnusable("the backup is locked: give the file of its passphrase")
    yield io.BufferedReader(UnlockingReader(file, passphrase), _PIECE_BYTES)


def _read(inner: IO[bytes], folder: Path) -> Manifest:
    with gzip.GzipFile(fileobj=inner, mode="rb") as packed:
        with tarfile.open(fileobj=packed, mode="r|") as tar:
            manifest: Manifest | None = None
            found: list[Content] = []
            for entry in tar:
                source = tar.extractfile(entry) if entry.isreg() else None
                if source is None:
                    raise BackupUnusable(_DAMAGED)
                if manifest is None:
                    manifest = _manifest(entry, source)
                    continue
                found.append(_taken(source, entry.name, folder))
        # The tar ends before the file does: the sums at the very end are read too.
        while packed.read(_PIECE_BYTES):
            pass
    while inner.read(_PIECE_BYTES):
        pass
    if manifest is None or tuple(found) != manifest.contents:
        raise BackupUnusable(_DAMAGED)
    return manifest


def _manifest(entry: tarfile.TarInfo, source: IO[bytes]) -> Manifest:
    if entry.name != _MANIFEST:
        raise BackupUnusable("this is no backup of the program")
    found = json.loads(source.read(_MANIFEST_MOST_BYTES))
    if found["format"] != FORMAT:
        raise BackupUnusable("the backup was made by a newer program; install that one first")
    return Manifest(
        made_at=datetime.fromisoformat(found["made_at"]),
        database=str(found["database"]),
        contents=tuple(Content(**one) for one in found["contents"]),
    )


def _taken(source: IO[bytes], name: str, folder: Path) -> Content:
    if name not in _NAMES:
        raise BackupUnusable(_DAMAGED)
    target = folder / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        while piece := source.read(_PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return Content(name=name, size_bytes=size, sha256=digest.hexdigest())


def _described(folder: Path, name: str) -> Content:
    path = folder / name
    return Content(name=name, size_bytes=path.stat().st_size, sha256=_sha256_of(path))


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _compare_checksum(path: Path) -> None:
    checksum = checksum_of(path)
    if not path.is_file():
        raise BackupUnusable(f"there is no file {path}")
    if checksum.is_file() and checksum.read_text("utf-8").split()[:1] != [_sha256_of(path)]:
        raise BackupUnusable(f"the file is not the one {checksum.name} was made for; take another")


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
