"""What the readers of content files find wrong, as sentences of the console.

The readers speak to whoever writes files; an officer is told the same in plain words. A reason
that stands in no row is shown as it is.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.services.edits.editing import EditRefused
from console.forms import Problem
from content.faults import Fault

_SENTENCES: Final = (
    (r"the text is empty", "edit_empty"),
    (r"'vi' is missing", "edit_missing_vi"),
    (r"'en' is missing", "edit_missing_en"),
    (r"'(?P<part>short|examples|title)' is missing", "edit_missing_{part}"),
    (r"(?P<length>\d+) characters; a message has at most (?P<longest>\d+)", "edit_too_long"),
    (r"there is no fact '(?P<fact>.*)' in", "edit_fact_unknown"),
    (r"there is no place (?P<place>.*)", "edit_place_unknown"),
    (r"a brace stands alone", "edit_brace"),
    (r"places that only one language has: (?P<places>.*)", "edit_places_differ"),
    (r"(?P<short>\S+) stands without its words '(?P<full>.*)'", "edit_abbreviation"),
    (r"'(?P<text>.*)' stands in this list for the second time", "edit_twice"),
    (r"there is no other topic", "edit_related_wrong"),
    (r"the text holds invisible characters", "edit_invisible"),
    (r"a line to call is 3 to 11 digits", "edit_line_wrong"),
    (r".* is not a day written like", "day_unreadable"),
)
_FIELD_OF: Final = {"examples_added": "examples", "examples_removed": "examples"}
TOP: Final = "top"
"""The field of what belongs to no field."""


def errors_of(refused: EditRefused) -> dict[str, Problem]:
    """Return what is wrong, by the field of the form; the first of each."""
    errors: dict[str, Problem] = {}
    for field, fault in refused.faults:
        name, _, language = field.partition(".")
        shown = "_".join(one for one in (_FIELD_OF.get(name, name), language) if one) or TOP
        problem = told(fault)
        if not field and not _is_of_a_change(fault):
            values = {"place": fault.file, **problem.values}
            problem = Problem(key="edit_elsewhere", values=values)
        errors.setdefault(shown, problem)
    return errors


def told(fault: Fault) -> Problem:
    """Return the sentence for a fault."""
    for pattern, key in _SENTENCES:
        if (found := re.match(pattern, fault.reason)) is not None:
            values = found.groupdict()
            return Problem(key=key.format(**values), values=values)
    return Problem(key="edit_other", values={"reason": fault.reason})


def all_told(faults: Sequence[Fault]) -> list[Problem]:
    """Return one sentence for each fault."""
    return [told(fault) for fault in faults]


def _is_of_a_change(fault: Fault) -> bool:
    return fault.file.startswith("edits/")
