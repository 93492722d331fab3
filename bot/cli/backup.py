"""binhyen backup: copies of everything that is needed to go on elsewhere."""

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_settings
from bot.cli.reply import Refused, Reply, table
from bot.clock import RealClock
from bot.config import Config

if TYPE_CHECKING:
    from bot.app.backups import BackupFolder, Checked

_MEGABYTE: Final = 1_000_000
_passphrase = click.option(
    "--passphrase-file",
    "passphrase_file",
    type=click.Path(path_type=Path),
    help="The file whose first line is the passphrase; otherwise the one of the settings.",
)
_file = click.argument("file", type=click.Path(path_type=Path))


@click.group("backup", cls=Noun)
def backup() -> None:
    """Make copies of everything that is needed to go on elsewhere, and put one back."""


@backup.command("make")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@_passphrase
def make(file: Path | None, passphrase_file: Path | None) -> Reply:
    """Make a backup while the program runs, and check it; without FILE in the backup folder."""

    async def done(folder: "BackupFolder") -> Reply:
        checked = await folder.make(file)
        path = file if file is not None else folder.all()[0].path
        return _said(checked, f"The backup {path} is made and can be opened", path)

    return _with_folder(done, passphrase_file)


@backup.command("list")
def list_() -> Reply:
    """List the backups of the backup folder, newest first."""

    async def done(folder: "BackupFolder") -> Reply:
        from bot.app.backup_files import is_locked  # noqa: PLC0415 - see bot.cli.opening

        found = folder.all()
        documents = [
            {
                "file": str(one.path),
                "made_at": one.made_at,
                "size_bytes": one.size_bytes,
                "is_locked": is_locked(one.path),
            }
            for one in found
        ]
        rows = [
            (
                f"{one.made_at:%Y-%m-%d %H:%M:%S} UTC",
                f"{one.size_bytes / _MEGABYTE:.1f} MB",
                "locked" if is_locked(one.path) else "",
                one.path,
            )
            for one in found
        ]
        return Reply(
            document={"backups": documents},
            lines=table(rows, empty="There is no backup; see BINHYEN_BACKUP_DIR."),
        )

    return _with_folder(done, None)


@backup.command("check")
@_file
@_passphrase
def check(file: Path, passphrase_file: Path | None) -> Reply:
    """Open a backup and look at all of it: check sums, database, audit chain."""

    async def done(folder: "BackupFolder") -> Reply:
        return _said(await folder.check(file), f"The backup {file} can be opened", file)

    return _with_folder(done, passphrase_file, asks_for=file)


@backup.command("restore")
@_file
@_passphrase
@click.option("--over", "is_over", is_flag=True, help="Put it in place of what is there.")
def restore(file: Path, passphrase_file: Path | None, *, is_over: bool) -> Reply:
    """Put a backup into an empty data directory, with the program stopped."""

    async def done(folder: "BackupFolder") -> Reply:
        manifest = await folder.restore(file, is_over=is_over)
        return Reply(
            document={"made_at": manifest.made_at, "database": manifest.database},
            lines=[
                f"The backup of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC is in its place.",
                "A new key of the audit chain has begun; write it down: binhyen audit key",
                "Next: binhyen doctor, then start the program.",
            ],
        )

    return _with_folder(done, passphrase_file, asks_for=file)


def _said(checked: "Checked", done: str, path: Path) -> Reply:
    document = {
        "file": str(path),
        "made_at": checked.manifest.made_at,
        "database": checked.manifest.database,
        "is_locked": checked.is_locked,
        "files": [one.name for one in checked.manifest.contents],
        "entries": checked.chain.entries,
        "is_whole": checked.chain.is_whole,
        "broken_at": checked.chain.broken_at,
    }
    if not checked.chain.is_whole:
        return Reply(
            document=document,
            complaint=f"{done}, but the audit chain in it is broken at entry"
            f" {checked.chain.broken_at}; see: binhyen audit verify",
        )
    lines = [f"{done}; its audit chain is whole: {checked.chain.entries} entries."]
    if not checked.is_locked:
        lines.append("It is not locked: whoever has it has its keys. See --passphrase-file.")
    return Reply(document=document, lines=lines)


def _with_folder(
    act: Callable[["BackupFolder"], Coroutine[Any, Any, Reply]],
    passphrase_file: Path | None,
    *,
    asks_for: Path | None = None,
) -> Reply:
    """Do what needs the folder; ask for the passphrase if `asks_for` wants one nobody named."""

    async def done(config: Config) -> Reply:
        from bot.app.backups import BackupFolder, read_passphrase  # noqa: PLC0415 - see above

        passphrase = read_passphrase(passphrase_file) if passphrase_file is not None else None
        is_named = passphrase is not None or config.backup_passphrase_file is not None
        if asks_for is not None and not is_named and _wants_passphrase(asks_for):
            passphrase = _asked()
        return await act(BackupFolder(config, clock=RealClock(), passphrase=passphrase))

    return with_settings(done)


def _wants_passphrase(file: Path) -> bool:
    from bot.app.backup_files import is_locked  # noqa: PLC0415 - see bot.cli.opening

    return file.is_file() and is_locked(file)


def _asked() -> str:
    if not sys.stdin.isatty():
        raise Refused("The backup is locked: give --passphrase-file")
    return str(click.prompt("Passphrase", hide_input=True, err=True))
