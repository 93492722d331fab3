"""What every text for residents must keep to: length, no bare abbreviation, like places.

Rules of taste that a machine can check; the rest is for the people who read the texts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.languages import Language
from bot.core.text import fold
from content.filling import FACT_PREFIX, fill, is_optional, places, stray_braces
from content.items import Item

MESSAGE_MAX_CHARACTERS: Final = 600
"""The longest chat message, measured with sample values in its places."""

_SAMPLE_VALUE: Final = "x" * 24
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The checks of texts; `abbreviations` maps each one to the words that must stand with it."""

    abbreviations: Mapping[str, str]

    def check_message(
        self, item: Item, text: str, language: Language, *, may_vanish: bool = False
    ) -> None:
        """Note a fault for a message that is too long, stray braces, bare abbreviations.

        A text of one line, or one that `may_vanish`, may be left out as a whole where the unit
        has not entered what it needs.
        """
        if stray_braces(text):
            item.fault("a brace stands alone; a place is written {name}")
        vanishes = not fill(text, _samples(text, optional=False))
        if vanishes and "\n" in text and not may_vanish:
            item.fault("nothing is left of the text when the unit has entered nothing")
        self.check_length(item, text)
        if language is Language.VI:
            self._check_abbreviations(item, text)

    def check_length(self, item: Item, text: str) -> None:
        """Note a fault for a text too long for one message."""
        length = len(fill(text, _samples(text, optional=True)))
        if length > MESSAGE_MAX_CHARACTERS:
            item.fault(f"{length} characters; a message has at most {MESSAGE_MAX_CHARACTERS}")

    def check_pair(self, items: Mapping[Language, Item], texts: Mapping[Language, str]) -> None:
        """Note a fault where the languages do not have the same places to fill."""
        for language, item in items.items():
            if language is Language.VI or Language.VI not in texts:
                continue
            ours, other = places(texts[Language.VI]), places(texts[language])
            if ours != other:
                names = ", ".join(f"{{{name}}}" for name in sorted(ours ^ other))
                item.fault(f"places that only one language has: {names}")

    def _check_abbreviations(self, item: Item, text: str) -> None:
        words, folded = set(_WORD.findall(text)), fold(text)
        for short, full in self.abbreviations.items():
            if short in words and fold(full) not in folded:
                item.fault(f"{short} stands without its words {full!r}")


def read_abbreviations(item: Item | None) -> Mapping[str, str]:
    """Return the abbreviations of `abbreviations.yaml` with the words they stand for."""
    entries = item.mapping() if item else {}
    return {short: words.text() for short, words in entries.items()}


def _samples(text: str, *, optional: bool) -> dict[str, str]:
    return {
        name: _SAMPLE_VALUE
        for name in places(text)
        if (optional or not is_optional(name)) and not name.startswith(FACT_PREFIX)
    } | {name: "" for name in places(text) if name.startswith(FACT_PREFIX)}
