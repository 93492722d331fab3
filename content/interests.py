"""The topics of which residents can ask to hear more, and what the choices are called.

Knows neither who chose what nor how it is asked; announcements narrowed to a topic go by its key.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.languages import Language
from bot.core.text import fold
from content.items import Item
from content.topics import GREETING, OUT_OF_SCOPE, TOPIC_KEYS
from content.wording import Wording

# All of them stand as numbered lines in one message, below what explains them.
_TOGETHER_MAX_CHARACTERS: Final = 200
_NO_TOPICS: Final = frozenset({GREETING, OUT_OF_SCOPE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """One topic of announcements that can be chosen, by the key of a topic of the FAQ."""

    key: str
    label: Mapping[Language, str]


def read_interests(item: Item | None, wording: Wording) -> Mapping[str, Interest]:
    """Return the interests of `interests.yaml` by key; `None` stands for an unreadable file."""
    entries = item.fields(("interests",)) if item else {}
    named = entries["interests"].mapping() if "interests" in entries else {}
    interests = {key: _interest(key, entry, wording) for key, entry in named.items()}
    for language in Language:
        _check_labels(named, interests, language)
    return interests


def _interest(key: str, item: Item, wording: Wording) -> Interest:
    if key not in TOPIC_KEYS - _NO_TOPICS:
        item.fault(f"there is no topic {key!r}")
    labels: dict[Language, str] = {}
    for name, entry in item.fields(tuple(Language)).items():
        language = Language(name)
        labels[language] = entry.text()
        wording.check_message(entry, labels[language], language)
    return Interest(key=key, label=labels)


def _check_labels(
    items: Mapping[str, Item], interests: Mapping[str, Interest], language: Language
) -> None:
    """Note a fault for labels that cannot be told apart, or are too much for one message."""
    first: dict[str, str] = {}
    together = 0
    for key, interest in interests.items():
        label = interest.label.get(language, "")
        together += len(label)
        if label and (twin := first.setdefault(fold(label), key)) != key:
            items[key].fault(f"{label!r} already stands for {twin!r}")
        if together > _TOGETHER_MAX_CHARACTERS:
            items[key].fault(
                f"from here on the labels are too much for one message; together they have at"
                f" most {_TOGETHER_MAX_CHARACTERS} characters"
            )
            return


def named(
    keys: Collection[str], interests: Mapping[str, Interest], language: Language
) -> tuple[str, ...]:
    """Return the labels of `keys` in the order shown; what is not offered stands by its key."""
    known = tuple(one.label[language] for key, one in interests.items() if key in keys)
    return (*known, *sorted(set(keys) - interests.keys()))
