"""What a command answers: one document for programs, or lines for the officer at the machine.

Commands return a `Reply`; `bot.cli.entry` prints it. Only commands that answer line by line
(`ask`, `serve`) write by themselves.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Final

import click

from bot.core.errors import BinhYenError

_AS_JSON: Final = "bot.cli.reply.as_json"


class Status(IntEnum):
    """Exit statuses of the command line; part of the outside interface."""

    DONE = 0
    REFUSED = 1
    WRONG_USAGE = 2
    BAD_CONFIGURATION = 3
    # As shells have it: 128 and the number of the signal.
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The end of a command. `complaint` says in one sentence why it was not done."""

    document: Mapping[str, object]
    lines: Sequence[str] = ()
    complaint: str = ""
    details: Sequence[str] = field(default=())

    @property
    def status(self) -> Status:
        """Return the exit status."""
        return Status.REFUSED if self.complaint else Status.DONE


class Refused(BinhYenError):
    """A command cannot do what was asked; the text is one sentence for officers."""


def ask_for_json(context: click.Context, _option: click.Parameter, *, value: bool) -> None:
    """Remember that one of the commands on the line was given --json."""
    if value:
        context.meta[_AS_JSON] = True


def is_json(context: click.Context) -> bool:
    """Tell whether documents are wanted instead of words."""
    return bool(context.meta.get(_AS_JSON, False))


def as_line(document: Mapping[str, object]) -> str:
    """Return a document on one line. Moments are written in ISO 8601."""
    return json.dumps(document, ensure_ascii=False, default=_written)


def as_text(document: Mapping[str, object]) -> str:
    """Return a document over several lines."""
    return json.dumps(document, ensure_ascii=False, default=_written, indent=2)


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    raise TypeError(f"not for JSON: {type(value).__name__}")


def table(rows: Sequence[Sequence[object]], *, empty: str) -> list[str]:
    """Return rows as lines with columns under each other; `empty` if there are none."""
    texts = [[str(cell) for cell in row] for row in rows]
    if not texts:
        return [empty]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    ]
