"""binhyen audit: the chain of who did what."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply
from bot.core.audit import AuditHead
from bot.core.audit_check import ChainFault, ChainReport
from bot.services.audit import MACHINE

if TYPE_CHECKING:
    from bot.app.program import Program

_FAULTS: Final = {
    ChainFault.ENTRY: "it was changed, or entries before it were removed or put in",
    ChainFault.NO_MAC: "its MAC was taken away",
    ChainFault.MAC: "its MAC was made without the key",
    ChainFault.KEY_NOT_GIVEN: "a key begins there that was not given; unless a database was"
    " restored or a key file lost then, somebody wrote the chain anew from there on",
    ChainFault.HEAD: "another entry was posted with this number",
    ChainFault.CUT_OFF: "there was an entry with this number, and it is gone with all after it",
    ChainFault.OTHER_KEY: "the key on this machine began with another entry than this",
}


@click.group("audit", cls=Noun)
def audit() -> None:
    """Check the chain of who did what, keep its key and its heads elsewhere."""


@audit.command("verify")
@click.option(
    "--key", "key_file", help="A file with the auditor's key, one a line; - reads them typed."
)
@click.option("--head", "head_file", help="A file of heads that were posted elsewhere.")
def verify(key_file: str | None, head_file: str | None) -> Reply:
    """Walk the chain and name the first entry that was changed, removed or swapped."""
    keys = _keys(key_file) if key_file else []
    heads = _heads(head_file) if head_file else []

    async def done(program: "Program") -> Reply:
        report = await program.audit.verify(starts=keys, heads=heads)
        document = {
            "entries": report.entries,
            "is_whole": report.is_whole,
            "broken_at": report.broken_at,
            "fault": report.fault,
            "macs_from": report.macs_from,
            "macs_checked": report.macs_checked,
            "heads_compared": len(heads),
        }
        if report.is_whole:
            return Reply(document=document, lines=_praise(report, keys, heads))
        return Reply(document=document, complaint=_complaint(report))

    return with_program(done)


@audit.command("head")
def head() -> Reply:
    """Print number and hash of the newest entry, which bind everything before it."""

    async def done(program: "Program") -> Reply:
        from bot.app.auditing import made_audit_heads  # noqa: PLC0415 - see bot.cli.opening
        from bot.services.audit_heads import head_line  # noqa: PLC0415 - same

        newest = await made_audit_heads(program).newest()
        if newest is None:
            return Reply(document={}, complaint="The chain has no entry yet")
        document = {
            "day": newest.day.isoformat(),
            "number": newest.number,
            "hash": newest.hash.hex(),
        }
        return Reply(document=document, lines=[head_line(newest)])

    return with_program(done)


@audit.command("key")
@click.option("--kept", "kept_file", help="The key as it was written down: a file, or - typed.")
def key(kept_file: str | None) -> Reply:
    """Show the auditor's key, until --kept shows that somebody wrote it down. Audited."""
    kept = _keys(kept_file) if kept_file else None

    async def done(program: "Program") -> Reply:
        from bot.app.auditing import made_auditor_keys  # noqa: PLC0415 - see bot.cli.opening

        keys = made_auditor_keys(program)
        if kept is None:
            return _shown([(one.since, one.key) for one in await keys.show(by=MACHINE)])
        done = await keys.keep(kept, by=MACHINE)
        if not done:
            raise Refused("This is no key that waits here; see: binhyen audit key")
        lines = [
            f"The key from entry {one.since} on is no longer on this machine." for one in done
        ]
        return Reply(document={"kept": [{"since": one.since} for one in done]}, lines=lines)

    return with_program(done)


def _shown(starts: Sequence[tuple[int, bytes]]) -> Reply:
    from bot.vault.recovery import recovery_text  # noqa: PLC0415 - see bot.cli.opening

    shown = [{"since": since, "key": recovery_text(start)} for since, start in starts]
    if not shown:
        return Reply(
            document={"keys": []},
            lines=["No key waits here: whoever wrote it down is the only one to have it."],
        )
    lines = [line for one in shown for line in (f"From entry {one['since']} on:", f"{one['key']}")]
    return Reply(
        document={"keys": shown},
        lines=[
            *lines,
            "",
            "Write it on paper for whoever audits this installation, and keep it away from this",
            "machine. Then type it in again, and it is destroyed here: binhyen audit key --kept -",
        ],
    )


def _keys(file: str) -> list[bytes]:
    from bot.vault.recovery import recovery_private  # noqa: PLC0415 - see bot.cli.opening

    lines = [line.strip() for line in _read(file, "The auditor's key").splitlines()]
    found = [recovery_private(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise Refused("No key was given")
    return found


def _heads(file: str) -> list[AuditHead]:
    from bot.services.audit_heads import read_heads  # noqa: PLC0415 - see bot.cli.opening

    return read_heads(_read(file, "The heads"))


def _read(file: str, what: str) -> str:
    if file == "-":
        if sys.stdin.isatty():
            return str(click.prompt(what, hide_input=True, err=True))
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{file}: not a text in UTF-8") from error


def _praise(report: ChainReport, keys: Sequence[bytes], heads: Sequence[AuditHead]) -> list[str]:
    lines = [f"The chain is whole: {report.entries} entries."]
    if report.macs_from is None:
        lines.append("No entry has a MAC yet.")
    elif keys:
        lines.append(
            f"MACs begin at entry {report.macs_from}; {report.macs_checked} were checked."
        )
    else:
        lines.append(
            f"MACs begin at entry {report.macs_from}; give the auditor's key to check them: --key"
        )
    if heads:
        lines.append(f"{len(heads)} heads posted elsewhere fit.")
    return lines


def _complaint(report: ChainReport) -> str:
    if report.fault is ChainFault.KEY_NOWHERE or report.fault is None:
        return (
            "A key that was given begins nowhere in this chain: it belongs to another"
            " installation, or the chain was made anew"
        )
    return (
        f"The chain is broken at entry {report.broken_at}: {_FAULTS[report.fault]}."
        " Keep the database as it is and compare it with the last backup"
    )
