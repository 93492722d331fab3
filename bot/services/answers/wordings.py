"""What a typed message says once spelling is out of the way: shorthand, missing marks, Telex.

Prepares text for `ranking` and `answers` beside it; knows no topic.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.text import clean, fold
from content.danger import sounded

LONGEST_READ: Final = 3000
"""Characters of a message that are read; what follows changes neither topic nor danger."""

_SENTENCE_ENDS: Final = re.compile(r"[.!?…;\n]+(?!\d)")
# The sign for SOS is a cry as good as any word; other signs say nothing by themselves.
_WORDS: Final = re.compile(r"[^\W_]+|\U0001f198")
_REPEATED: Final = re.compile(r"([^\W\d_])\1{2,}")
_SYLLABLE: Final = re.compile(
    r"(?:ngh|ch|gh|gi|kh|ng|nh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_TELEX: Final = re.compile(r"(?<=[aeiouyw])([sfrxj])|w|(?<=[aeo])(?=[aeo])")
_VNI: Final = re.compile(r"\d")
_SHARE_UNDONE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence in the forms the rules look at, words one space apart.

    `marked` keeps the marks as typed, `folded` has none. `share_marked` is the part of the
    words that carry a mark, from 0 to 1.
    """

    marked: str
    folded: str
    share_marked: float

    @property
    def sounded(self) -> str:
        """The sentence with its tones as figures."""
        return sounded(self.marked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How messages are read. `known` are the folded words of the examples."""

    shorthand: Mapping[str, str]
    known: Collection[str] = frozenset()

    def for_pages(self) -> Mapping[str, object]:
        """Return the tables by which the script of a page reads messages as `sentences` does."""
        return {
            "shorthand": dict(self.shorthand),
            "known": sorted(self.known),
            "syllable": _SYLLABLE.pattern,
            "share_undone": _SHARE_UNDONE,
        }

    def sentences(self, text: str) -> list[Sentence]:
        """Return the sentences of `text`, none empty."""
        said = clean(text[: 2 * LONGEST_READ])[:LONGEST_READ].casefold().replace("'", "")
        said = _REPEATED.sub(r"\1", said.replace("’", ""))
        found = [self._sentence(part) for part in _SENTENCE_ENDS.split(said)]
        return [sentence for sentence in found if sentence.folded]

    def _sentence(self, part: str) -> Sentence:
        words = _WORDS.findall(part)
        typed = [self._undone(word) for word in words]
        marked = " ".join(self.shorthand.get(word, word) for word in typed)
        # Words of figures and the short forms carry no mark in anybody's writing, and a word
        # undone has lost the mark it was meant to have.
        letters = [word for word in typed if word.isalpha() and word not in self.shorthand]
        with_marks = sum(fold(word) != word for word in letters)
        share = with_marks / max(len(letters), 1)
        return Sentence(
            marked=marked,
            folded=fold(marked),
            share_marked=share if typed == words else min(share, _SHARE_UNDONE),
        )

    def _undone(self, word: str) -> str:
        """Return a word typed in raw Telex or VNI without its marks, any other as it is."""
        if not word.isascii() or word in self.known or word in self.shorthand or word.isdigit():
            return word
        if any(mark.isdigit() for mark in word):
            plain = _VNI.sub("", word)
        elif _SYLLABLE.fullmatch(word):
            return word
        else:
            plain = _without_telex(word)
        return plain if plain in self.known and _SYLLABLE.fullmatch(plain) else word


def _without_telex(word: str) -> str:
    word = re.sub(r"^dd|(?<=.)d$", "d" if word.startswith("dd") else "", word)
    word = word.replace("dd", "d").replace("aa", "a").replace("ee", "e").replace("oo", "o")
    return _TELEX.sub("", word)
