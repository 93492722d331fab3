"""Facts that age: numbers, fines, laws. Each stands once, with the day it was checked.

Knows nothing of where a fact is used; texts name it as `{fact:name}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bot.core.languages import Language
from content.filling import FACT_PREFIX, places, replace_facts
from content.items import Item


class FactKind(StrEnum):
    """What sort of fact it is; only what the law says needs its day beside it."""

    LAW = "law"
    NUMBER = "number"


class Mark(StrEnum):
    """How far a fact is known. What is unsure never enters the files."""

    SURE = "sure"
    LIKELY = "likely"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact in each language, with the day it was checked and where it comes from."""

    value: Mapping[Language, str]
    kind: FactKind
    mark: Mark
    checked_on: date
    source: str


_LINE: Final = re.compile(r"[0-9]{3,11}")
_FIELDS: Final = ("value", "kind", "mark", "checked_on", "source")


def read_facts(item: Item | None) -> Mapping[str, Fact]:
    """Return the facts of `facts.yaml` by name; `None` stands for an unreadable file."""
    facts: dict[str, Fact] = {}
    for name, entry in (item.mapping() if item else {}).items():
        fields = entry.fields(_FIELDS)
        if len(fields) < len(_FIELDS):
            continue
        spoken = fields["value"].fields(tuple(Language))
        for text in spoken.values():
            if fields["kind"].text() == FactKind.NUMBER and not _LINE.fullmatch(text.text()):
                text.fault("a line to call is 3 to 11 digits")
        facts[name] = Fact(
            value={Language(language): text.text() for language, text in spoken.items()},
            kind=FactKind(fields["kind"].choice(tuple(FactKind))),
            mark=Mark(fields["mark"].choice(tuple(Mark))),
            checked_on=fields["checked_on"].day(),
            source=fields["source"].text(),
        )
    return facts


def facts_in(text: str) -> frozenset[str]:
    """Return the names of the facts that `text` uses."""
    return frozenset(
        name.removeprefix(FACT_PREFIX) for name in places(text) if name.startswith(FACT_PREFIX)
    )


def put_facts(item: Item, text: str, *, language: Language, facts: Mapping[str, Fact]) -> str:
    """Return `text` with its facts filled in; a fact that does not exist is a fault of `item`."""
    for name in sorted(facts_in(text) - facts.keys()):
        item.fault(f"there is no fact {name!r} in facts.yaml")
    return replace_facts(
        text, lambda name: facts[name].value.get(language, "") if name in facts else ""
    )
