"""Places in the text of an announcement that differ from unit to unit: `{{ so_truc }}`.

The language is Jinja's, of which only places and conditions on them are understood: no loops, no
calls, no attributes, so that no text can take long, reach into the program, or fail half-way
through a sending. What fills a place is given by the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from jinja2 import Template, TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.languages import Language
from content.items import Item

_FIELDS: Final = ("from", "label")
_UNDERSTOOD: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
)
_MARKS: Final = ("{{", "{%", "{#")


class EmptyPlace(ValueError):
    """A place that is to be read has no value; `place` is its name."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place} has no value")
        self.place = place


class _Open(Undefined):
    """A place without a value: false in a condition, and never read."""

    def __str__(self) -> str:
        raise EmptyPlace(str(self._undefined_name))


# What is read is plain text for chats; pages escape it themselves.
_JINJA: Final = ImmutableSandboxedEnvironment(
    undefined=_Open,
    autoescape=False,
    keep_trailing_newline=True,
)


class PlaceSource(StrEnum):
    """What fills a place. Beside the names: the contacts of a unit, by their own keys."""

    UNIT_NAME = "unit_name"
    COMMUNE_NAME = "commune_name"
    DUTY_PHONE = "duty_phone"
    AREA_OFFICER = "area_officer"
    AREA_PHONE = "area_phone"
    ADDRESS = "address"
    OFFICE_HOURS = "office_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place: what fills it, and what officers call it."""

    source: PlaceSource
    label: Mapping[Language, str]


class UnreadableText(ValueError):
    """A text's places cannot be understood; `line` is where, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} cannot be understood")
        self.line = line


def read_places(item: Item | None) -> Mapping[str, Place]:
    """Return the places of `places.yaml` by name; `None` stands for an unreadable file."""
    entries = item.fields(("places",)) if item else {}
    named = entries["places"].mapping() if "places" in entries else {}
    return {name: _place(entry) for name, entry in named.items()}


def _place(item: Item) -> Place:
    entries = item.fields(_FIELDS)
    spoken = entries["label"].fields(tuple(Language)) if "label" in entries else {}
    source = entries["from"].choice(tuple(PlaceSource)) if "from" in entries else "unit_name"
    return Place(
        source=PlaceSource(source),
        label={Language(language): entry.text() for language, entry in spoken.items()},
    )


def places_in(text: str) -> frozenset[str]:
    """Return the names of the places in a text. Raise `UnreadableText`."""
    if not any(mark in text for mark in _MARKS):
        return frozenset()
    try:
        parsed = _JINJA.parse(text)
    except TemplateSyntaxError as error:
        raise UnreadableText(error.lineno) from error
    except RecursionError as error:
        raise UnreadableText(1) from error
    names: set[str] = set()
    for node in (parsed, *parsed.find_all(nodes.Node)):
        if not isinstance(node, _UNDERSTOOD):
            raise UnreadableText(node.lineno)
        if isinstance(node, nodes.Name):
            names.add(node.name)
    return frozenset(names)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text that `places_in` understood with its places filled in.

    Raise `EmptyPlace` for one that is to be read and has no value.
    """
    if not any(mark in text for mark in _MARKS):
        return text
    return _compiled(text).render(values)


@lru_cache(maxsize=32)
def _compiled(text: str) -> Template:
    # One text is filled for thousands of units; compiling takes far longer than filling.
    return _JINJA.from_string(text)
