"""One line typed by an officer: understood, done, answered; a traceback is never an answer."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TextIO

import click

from bot.cli.nouns import Place, Root
from bot.cli.reply import Reply, Status, as_text, is_json
from bot.cli.troubles import Trouble, trouble_of

_HELP: Final = """Bình Yên: answers, tips and announcements for a commune's neighbourhood groups.

Settings are environment variables that begin with BINHYEN_; a .env file in the working
directory is read too. Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 bad
configuration.
"""


def _place(noun: str, short_help: str) -> Place:
    return Place(module=f"bot.cli.{noun}", name=noun, short_help=short_help)


PLACES: Final = {
    "serve": _place("serve", "Run the program."),
    "db": _place("db", "Look at the database's version, or bring it up to date."),
    "unit": _place("unit", "The commune and its neighbourhoods."),
    "household": _place("household", "The lists of households."),
    "officer": _place("officer", "Those who sign in at the console."),
    "keys": _place("keys", "Who opens tips, and the recovery paper."),
    "channel": _place("channel", "Accounts on Zalo and Telegram."),
    "group": _place("group", "Chats that many read, linked to units."),
    "announcement": _place("announcement", "Send an announcement, watch it, stop it."),
    "ask": _place("ask", "Answer questions as residents get them answered."),
    "tip": _place("tip", "What is known of tips without opening them."),
    "backup": _place("backup", "Copies of everything, and putting one back."),
    "audit": _place("audit", "The chain of who did what."),
    "token": _place("token", "Other software that acts for an officer."),
    "hook": _place("hook", "Other software that is told what happened."),
    "doctor": _place("doctor", "Check everything; a line each with the fix."),
    "content": _place("content", "The files of words."),
}

root: Final = Root("binhyen", places=PLACES, help=_HELP)


def _show_version(context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's shape
    if value:
        from importlib.metadata import version  # noqa: PLC0415 - slow, and rarely asked for

        click.echo(f"binhyen {version('binhyen')}")
        context.exit()


root.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_version,
        help="Print the version.",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """How a command ended, and whether a document is wanted of it."""

    outcome: Reply | Trouble | Status
    as_document: bool


def run(arguments: Sequence[str]) -> int:
    """Do what a command line says; return the exit status. Writes to the standard streams."""
    for stream in (sys.stdout, sys.stderr):
        _write_utf8(stream)
    status = Status.DONE
    try:
        status = _say(_done(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader had enough (`| head`): nobody is left to be told.
        _forget(sys.stdout)
        return status or Status.REFUSED
    except OSError as error:
        # Standard output is a file on a disk that is full.
        _forget(sys.stdout)
        if status is Status.DONE:
            click.echo(f"binhyen: {trouble_of(error).sentence}", err=True)
        return status or Status.REFUSED
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    return status


def _done(arguments: Sequence[str]) -> _Ended:
    as_document = "--json" in arguments
    try:
        with root.make_context("binhyen", list(arguments)) as context:
            outcome = root.invoke(context)
            as_document = is_json(context)
    except click.exceptions.Exit as end:
        outcome = Status(end.exit_code)
    except click.Abort:
        outcome = Status.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the edge of the command line
        outcome = trouble_of(error)
    is_told = isinstance(outcome, Reply | Trouble)
    return _Ended(outcome=outcome if is_told else Status(outcome or 0), as_document=as_document)


def _say(ended: _Ended) -> Status:
    match ended.outcome:
        case Reply() as reply:
            _say_reply(reply, as_document=ended.as_document)
            return reply.status
        case Trouble() as trouble:
            _say_trouble(trouble, as_document=ended.as_document)
            return trouble.status
        case Status() as status:
            return status


def _say_reply(reply: Reply, *, as_document: bool) -> None:
    if as_document:
        error = {"error": reply.complaint} if reply.complaint else {}
        click.echo(as_text({**error, **reply.document}))
        return
    for line in reply.lines:
        click.echo(line)
    for line in reply.details:
        click.echo(line, err=True)
    if reply.complaint:
        click.echo(f"binhyen: {reply.complaint}", err=True)


def _say_trouble(trouble: Trouble, *, as_document: bool) -> None:
    if as_document:
        click.echo(as_text({"error": trouble.sentence}))
        return
    click.echo(f"binhyen: {trouble.sentence}", err=True)
    if trouble.hint:
        click.echo(trouble.hint, err=True)


def _write_utf8(stream: TextIO | None) -> None:
    """Write Vietnamese whatever the locale says; what is no letter at all is written escaped."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget(stream: TextIO) -> None:
    """Let what is still buffered go nowhere when Python closes the stream."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
