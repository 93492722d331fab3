"""What a message is compared by: words, pairs of words, words with their marks, groups of letters.

A feature is a text: a letter for its kind, a colon, what was found.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from bot.services.answers.wordings import Sentence
from content.patterns import sounded

LETTERS: Final = "c"
"""The kind of feature that says least: a group of letters."""

PLAIN: Final = "wp"
"""The kinds of features that are words and pairs of words, without their marks."""

WORDS: Final = "wm"
"""The kinds of features that are words, without and with their marks."""

_GROUP: Final = 3


def features(said: Iterable[Sentence]) -> list[str]:
    """Return the features of the sentences `said`, each once, in the order of the text."""
    found: dict[str, None] = {}
    for sentence in said:
        words = sentence.folded.split()
        found.update((f"w:{word}", None) for word in words)
        found.update((f"p:{one} {two}", None) for one, two in pairwise(words))
        # Tones as figures: hoả and hỏa are one word.
        for word in sentence.marked.split():
            if not word.isascii():
                found[f"m:{sounded(word)}"] = None
        for word in words:
            if len(word) >= _GROUP:
                edged = f"_{word}_"
                for at in range(len(edged) - _GROUP + 1):
                    found[f"{LETTERS}:{edged[at : at + _GROUP]}"] = None
    return list(found)
