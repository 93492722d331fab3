"""Places in a text that are filled when it is said, and how they are filled.

`{name}` must be given. `{unit_name}` is something only the unit knows: where the unit has not
entered it, the whole line that holds it is left out, so that a text never shows a hole.
`{fact:name}` is a fact with its day; `content.facts` owns those.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

UNIT_PREFIX: Final = "unit_"
FACT_PREFIX: Final = "fact:"
UNIT_PLACES: Final = frozenset(
    {
        *("unit_duty_phone", "unit_area_officer", "unit_area_phone"),
        *("unit_address", "unit_office_hours"),
    }
)
"""What an answer can be filled with: the contacts that a unit enters."""

_PLACE: Final = re.compile(r"\{((?:fact:)?[a-z][a-z0-9_]*)\}")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def places(text: str) -> frozenset[str]:
    """Return the names of all places in `text`, facts with their prefix."""
    return frozenset(_PLACE.findall(text))


def stray_braces(text: str) -> bool:
    """Tell whether `text` holds a brace that is no part of a place."""
    return any(brace in _PLACE.sub("", text) for brace in "{}")


def is_optional(name: str) -> bool:
    """Tell whether the place `name` may stay unfilled, its line being left out."""
    return name.startswith(UNIT_PREFIX)


def fill(text: str, values: Mapping[str, str], *, optional: Collection[str] = ()) -> str:
    """Return `text` with every place filled from `values`.

    A line is dropped when one of its places has no value and may do so: those of the unit and
    those named in `optional`. A missing value of another place raises `KeyError`. Values are put
    in as they are, braces in them mean nothing.
    """
    kept = [
        _PLACE.sub(lambda match: values[match[1]], line)
        for line in text.split("\n")
        if not any(
            (is_optional(name) or name in optional) and not values.get(name, "").strip()
            for name in places(line)
        )
    ]
    return _EMPTY_LINES.sub("\n\n", "\n".join(kept)).strip()


def replace_facts(text: str, value_of: Callable[[str], str]) -> str:
    """Return `text` with each `{fact:name}` replaced by `value_of(name)`."""

    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        return value_of(name[len(FACT_PREFIX) :]) if name.startswith(FACT_PREFIX) else match[0]

    return _PLACE.sub(replaced, text)
