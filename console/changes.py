"""What differs between two writings of an answer or a fact, line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.core.languages import Language
from content.sources import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: `sign` is "-" for what goes, "+" for what comes, empty for what stays."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One field that differs. `language` is empty where a field has none."""

    field: str
    language: str
    lines: Sequence[Line]


def changes(before: Written | None, after: Written | None) -> Sequence[Changed]:
    """Return the fields that differ, in the order of the form."""
    was, now = _flat(before), _flat(after)
    fields = list(dict.fromkeys(name for name, _ in {**was, **now}))
    found = []
    # Vietnamese first: a stable order by the language, behind that of the fields.
    keys = sorted({**was, **now}, key=lambda key: (fields.index(key[0]), key[1] != Language.VI))
    for name, language in keys:
        old, new = was.get((name, language), []), now.get((name, language), [])
        if old == new:
            continue
        lines = _lines(old, new)
        if name == "examples":
            # Dozens that stay tell nothing.
            lines = [line for line in lines if line.sign]
        found.append(Changed(field=name, language=language, lines=lines))
    return found


def _flat(written: Written | None) -> dict[tuple[str, str], list[str]]:
    flat: dict[tuple[str, str], list[str]] = {}
    for name, value in (written or {}).items():
        spoken = value if isinstance(value, Mapping) else {"": value}
        for language, one in spoken.items():
            texts = one if isinstance(one, list) else str(one).split("\n")
            flat[name, str(language)] = [str(text) for text in texts]
    return flat


def _lines(old: list[str], new: list[str]) -> list[Line]:
    lines: list[Line] = []
    for _, low, high, from_, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[low:high] == new[from_:to]:
            lines += [Line(sign="", text=text) for text in old[low:high]]
            continue
        lines += [Line(sign="-", text=text) for text in old[low:high]]
        lines += [Line(sign="+", text=text) for text in new[from_:to]]
    return lines
