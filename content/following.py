"""Which questions only make sense after another one: words of `following.yaml`.

What was talked about before, and whether it is still remembered, is known to the dialogues.
"""

from dataclasses import dataclass
from typing import Final

from content.items import Item
from content.phrases import Phrases, read_phrases, words_of

_MOST_WORDS: Final = 10
_FEWEST_WORDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """The words that ask, and those that may stand beside them."""

    asks: Phrases
    words: Phrases

    def leans_on_what_was_before(self, text: str) -> bool:
        """Tell whether `text` is a short question that names no matter of its own."""
        said = words_of(text)
        if not (_FEWEST_WORDS <= len(said) <= _MOST_WORDS and self.asks.are_in(said)):
            return False
        return all(self.asks.are_in([one]) or self.words.are_in([one]) for one in said)


def read_following(item: Item | None) -> Following:
    """Return the words of `following.yaml`."""
    fields = item.fields(("asks", "words")) if item else {}
    return Following(
        asks=read_phrases(fields.get("asks")), words=read_phrases(fields.get("words"))
    )
