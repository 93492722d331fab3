"""English words that need to be known by themselves, from `english.yaml`.

Only the list; `bot.services` applies it.
"""

from collections.abc import Collection

from content.items import Item


def read_english(item: Item | None) -> Collection[str]:
    """Return the English words that look like Vietnamese typed in raw Telex, in small letters."""
    fields = item.fields(("like_telex",)) if item else {}
    entries = fields["like_telex"].items() if "like_telex" in fields else ()
    for entry in entries:
        if not entry.text().isascii() or entry.text() != entry.text().lower():
            entry.fault(f"{entry.text()!r} must be one English word in small letters")
    return frozenset(entry.text() for entry in entries)
