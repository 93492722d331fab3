"""What is worked out from the book once, and again when officers have changed something."""

from collections.abc import Callable
from typing import Generic, TypeVar

from content.book import Book

_Made = TypeVar("_Made")


class PerEdition(Generic[_Made]):
    """Gives what `make` makes of the book as it is now, made once for each edition."""

    def __init__(self, book: Book, make: Callable[[Book], _Made]) -> None:
        """Make it when it is first asked for."""
        self._book = book
        self._make = make
        self._kept: tuple[Book, _Made] | None = None

    def __call__(self) -> _Made:
        """Return it."""
        edition = self._book.edition
        if self._kept is None or self._kept[0] is not edition:
            self._kept = edition, self._make(edition)
        return self._kept[1]
