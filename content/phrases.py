"""Phrases of rules, found in what people write word by word, with its marks or with none.

For rules that only look for what stands in a text; sentences about danger, where a mark decides
more, have rules of their own in `content.danger`. What is found means nothing here.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from bot.core.text import fold
from content.items import Item
from content.patterns import sounded

_WORDS: Final = re.compile(r"[^\W_]+")
_CLAUSE_ENDS: Final = re.compile(r"[.!?…;:,\n()\[\]\"“”]+(?!\d)")
_PARTS: Final = re.compile(r"[()|*?#]|[^\W_]+|\S")
_MOST_BETWEEN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a text: with its tone as a figure, without marks, and its clause, from 0."""

    sounded: str
    folded: str
    clause: int

    @property
    def is_bare(self) -> bool:
        """Tell whether it was written without marks, so that they may be thought of."""
        return self.sounded == self.folded

    def is_like(self, other: "Word") -> bool:
        """Tell whether it can be the word `other` of a rule."""
        if self.folded != other.folded:
            return False
        return self.is_bare or self.sounded == other.sounded


def words_of(text: str) -> list[Word]:
    """Return the words of `text` with the clause each stands in."""
    return [
        Word(sounded=sounded(found), folded=fold(found), clause=number)
        for number, clause in enumerate(_CLAUSE_ENDS.split(text))
        for found in _WORDS.findall(clause)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Any:
    """Up to so many words of any kind; or exactly one that begins with a figure."""

    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """One of several ways, each a row of parts."""

    ways: tuple[tuple["_Part", ...], ...]
    is_optional: bool = False


_Part = Word | _Any | _Group
_NUMBER: Final = "#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Phrases by the word they begin with, for finding all of them in one walk."""

    begins: Mapping[str, tuple[tuple[_Part, ...], ...]]

    @classmethod
    def of(cls, rows: Sequence[tuple[_Part, ...]]) -> Self:
        """Index `rows`."""
        begins: dict[str, dict[tuple[_Part, ...], None]] = defaultdict(dict)
        for row in rows:
            for first in _first_words(row):
                begins[first][row] = None
        return cls(begins={first: tuple(rows) for first, rows in begins.items()})

    @property
    def vocabulary(self) -> frozenset[str]:
        """Return every word of the phrases without its marks."""
        return frozenset(
            word for rows in self.begins.values() for row in rows for word in _all(row)
        )

    def find(self, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
        """Yield where a phrase begins and ends, as numbers of words; the end is not part of it."""
        for at, word in enumerate(words):
            number = self.begins.get(_NUMBER, ()) if word.folded[0].isdigit() else ()
            for row in (*self.begins.get(word.folded, ()), *number):
                if ends := _ends(row, words, at):
                    yield at, max(ends)
                    break

    def are_in(self, words: Sequence[Word]) -> bool:
        """Tell whether any phrase stands there."""
        return next(self.find(words), None) is not None


def read_phrases(item: Item | None) -> Phrases:
    """Return the phrases of a list of lines; a line that cannot be read is a fault.

    In a line: (a|b) either, word? may be missing, * up to three words of any kind, # a number.
    """
    rows: list[tuple[_Part, ...]] = []
    for entry in item.items() if item else ():
        line = entry.text()
        try:
            rows += _rows(_Reading(_PARTS.findall(line)).row())
        except ValueError as error:
            entry.fault(f"the phrase cannot be read: {error}")
    return Phrases.of(rows)


def _rows(row: tuple[_Part, ...]) -> list[tuple[_Part, ...]]:
    """Return a line as rows that begin with a word of their own."""
    if len(row) == 1 and isinstance(row[0], _Group) and not row[0].is_optional:
        return list(row[0].ways)
    first = row[0]
    if isinstance(first, _Any) and not first.is_number:
        raise ValueError("a phrase begins with a word")
    if isinstance(first, _Group) and first.is_optional:
        raise ValueError("the first word of a phrase cannot be missing")
    return [row]


class _Reading:
    """Reads one line, sign by sign."""

    def __init__(self, signs: Sequence[str]) -> None:
        self._signs = list(signs)
        self._at = 0

    def row(self) -> tuple[_Part, ...]:
        """Return the whole line."""
        row = self._parts()
        if self._at < len(self._signs):
            raise ValueError(f"{self._signs[self._at]!r} stands where nothing opens it")
        return row

    def _parts(self) -> tuple[_Part, ...]:
        parts: list[_Part] = []
        while (sign := self._next()) not in {"", "|", ")"}:
            self._at += 1
            part = self._part(sign)
            if self._next() == "?":
                self._at += 1
                ways = part.ways if isinstance(part, _Group) else ((part,),)
                part = _Group(ways=ways, is_optional=True)
            parts.append(part)
        if not parts:
            raise ValueError("nothing stands between two signs")
        return tuple(parts)

    def _part(self, sign: str) -> _Part:
        if sign == "(":
            return self._group()
        if sign in {"*", _NUMBER}:
            return _Any(is_number=sign == _NUMBER)
        if not _WORDS.fullmatch(sign):
            raise ValueError(f"{sign!r} is no word")
        return Word(sounded=sounded(sign), folded=fold(sign), clause=0)

    def _group(self) -> _Group:
        ways = [self._parts()]
        while self._next() == "|":
            self._at += 1
            ways.append(self._parts())
        if self._next() != ")":
            raise ValueError("a bracket is not closed")
        self._at += 1
        return _Group(ways=tuple(ways))

    def _next(self) -> str:
        return self._signs[self._at] if self._at < len(self._signs) else ""


def _all(row: tuple[_Part, ...]) -> Iterator[str]:
    for part in row:
        if isinstance(part, Word):
            yield part.folded
        elif isinstance(part, _Group):
            for way in part.ways:
                yield from _all(way)


def _first_words(row: tuple[_Part, ...]) -> Iterator[str]:
    for part in row:
        if isinstance(part, Word):
            yield part.folded
            return
        if isinstance(part, _Any):
            if part.is_number:
                yield _NUMBER
            return
        for way in part.ways:
            yield from _first_words(way)
        if not part.is_optional:
            return


def _ends(row: tuple[_Part, ...], words: Sequence[Word], at: int) -> set[int]:
    """Return where `row` can end if it begins at word `at`."""
    places = {at}
    for part in row:
        places = {end for place in places for end in _after(part, words, place)}
        if not places:
            break
    return places


def _after(part: _Part, words: Sequence[Word], at: int) -> set[int]:
    if isinstance(part, Word):
        return {at + 1} if at < len(words) and words[at].is_like(part) else set()
    if isinstance(part, _Any):
        if part.is_number:
            return {at + 1} if at < len(words) and words[at].folded[0].isdigit() else set()
        return set(range(at, min(at + _MOST_BETWEEN, len(words)) + 1))
    ends = {end for way in part.ways for end in _ends(way, words, at)}
    return ends | {at} if part.is_optional else ends
