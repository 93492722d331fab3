"""How it is known that words tell on somebody: rules from `reporting.yaml`.

For groups alone: what tells on somebody is to be said in private. Finds rules in prepared
sentences; preparing them, and what is then said, is left to others.
"""

from dataclasses import dataclass
from typing import Final

from content.items import Item
from content.patterns import Pattern, places, read_pattern

_FIELDS: Final = ("doing", "somebody", "asking")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What somebody is said to do, who somebody is, and what asks instead of telling."""

    doing: Pattern
    somebody: Pattern
    asking: Pattern

    def is_in(self, sentence: str, *, with_marks: bool) -> bool:
        """Tell whether `sentence` (words one space apart, a space at both ends) tells on somebody.

        In doubt it does: a question sent to private costs a moment, a name left standing in a
        group cannot be taken back.
        """
        words = places(sentence)

        def says(pattern: Pattern) -> bool:
            return pattern.of(with_marks=with_marks).fit(sentence, words)

        return says(self.doing) and says(self.somebody) and not says(self.asking)


def read_reporting(item: Item | None) -> Reporting:
    """Return the rules of `reporting.yaml`."""
    fields = item.fields(_FIELDS) if item else {}
    patterns = {name: read_pattern(fields.get(name)) for name in _FIELDS}
    return Reporting(**patterns)
