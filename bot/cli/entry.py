"""One line typed by an officer: understood, done, answered; a traceback is never an answer."""

import os
import sys
from collections.abc import Sequence
from typing import Final, TextIO

import click

from bot.cli.nouns import Place, Root
from bot.cli.reply import Reply, Status, as_text, is_json
from bot.cli.troubles import trouble_of

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
    "channel": _place("channel", "Accounts on Zalo and Telegram."),
    "announcement": _place("announcement", "Send an announcement, watch it, stop it."),
    "ask": _place("ask", "Answer questions as residents get them answered."),
    "tip": _place("tip", "What is known of tips without opening them."),
    "audit": _place("audit", "The chain of who did what."),
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


def run(arguments: Sequence[str]) -> int:
    """Do what a command line says; return the exit status. Writes to the standard streams."""
    for stream in (sys.stdout, sys.stderr):
        _write_utf8(stream)
    try:
        status = _answered(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader had enough (`| head`): nobody is left to be told.
        _forget(sys.stdout)
        return Status.REFUSED
    except OSError as error:
        # Standard output is on a disk that is full.
        _forget(sys.stdout)
        click.echo(f"binhyen: {trouble_of(error).sentence}", err=True)
        return Status.REFUSED
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    return status


def _answered(arguments: Sequence[str]) -> int:
    meta_json = "--json" in arguments
    try:
        with root.make_context("binhyen", list(arguments)) as context:
            meta_json = meta_json or is_json(context)
            done = root.invoke(context)
            return _say(done, as_document=is_json(context)) if isinstance(done, Reply) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return Status.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the edge of the command line
        trouble = trouble_of(error)
        if meta_json:
            click.echo(as_text({"error": trouble.sentence}))
        else:
            click.echo(f"binhyen: {trouble.sentence}", err=True)
            if trouble.hint:
                click.echo(trouble.hint, err=True)
        return trouble.status


def _say(reply: Reply, *, as_document: bool) -> int:
    if as_document:
        error = {"error": reply.complaint} if reply.complaint else {}
        click.echo(as_text({**error, **reply.document}))
        return reply.status
    for line in reply.lines:
        click.echo(line)
    for line in reply.details:
        click.echo(line, err=True)
    if reply.complaint:
        click.echo(f"binhyen: {reply.complaint}", err=True)
    return reply.status


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
