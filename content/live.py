"""The book as it is now, for whoever keeps it: every look sees the newest edition.

Only what officers can change is looked up anew: facts, topics, sentences, templates. Command
words, rules of danger and the like are those of the files for as long as the program runs.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields, replace
from typing import TypeVar

from content.announcements import AnnouncementTemplate
from content.book import Book
from content.facts import Fact
from content.scams import ScamPattern
from content.sentences import Sentences, Voice
from content.topics import Topic

_Value = TypeVar("_Value")


class _Now(Mapping[str, _Value]):
    """A mapping looked up when it is asked; only the `chosen` keys if any are named."""

    def __init__(
        self, look: Callable[[], Mapping[str, _Value]], chosen: Collection[str] | None = None
    ) -> None:
        self._look = look
        self._chosen = chosen

    def __getitem__(self, key: str) -> _Value:
        if self._chosen is not None and key not in self._chosen:
            raise KeyError(key)
        return self._look()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._look() if self._chosen is None else self._chosen)

    def __len__(self) -> int:
        return len(self._look() if self._chosen is None else self._chosen)


class LiveBook(Book):
    """A book whose edition can be exchanged while the program runs."""

    __slots__ = ("_edition",)

    _edition: Book

    def __init__(self, edition: Book) -> None:
        """Begin with `edition`."""
        for field in fields(Book):
            object.__setattr__(self, field.name, getattr(edition, field.name))
        self.exchange(edition)
        for name, live in {
            "facts": _Now[Fact](lambda: self.edition.facts),
            "sections": _Now[Sentences](lambda: self.edition.sections),
            "topics": _Now[Topic](lambda: self.edition.topics),
            "announcements": _Now[AnnouncementTemplate](lambda: self.edition.announcements),
        }.items():
            object.__setattr__(self, name, live)
        tricks = _Now[ScamPattern](lambda: self.edition.scams.patterns)
        object.__setattr__(self, "scams", replace(edition.scams, patterns=tricks))

    @property
    def edition(self) -> Book:
        """The edition that holds now: ask once for what must fit together."""
        return self._edition

    def exchange(self, edition: Book) -> None:
        """Have everybody look into `edition` from now on."""
        object.__setattr__(self, "_edition", edition)

    def voice(self, section: str, *keys: str) -> Voice:
        """Return the voice of `section`; what it says is looked up when it is said."""
        said = super().voice(section, *keys)
        return replace(said, sentences=_Now(lambda: self.edition.sections[section], said.keys))
