"""What a typed message says once spelling is out of the way: shorthand, missing marks, Telex.

Prepares text for `ranking` and `answers` beside it; knows no topic.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

from bot.core.text import clean, fold
from bot.services.answers.telex import typed_out
from content.patterns import sounded

LONGEST_READ: Final = 3000
"""Characters of a message that are read; what follows changes neither topic nor danger."""

_SENTENCE_ENDS: Final = re.compile(r"[.!?…;\n]+(?!\d)")
# The sign for SOS is a cry as good as any word; other signs say nothing by themselves.
_WORDS: Final = re.compile(r"[^\W_]+|\U0001f198")
_REPEATED: Final = re.compile(r"([^\W\d_])\1{2,}")
_SYLLABLE: Final = re.compile(
    r"(?!.*(?:aa|ee|oo))"
    r"(?:ngh|ch|gh|gi|kh|ng|nh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
# A sentence with so many words that can only be raw Telex or VNI is typed so throughout: then
# "car" is "cả", and no English.
_FEWEST_TYPED: Final = 2
_SHARE_TYPED: Final = 0.25


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

    @classmethod
    def of(
        cls,
        examples: Iterable[str],
        *,
        foreign: Iterable[str] = (),
        shorthand: Mapping[str, str],
    ) -> Self:
        """Return the spelling that knows the words of `examples`, among them raw Telex.

        `foreign` are English texts and words: they are never read as raw Telex by themselves.
        """
        plain = cls(shorthand=shorthand)
        words = plain._words(examples)
        syllables = {fold(word) for word in words if not plain.is_odd(word)}
        odd = {word for word in words if plain.is_odd(word)}
        taken = {word for word in odd if fold(typed_out(word)) not in syllables}
        return cls(shorthand=shorthand, known=frozenset(syllables | taken | plain._words(foreign)))

    def _words(self, texts: Iterable[str]) -> set[str]:
        words = {word for text in texts for word in _WORDS.findall(_prepared(text))}
        return {one for word in words for one in self.shorthand.get(word, word).split()}

    @staticmethod
    def is_odd(word: str) -> bool:
        """Tell whether `word` may be raw Telex or VNI, or no Vietnamese at all."""
        return word.isascii() and not _SYLLABLE.fullmatch(word)

    def for_pages(self) -> Mapping[str, object]:
        """Return the tables by which the script of a page reads messages as `sentences` does."""
        return {
            "shorthand": dict(self.shorthand),
            "known": sorted(self.known),
            "syllable": _SYLLABLE.pattern,
            "fewest_typed": _FEWEST_TYPED,
            "share_typed": _SHARE_TYPED,
        }

    def sentences(self, text: str) -> list[Sentence]:
        """Return the sentences of `text`, none empty."""
        found = [self._sentence(part) for part in _SENTENCE_ENDS.split(_prepared(text))]
        return [sentence for sentence in found if sentence.folded]

    def _sentence(self, part: str) -> Sentence:
        typed = self._typed_out(_WORDS.findall(part))
        marked = " ".join(self.shorthand.get(word, word) for word in typed)
        # Words of figures and the short forms carry no mark in anybody's writing.
        letters = [word for word in typed if word.isalpha() and word not in self.shorthand]
        with_marks = sum(not word.isascii() and any(map(_is_marked, word)) for word in letters)
        return Sentence(
            marked=marked, folded=fold(marked), share_marked=with_marks / max(len(letters), 1)
        )

    def _typed_out(self, words: list[str]) -> list[str]:
        """Return `words` with marks where they were typed in raw Telex or VNI."""
        meant = [self._meant(word) for word in words]
        sure = sum(
            one != word and word not in self.known for one, word in zip(meant, words, strict=True)
        )
        is_typed = sure >= max(_FEWEST_TYPED, _SHARE_TYPED * len(words))
        return [
            one if is_typed or word not in self.known else word
            for one, word in zip(meant, words, strict=True)
        ]

    def _meant(self, word: str) -> str:
        if not self.is_odd(word) or word in self.shorthand or word.isdigit():
            return word
        meant = typed_out(word)
        plain = fold(meant)
        return meant if plain in self.known and _SYLLABLE.fullmatch(plain) else word


@cache
def _is_marked(letter: str) -> bool:
    return fold(letter) != letter


def _prepared(text: str) -> str:
    said = clean(text[: 2 * LONGEST_READ])[:LONGEST_READ].casefold().replace("'", "")
    return _REPEATED.sub(r"\1", said.replace("’", ""))
