"""What names people and places, from `names.yaml`: by it questions are stripped of both.

Reads and checks the lists; `bot.services.answers.stripping` applies them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from bot.core.text import fold
from content.items import Item

_LISTS = ("names", "titles", "introduces", "places", "no_names", "kept", "things")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The lists, in small letters with their marks. `kept` are phrases of several words."""

    names: Collection[str]
    titles: Collection[str]
    introduces: Collection[str]
    places: Collection[str]
    no_names: Collection[str]
    kept: Collection[str]
    things: Collection[str]
    folded_names: Collection[str] = field(init=False)

    def __post_init__(self) -> None:
        """Work out how names look without marks."""
        object.__setattr__(self, "folded_names", frozenset(fold(name) for name in self.names))


def read_names(item: Item | None) -> Names:
    """Return the lists of `names.yaml`; `None` stands for an unreadable file."""
    fields = item.fields(_LISTS) if item else {}
    lists = {name: _words(fields.get(name), apart=name == "names") for name in _LISTS}
    return Names(**lists)


def _words(item: Item | None, *, apart: bool) -> frozenset[str]:
    texts = [entry.text() for entry in item.items()] if item else []
    for text in texts:
        if item and text != text.lower():
            item.fault(f"{text!r} must be in small letters")
    return frozenset(word for text in texts for word in (text.split() if apart else [text]))
