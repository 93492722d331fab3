"""An edition: the files with what officers changed, as far as it still fits them.

A change that no longer fits, say after an update of the program, is set aside with its mistakes
and never stops a start. The files alone must be right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.edits import EditKind
from content.book import Book
from content.edits import ContentEdit
from content.faults import Fault, Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A change that is not in the edition, and why."""

    edit: ContentEdit
    faults: Sequence[Fault]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A book with the changes that fit it."""

    book: Book
    edits: tuple[ContentEdit, ...]
    set_aside: tuple[SetAside, ...]


def edition(edits: Sequence[ContentEdit], folder: Path | None = None) -> Edition:
    """Return the edition of the files in `folder` with `edits`, oldest first.

    Raises `ContentError` if the files themselves hold mistakes.
    """
    kept = list(edits)
    aside: list[SetAside] = []
    while True:
        faults = Faults()
        book = Book.read(folder, edits=kept, faults=faults)
        if not faults.found:
            return Edition(book=book, edits=tuple(kept), set_aside=tuple(aside))
        if not kept:
            faults.raise_if_any()
        for edit in _guilty(kept, faults):
            own = [fault for fault in faults.found if fault.file == edit.name]
            aside.append(SetAside(edit=edit, faults=own or list(faults.found)))
            kept.remove(edit)


def mistakes(edits: Sequence[ContentEdit], folder: Path | None = None) -> Sequence[Fault]:
    """Return the mistakes that reading the files with `edits` finds, each once."""
    faults = Faults()
    Book.read(folder, edits=edits, faults=faults)
    return sorted(set(faults.found))


def _guilty(kept: Sequence[ContentEdit], faults: Faults) -> Sequence[ContentEdit]:
    """Return the changes that hold a mistake, else the one that most likely made one elsewhere."""
    named = {fault.file for fault in faults.found}
    if found := [edit for edit in kept if edit.name in named]:
        return found
    # A fact stands in texts of other files, which it may have made too long.
    facts = [edit for edit in kept if edit.kind is EditKind.FACT]
    return (facts or kept)[-1:]
