"""Messages that show what danger sounds like, and what only sounds like it: `dangers/*/*.yaml`.

The model of danger is trained on one half and tried on the other. Only training, measuring and
tests read them; what was learned stands in `danger_weights.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from content.danger import EmergencyKind
from content.faults import Faults
from content.items import Item, read_folder

FOLDER: Final = "dangers"

_PLACE: Final = Path(__file__).parent
_NONE: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerExample:
    """One message with the danger somebody is in at the moment of writing; None is no danger."""

    text: str
    kind: EmergencyKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerExamples:
    """All messages: those that the model learns from, and those that it is tried on."""

    training: tuple[DangerExample, ...]
    development: tuple[DangerExample, ...]


def read_dangers(folder: Path | None = None) -> DangerExamples:
    """Return the messages read from `dangers` in `folder`, by default beside this module.

    Raises `ContentError` with one line `file:line: reason` for each mistake.
    """
    below = folder or _PLACE
    faults = Faults()
    seen: dict[str, None] = {}

    def part(name: str) -> tuple[DangerExample, ...]:
        files = read_folder(below / FOLDER / name, below=below, faults=faults)
        return tuple(one for file in files.values() for one in _examples(file, seen))

    found = DangerExamples(training=part("training"), development=part("development"))
    faults.raise_if_any()
    return found


def _examples(file: Item, seen: dict[str, None]) -> list[DangerExample]:
    found = []
    kinds: Mapping[str, Item] = file.fields((), (*EmergencyKind, _NONE))
    for name, rows in kinds.items():
        kind = None if name == _NONE else EmergencyKind(name)
        for row in rows.items():
            text = row.text()
            if text in seen:
                row.fault(f"{text!r} stands in the dangers for the second time")
            seen[text] = None
            found.append(DangerExample(text=text, kind=kind))
    return found
