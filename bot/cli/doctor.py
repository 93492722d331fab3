"""binhyen doctor: everything a start needs, looked at one by one, each with the fix.

Looks only: a fresh machine is left as it was.
"""

import asyncio
import logging
import shutil
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bot.cli.accounts import findings_of, line_of
from bot.cli.db import state_of
from bot.cli.nouns import Verb
from bot.cli.opening import settings
from bot.cli.reply import Reply
from bot.cli.troubles import trouble_of
from bot.clock import RealChance, RealClock
from bot.config import Config
from bot.core.channels import Finding
from bot.core.languages import Language
from bot.core.mails import MailTrouble
from bot.core.officers import fingerprint_of
from bot.logs import set_up_logs

if TYPE_CHECKING:
    from bot.app.program import Program

_LEAST_FREE_BYTES: Final = 500 * 1024 * 1024
# The day this was written: no right clock can be before it.
_EARLIEST: Final = datetime(2026, 11, 22, tzinfo=UTC)
_AHEAD: Final = timedelta(minutes=2)
_BACKUP_OLD: Final = timedelta(days=2)
_MEGABYTE: Final = 1024 * 1024
_NO_DATABASE: Final = Finding(is_well=True, what="not there yet; the first start makes it")


@click.command("doctor", cls=Verb)
def doctor() -> Reply:
    """Check configuration, data directory, disk, clock, words, database, keys, backups, channels.

    Exit status 1 if anything needs mending, 3 if the configuration does.
    """
    config = settings()
    set_up_logs(config.log_format, level=logging.CRITICAL)

    async def looked() -> list[tuple[str, Finding]]:
        return [found async for found in _looks(config)]

    found = asyncio.run(looked())
    document = {
        "is_well": all(one.is_well for _, one in found),
        "checks": [
            {"name": name, "is_well": one.is_well, "what": one.what, "fix": one.fix}
            for name, one in found
        ],
    }
    lines = [line_of(one, f"{name}: ") for name, one in found]
    wrong = [name for name, one in found if not one.is_well]
    complaint = f"To be mended: {', '.join(wrong)}" if wrong else ""
    return Reply(document=document, lines=lines, complaint=complaint)


async def _looks(config: Config) -> AsyncIterator[tuple[str, Finding]]:
    clock = RealClock()
    yield "configuration", _well(f"public address {config.public_url}, {config.timezone.key}")
    folder = _folder(config.data_dir)
    yield "data directory", folder
    yield "disk", _disk(config.data_dir)
    yield "clock", _clock(clock.now())
    yield "words", _words()
    if not config.data_dir.is_dir():
        return
    database = await _database(config)
    yield "database", database
    if not database.is_well or database == _NO_DATABASE:
        return
    try:
        from bot.app.program import open_program  # noqa: PLC0415 - so that --help stays quick

        async with open_program(
            config, clock=clock, chance=RealChance(), language=Language.EN
        ) as program:
            yield "keys", _well("the keys fit the database")
            yield "changed words", _changed_words(program)
            yield "public keys", await _public_keys(program)
            yield "history", await _history(program)
            yield "audit key", await _audit_key(program)
            yield "backups", _backups(program)
            yield "mail", await _mail(program)
            for account in await program.channels.accounts():
                for finding in await findings_of(program, account):
                    yield f"channel {account.id} ({account.kind.value})", finding
    except Exception as error:  # noqa: BLE001 - a doctor names what it meets and goes on
        yield "keys", _unwell(trouble_of(error).sentence)


def _well(what: str) -> Finding:
    return Finding(is_well=True, what=what)


def _unwell(what: str, fix: str = "") -> Finding:
    return Finding(is_well=False, what=what, fix=fix)


def _folder(path: Path) -> Finding:
    if not path.exists():
        return _well(f"{path} is not there yet; the first start makes it")
    if not path.is_dir():
        return _unwell(f"{path} is no directory.", "Set BINHYEN_DATA_DIR to another one.")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return _unwell(f"{path} is open to other users.", f"Run: chmod 700 {path}")
    return _well(f"{path}, closed to other users")


def _disk(path: Path) -> Finding:
    place = next(one for one in (path, *path.parents) if one.exists())
    free = shutil.disk_usage(place).free
    said = f"{free // _MEGABYTE} MB are free"
    if free < _LEAST_FREE_BYTES:
        needed = _LEAST_FREE_BYTES // _MEGABYTE
        return _unwell(f"Only {said}.", f"Free some space; {needed} MB should be.")
    return _well(said)


def _clock(now: datetime) -> Finding:
    said = f"{now.isoformat(timespec='seconds')}"
    if now < _EARLIEST:
        return _unwell(
            f"The clock says {said}, which is past.", "Set it: timedatectl set-ntp true"
        )
    return _well(said)


def _words() -> Finding:
    from content.book import Book  # noqa: PLC0415 - so that --help stays quick
    from content.faults import ContentError  # noqa: PLC0415 - same

    try:
        book = Book.load()
    except ContentError as error:
        return _unwell(str(error), "Correct the files; see: binhyen content check")
    return _well(f"{len(book.topics)} topics without mistakes")


def _changed_words(program: "Program") -> Finding:
    """Say what officers changed, and what of it no longer fits the files of this version."""
    editions = program.editions
    if not editions.set_aside:
        return _well(f"{len(editions.edits)} answers and facts changed in the console")
    named = ", ".join(f"{one.edit.kind} {one.edit.key}" for one in editions.set_aside)
    return _unwell(
        f"Changes that no longer fit: {named}; the words of the files are used instead.",
        "Write them anew in the console, under answers and facts, or undo them there.",
    )


async def _database(config: Config) -> Finding:
    try:
        state = await state_of(config)
    except Exception as error:  # noqa: BLE001 - see `_looks`
        return _unwell(trouble_of(error).sentence)
    if state.is_empty and config.is_sqlite:
        return _NO_DATABASE
    if not state.is_current:
        return _unwell(
            f"at version {state.current}, wanted {state.head}.", "Run: binhyen db upgrade"
        )
    return _well(f"at version {state.head}")


async def _audit_key(program: "Program") -> Finding:
    from bot.app.auditing import made_auditor_keys  # noqa: PLC0415 - so that --help stays quick

    if await made_auditor_keys(program).waiting():
        return _well("still on this machine; write it down for the auditor: binhyen audit key")
    return _well("not on this machine")


async def _public_keys(program: "Program") -> Finding:
    """Tell whether somebody else put a key there that tips are to be sealed to."""
    async with program.storage.read() as work:
        strange = await work.officers.unattested()
        known = await work.officers.public_holders()
    if strange:
        marks = ", ".join(fingerprint_of(one.public_key) for one in strange)
        return _unwell(
            f"{len(strange)} keys were put into the database by something else: {marks}.",
            "No tip is sealed to them. Find out who wrote there; see docs/keys.md.",
        )
    return _well(f"{len(known)}, all put there by this program")


_MAIL_FIXES: Final = {
    MailTrouble.NO_CONNECTION: "Look at host and port in BINHYEN_SMTP_URL, and at the firewall.",
    MailTrouble.NO_ANSWER: "Look at the port: smtps:// is for 465, smtp:// for 587.",
    MailTrouble.BAD_CERTIFICATE: "Name the server as its certificate does; SSL_CERT_FILE adds an"
    " authority of your own.",
    MailTrouble.NOT_PRIVATE: "Letters go only encrypted: use smtps://, or a server with STARTTLS.",
    MailTrouble.SIGN_IN_REFUSED: "Correct user and password in BINHYEN_SMTP_URL.",
}


async def _mail(program: "Program") -> Finding:
    """Sign in at the mail server now, and send nothing."""
    if not program.mailing.is_on:
        return _well("not set; officers get notices in chats and in the console")
    if (trouble := await program.mailing.check()) is not None:
        told = trouble.value.replace("_", " ")
        return _unwell(f"The mail server: {told}.", _MAIL_FIXES.get(trouble, ""))
    async with program.storage.read() as work:
        waiting = await work.mails.waiting()
    return _well(f"the mail server lets us in; {waiting} letters wait")


def _backups(program: "Program") -> Finding:
    """Say how old the newest backup is: one that is not made any more is noticed here."""
    from bot.app.backups import BackupFolder  # noqa: PLC0415 - so that --help stays quick

    folder = program.config.backup_dir
    if folder is None:
        return _well("none are made at night; set BINHYEN_BACKUP_DIR")
    if not folder.is_dir():
        return _unwell(f"The folder {folder} is not there.", "Mount its disk, or make it.")
    found = BackupFolder(program.config, clock=program.clock).all()
    if not found:
        return _well("the first is made at night; or now: binhyen backup make")
    made_at = found[0].made_at.isoformat(timespec="seconds")
    if found[0].made_at < program.clock.now() - _BACKUP_OLD:
        return _unwell(
            f"The newest is of {made_at}.", "Look for job.failed in the log: binhyen backup make"
        )
    return _well(f"the newest of {len(found)} is of {made_at}")


async def _history(program: "Program") -> Finding:
    """Compare the clock with what was written down last: time does not run back."""
    newest = await program.audit.newest(limit=1)
    now = program.clock.now()
    if newest and newest[0].record.at > now + _AHEAD:
        written = newest[0].record.at.isoformat(timespec="seconds")
        return _unwell(
            f"The newest entry of the audit chain is of {written}, which is to come.",
            "Set the clock: timedatectl set-ntp true",
        )
    return _well("the newest entry of the audit chain is in the past")
