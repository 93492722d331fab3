"""How people shorten words when they type, and what they mean.

Only the table; `bot.services` applies it.
"""

from collections.abc import Mapping

from content.items import Item


def read_shorthand(item: Item | None) -> Mapping[str, str]:
    """Return the short forms of `shorthand.yaml` with what they mean, both in lower case."""
    fields = item.fields(("words",)) if item else {}
    words = fields["words"].mapping() if "words" in fields else {}
    for short, entry in words.items():
        if short != short.casefold() or " " in short:
            entry.fault(f"{short!r} must be one word in small letters")
    return {short: entry.text() for short, entry in words.items()}
