"""Lines of words that rules look for in a sentence, read from content files.

In a line: (a|b) either, word? may be missing, * up to three words of any kind, ^ the first word of
the sentence, $ the last. Sentences are given as words one space apart, one space at both ends,
either with their tones as figures (`sounded`) or without marks (`fold`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

from bot.core.text import fold
from content.items import Item

_TOKEN: Final = re.compile(r"\([^()]*\)\??(?:\\d)*|\S+")
_WORD: Final = re.compile(r"[^\W\d_]+")
# A line that cannot be wrong: words, each as it is or a choice in brackets, perhaps with ? behind.
_ONE: Final = r"(?:(?:[\w']+|\([\w' ]+(?:\|[\w' ]+)*\))\??|[*^$])"
_PLAIN: Final = re.compile(f"{_ONE}(?: {_ONE})*")
_FIRST_WORD: Final = re.compile(r"\w+")
# Hook and tilde are one: half the country speaks, and spells, them alike.
_TONES: Final = {"\u0300": "2", "\u0301": "1", "\u0303": "3", "\u0309": "3", "\u0323": "5"}
_ANY_WORDS: Final = "*"
_FIRST, _LAST = "^", "$"
_BEFORE: Final = "(?<= )"
_AT_FIRST: Final = r"(?<=\A )"
_NOTHING: Final = "(?!)"


def sounded(text: str) -> str:
    """Return `text` in lower case with the tone of each word as a figure behind it.

    So the two ways of placing a tone (hỏa, hoả) become one, and hook and tilde are not told apart.
    """
    return _WORD.sub(lambda match: _sounded_word(match[0]), text.casefold())


def _sounded_word(word: str) -> str:
    if word.isascii():
        return word
    letters, tone = [], ""
    for letter in unicodedata.normalize("NFD", word):
        if letter in _TONES:
            tone = _TONES[letter]
        else:
            letters.append(letter)
    return unicodedata.normalize("NFC", "".join(letters)) + tone


def places(sentence: str) -> list[tuple[str, int]]:
    """Return the words of a sentence, each with where it begins."""
    found, at = [], 0
    for word in sentence.split(" "):
        if word:
            found.append((word, at))
        at += len(word) + 1
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines in one form, as expressions. `by_first` holds each by every word it may begin with.

    Looked through in one piece, every line would be tried at every word of a sentence.
    """

    expressions: tuple[str, ...]
    by_first: Mapping[str, tuple[str, ...]]
    # Those that may begin with any word.
    anywhere: tuple[str, ...]

    @classmethod
    def of(cls, lines: Sequence[str]) -> Self:
        """Return the lines, which are spelled in one of the two forms."""
        by_first: dict[str, list[str]] = {}
        anywhere = []
        for line in lines:
            expression, firsts = _expression(line), _first_words(line)
            if firsts is None:
                anywhere.append(expression)
            for word in firsts or ():
                by_first.setdefault(word, []).append(expression)
        return cls(
            expressions=tuple(_expression(line) for line in lines),
            by_first={word: tuple(some) for word, some in by_first.items()},
            anywhere=tuple(anywhere),
        )

    def fit(self, sentence: str, words: Sequence[tuple[str, int]]) -> bool:
        """Tell whether any line is found in `sentence`, of which `words` are the `places`."""
        for word, at in words:
            for expression in self.by_first.get(word, ()):
                if _compiled(expression).match(sentence, at):
                    return True
            for expression in self.anywhere:
                if _compiled(expression).match(sentence, at):
                    return True
        return False

    def cut(self, sentence: str) -> str:
        """Return `sentence` without what any line finds, a space in its place."""
        return _compiled(self.whole).sub(" ", sentence)

    @property
    def whole(self) -> str:
        """Return all lines as one expression; a match begins behind the space before the words."""
        return f"{_BEFORE}(?:{'|'.join(self.expressions)})" if self.expressions else _NOTHING

    @property
    def scripted(self) -> str:
        """Return all lines as an expression whose match begins with the space before the words.

        Old phones know no looking behind, so that space is part of what is found.
        """
        if not self.expressions:
            return _NOTHING
        ways = (expression.replace(r"\Z", "$") for expression in self.expressions)
        return "|".join(
            f"^ {way.removeprefix(_AT_FIRST)}" if way.startswith(_AT_FIRST) else f" {way}"
            for way in ways
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The lines of many rules, by name, so that one look at each word of a sentence finds all."""

    by_first: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
    anywhere: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, rules: Mapping[str, Lines]) -> Self:
        """Return the index of `rules`, whose lines are all in the same form."""
        by_first: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for name, lines in rules.items():
            for word, expressions in lines.by_first.items():
                by_first.setdefault(word, []).append((name, expressions))
        return cls(
            by_first={word: tuple(some) for word, some in by_first.items()},
            anywhere=tuple(
                (name, lines.anywhere) for name, lines in rules.items() if lines.anywhere
            ),
        )

    def fitting(self, sentence: str, words: Sequence[tuple[str, int]]) -> set[str]:
        """Return the names of the rules of which `Lines.fit` says that they fit."""
        found: set[str] = set()
        for word, at in words:
            for name, expressions in (*self.by_first.get(word, ()), *self.anywhere):
                if name not in found and any(
                    _compiled(expression).match(sentence, at) for expression in expressions
                ):
                    found.add(name)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Lines for text with tones as figures, and the same for text without marks."""

    sounded: Lines
    folded: Lines

    def of(self, *, with_marks: bool) -> Lines:
        """Return the lines for text in the form of `sounded` or of `fold`."""
        return self.sounded if with_marks else self.folded

    @property
    def expressions(self) -> Mapping[str, str]:
        """Return both for scripts of pages, see `Lines.scripted`."""
        return {"sounded": self.sounded.scripted, "folded": self.folded.scripted}


def read_pattern(item: Item | None) -> Pattern:
    """Return the pattern of a list of lines, noting each that cannot be read."""
    lines = [(entry, entry.text()) for entry in (item.items() if item else ())]
    good = [line for entry, line in lines if _is_readable(entry, line)]
    return Pattern(
        sounded=Lines.of([sounded(line) for line in good]),
        folded=Lines.of([fold(line) for line in good]),
    )


def _is_readable(item: Item, line: str) -> bool:
    if _PLAIN.fullmatch(line):
        return True
    try:
        re.compile(_expression(fold(line)))
    except re.error as error:
        item.fault(f"the pattern cannot be read: {error}")
        return False
    return True


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    # When it is first needed: most lines are not, for a long time.
    return re.compile(expression)


def _first_words(line: str) -> set[str] | None:
    """Return the words a line may begin with, None where that may be any."""
    found: set[str] = set()
    for token in _TOKEN.findall(line.replace("'", "")):
        if token == _FIRST:
            continue
        may_be_missing = token.endswith("?")
        choices = token.removesuffix("?").strip("()").split("|")
        words = {choice.split(" ")[0] for choice in choices}
        if not all(_FIRST_WORD.fullmatch(word) for word in words):
            return None
        found |= words
        if not may_be_missing:
            return found
    return None


def _expression(line: str) -> str:
    # Every word takes the space behind it, so that a line only ever fits whole words.
    parts = []
    for token in _TOKEN.findall(line.replace("'", "")):
        if token == _ANY_WORDS:
            parts.append(r"(?:\S+ ){0,3}?")
        elif token == _FIRST:
            parts.append(_AT_FIRST)
        elif token == _LAST:
            parts.append(r"\Z")
        elif token.endswith("?"):
            parts.append(f"(?:{token[:-1]} )?")
        else:
            parts.append(f"(?:{token} )")
    return "".join(parts)
