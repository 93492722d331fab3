"""Every error as one sentence and an exit status: a traceback is never an answer."""

import errno
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import click

from bot.cli.reply import Refused, Status
from bot.config import ConfigError
from bot.core.errors import BinhYenError, NotFound, RuleBroken
from bot.core.languages import Language

_PORT_TAKEN: Final = frozenset({errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What went wrong. `hint` is shown to people only."""

    status: Status
    sentence: str
    hint: str = field(default="")


def trouble_of(error: BaseException) -> Trouble:
    """Return what to say about any error."""
    found = _innermost(error)
    if isinstance(found, click.ClickException):
        return _of_usage(found)
    if isinstance(found, ConfigError):
        return Trouble(status=Status.BAD_CONFIGURATION, sentence=str(found))
    if isinstance(found, RuleBroken):
        return Trouble(status=Status.REFUSED, sentence=sentence_of(found))
    if isinstance(found, NotFound):
        return Trouble(status=Status.REFUSED, sentence=_missing(str(found)))
    if isinstance(found, Refused):
        return Trouble(status=Status.REFUSED, sentence=str(found))
    if isinstance(found, OSError):
        return _of_machine(found)
    return _of_rooms(found)


def _of_usage(error: click.ClickException) -> Trouble:
    if not isinstance(error, click.UsageError):
        return Trouble(status=Status.REFUSED, sentence=error.format_message())
    path = error.ctx.command_path if error.ctx else "binhyen"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        what = f"Missing command. See: {path} --help"
        return Trouble(status=Status.WRONG_USAGE, sentence=what, hint=error.format_message())
    return Trouble(
        status=Status.WRONG_USAGE,
        sentence=error.format_message(),
        hint=f"See: {path} --help",
    )


def _of_rooms(error: BaseException) -> Trouble:
    """Name errors of rooms that are slow to import; by now they have been imported."""
    from bot.app.locking import FolderUnusable  # noqa: PLC0415 - see above
    from content.faults import ContentError  # noqa: PLC0415 - same

    if isinstance(error, FolderUnusable):
        return Trouble(status=Status.BAD_CONFIGURATION, sentence=str(error))
    if isinstance(error, BinhYenError | ContentError) and str(error):
        return Trouble(status=Status.REFUSED, sentence=str(error))
    return Trouble(
        status=Status.REFUSED,
        # The text of a foreign error may quote what a person wrote; its kind and place may not.
        sentence=f"This should not have happened ({type(error).__name__} at {_where(error)});"
        " it is a fault of the program, please report this line",
    )


def _of_machine(error: OSError) -> Trouble:
    if error.errno in _PORT_TAKEN and error.filename is None:
        return Trouble(
            status=Status.REFUSED,
            sentence=f"The address cannot be listened on ({error.strerror}); stop the other"
            " program that uses it, or set BINHYEN_HOST and BINHYEN_PORT to another one",
        )
    place = f"{error.filename}: " if error.filename else ""
    return Trouble(
        status=Status.REFUSED, sentence=f"{place}{error.strerror or type(error).__name__}"
    )


def _missing(what: str) -> str:
    return f"Not found: {what}"


def sentence_of(broken: RuleBroken) -> str:
    """Return the English sentence for an act that is not allowed."""
    return refusals([(broken.key, broken.values)])[0]


def refusals(keys: Sequence[tuple[str, Mapping[str, object]]]) -> list[str]:
    """Return the English sentences of refusals, each with the values of its places."""
    if not keys:
        return []
    from content.book import Book  # noqa: PLC0415 - reading the book takes a fifth of a second
    from content.faults import ContentError  # noqa: PLC0415 - same

    book = Book.load()

    def said(key: str, values: Mapping[str, object]) -> str:
        filled = {place: str(value) for place, value in values.items()}
        try:
            return book.voice("refusals", key)(key, Language.EN, **filled)
        except ContentError:
            return f"This is not allowed ({key})"

    return [said(key, values) for key, values in keys]


def _innermost(error: BaseException) -> BaseException:
    """Return the error that a task group carried."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "start"
