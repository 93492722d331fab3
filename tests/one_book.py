"""The book of words, read once per process: reading takes half a second, and it never changes."""

import re
from functools import cache
from pathlib import Path

from content.book import Book

_read = Book.load


@cache
def the_book() -> Book:
    """Return the book of this checkout."""
    return _read()


def read_once() -> None:
    """Let whatever reads the book of this checkout in this process share one; others are read."""

    def load(_cls: type[Book], folder: Path | None = None) -> Book:
        return _read(folder) if folder else the_book()

    # A spoilt copy of the files has nearly all patterns of the others; Python keeps 512 of them,
    # a book has more, and compiling them is half of reading it.
    re._MAXCACHE = 4096  # type: ignore[attr-defined] # its own, and not to be set otherwise
    # Not an argument: programs started in a test's own process would each have to be handed it.
    Book.load = classmethod(load)  # type: ignore[assignment,method-assign] # put in its place
