"""A YAML value that still knows its file and line, so that each mistake can name its place.

Readers ask an `Item` for what they need; what does not fit is noted as a fault and a harmless
value is returned, so that one reading finds all mistakes. What the values mean is left to them.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from content.faults import Faults

# The parser written in C reads the whole book in a tenth of the time.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EDITED: Final = "edits/"
"""Begins the name of what is no file: what an officer changed (`content.edits`)."""

_CONTROL_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One node of a content file with its place and the list that takes its faults."""

    node: yaml.Node
    file: str
    faults: Faults

    @property
    def line(self) -> int:
        """The line of the node, from 1."""
        return int(self.node.start_mark.line) + 1

    def fault(self, reason: str) -> None:
        """Note a mistake at this place."""
        self.faults.add(self.file, self.line, reason)

    def text(self) -> str:
        """Return the text without the spaces around it; empty and strange letters are faults."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.fault("a text is expected here")
            return ""
        value = str(self.node.value)
        if unicodedata.normalize("NFC", value) != value:
            self.fault("the text is not in Unicode form NFC")
        # Nearly every text is printable, which is told quickly; only others are looked through.
        if not value.replace("\n", "").isprintable():
            self._name_strange_letters(value)
        value = value.strip()
        if not value:
            self.fault("the text is empty")
        return value

    def _name_strange_letters(self, value: str) -> None:
        if strange := sorted(
            {
                f"U+{ord(letter):04X}"
                for letter in value
                if letter != "\n" and unicodedata.category(letter) in _CONTROL_CATEGORIES
            }
        ):
            self.fault(f"the text holds invisible characters: {', '.join(strange)}")

    def mapping(self) -> dict[str, "Item"]:
        """Return the values by their keys; a key that stands twice is a fault."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fault("names with values are expected here")
            return {}
        entries: dict[str, Item] = {}
        for key_node, value_node in self.node.value:
            key = self._child(key_node)
            name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            if not name:
                key.fault("a name is expected here")
            elif name in entries:
                key.fault(f"{name!r} stands here for the second time")
            else:
                entries[name] = self._child(value_node)
        return entries

    def fields(
        self, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, "Item"]:
        """Return the values by key; missing and unknown keys are faults."""
        entries = self.mapping()
        if isinstance(self.node, yaml.MappingNode):
            for name in required:
                if name not in entries:
                    self.fault(f"{str(name)!r} is missing")
        for name in [name for name in entries if name not in {*required, *optional}]:
            entries.pop(name).fault(f"{name!r} is not known here")
        return entries

    def items(self) -> list["Item"]:
        """Return the entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.fault("a list is expected here")
            return []
        return [self._child(node) for node in self.node.value]

    def texts(self) -> tuple[str, ...]:
        """Return the texts of a list; one that stands twice is a fault."""
        texts: dict[str, None] = {}
        for item in self.items():
            text = item.text()
            if text in texts:
                item.fault(f"{text!r} stands in this list for the second time")
            texts[text] = None
        return tuple(texts)

    def choice(self, allowed: Collection[str]) -> str:
        """Return the text if it is one of `allowed`, else note a fault and return the first."""
        value = self.text()
        if value in allowed:
            return value
        self.fault(f"{value!r} is none of: {', '.join(allowed)}")
        return next(iter(allowed))

    def flag(self) -> bool:
        """Return a yes or no."""
        return self.choice(("yes", "no")) == "yes"

    def day(self) -> date:
        """Return a day written year-month-day."""
        value = self.text()
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fault(f"{value!r} is not a day written like 2026-11-22")
            return date.min

    def number(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self.text()
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        self.fault(f"{value!r} is not a number from {low} to {high}")
        return low

    def _child(self, node: yaml.Node) -> "Item":
        name = node.start_mark.name
        file = name if name.startswith(EDITED) else self.file
        return Item(node=node, file=file, faults=self.faults)


def read(path: Path, *, below: Path, faults: Faults) -> Item | None:
    """Return the content of the file at `path`, or None with a fault noted.

    The file is named in faults by its path relative to `below`.
    """
    name = path.relative_to(below).as_posix()
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except FileNotFoundError:
        faults.add(name, 1, "the file is missing")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        faults.add(name, line, "the file is not UTF-8")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        faults.add(name, line, f"not readable as YAML: {error.problem}")
    except yaml.YAMLError as error:
        faults.add(name, 1, f"not readable as YAML: {str(error).splitlines()[0]}")
    else:
        if node is not None:
            return Item(node=node, file=name, faults=faults)
        faults.add(name, 1, "the file is empty")
    return None


def read_folder(folder: Path, *, below: Path, faults: Faults) -> Mapping[str, Item]:
    """Return the content of every `.yaml` file in `folder` by its name without the ending."""
    found = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    if not found:
        faults.add(folder.relative_to(below).as_posix(), 1, "the folder holds no files")
    contents = {name: read(path, below=below, faults=faults) for name, path in found.items()}
    return {name: item for name, item in contents.items() if item is not None}
