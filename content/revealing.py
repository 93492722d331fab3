"""By what a tip may betray who wrote it: rules from `revealing.yaml`.

Only points at places in a text; what is asked about them is said by whoever takes tips. The
expressions are spelled so that Python and the scripts of the pages read them alike: a page that
seals a tip before it is sent must look through it by itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.core.text import clean, fold
from content.items import Item

# As pages can say it too: scripts know no class of all letters that Python knows as well.
_LETTER: Final = r"0-9A-Za-z\u00c0-\u1ef9"
_WORD: Final = f"[{_LETTER}/]+"
_GAP: Final = r"""[ \n\u00a0,:;()"'\u2013-]{1,4}"""
_NUMBER: Final = f"[A-Za-z]?[0-9][{_LETTER}/]*"
_TOKEN: Final = re.compile(r"!?\([^()]*\)\??|\S+")
_ME: Final = "{me}"
_MOST_HINTS: Final = 5
_LONGEST_FOUND: Final = 60


class HintKind(StrEnum):
    """What a place in a text may tell about its writer."""

    PHONE = "phone"
    IDENTITY = "identity"
    EMAIL = "email"
    HOME = "home"
    NAME = "name"
    TIE = "tie"  # to somebody or some place that is known: a wife, a school

    @property
    def sentence(self) -> str:
        """Return the key of its name in section `tips`."""
        return f"reveals_{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One place that may betray the writer: `found` is as typed, at most sixty letters."""

    kind: HintKind
    found: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealing:
    """All rules, by kind. The first group of an expression is what was found."""

    rules: Mapping[HintKind, re.Pattern[str]]

    def find(self, text: str) -> list[Hint]:
        """Return what in `text` may betray who wrote it, kind by kind, each place once."""
        said = clean(text)
        found: dict[str, Hint] = {}
        for kind, rule in self.rules.items():
            for match in rule.finditer(said):
                place = " ".join(match[1].split())[:_LONGEST_FOUND]
                found.setdefault(place, Hint(kind=kind, found=place))
        return list(found.values())[:_MOST_HINTS]

    @property
    def expressions(self) -> Mapping[str, str]:
        """Return the rules for scripts, by kind: to be read with the flags `giu`, text in NFC."""
        return {kind.value: rule.pattern for kind, rule in self.rules.items()}


def read_revealing(item: Item | None) -> Revealing:
    """Return the rules of `revealing.yaml`."""
    fields = item.fields(("me", "kinds")) if item else {}
    me = fields["me"].texts() if "me" in fields else ()
    kinds = fields["kinds"].fields(tuple(HintKind)) if "kinds" in fields else {}
    return Revealing(
        rules={kind: _rule(kinds[kind], me) for kind in HintKind if kind in kinds},
    )


def _rule(item: Item, me: Sequence[str]) -> re.Pattern[str]:
    fields = item.fields(("signs", "words"))
    ways: list[tuple[Item, str]] = []
    for name, entries in fields.items():
        for entry in entries.items():
            line = entry.text()
            ways.append((entry, line if name == "signs" else _expression(line, me)))
    try:
        return _whole(way for _, way in ways)
    except re.error:
        # Only now each by itself: to compile them twice would take longer than all of the book.
        return _whole(way for entry, way in ways if _is_readable(way, entry))


def _whole(ways: Iterable[str]) -> re.Pattern[str]:
    # No looking behind: scripts of old phones cannot.
    found = f"(?:^|[^{_LETTER}])({'|'.join(ways) or '(?!)'})(?![{_LETTER}])"
    return re.compile(found, re.IGNORECASE)


def _is_readable(way: str, entry: Item) -> bool:
    try:
        re.compile(way)
    except re.error as error:
        entry.fault(f"the line cannot be read: {error}")
        return False
    return True


def _expression(line: str, me: Sequence[str]) -> str:
    """Return a line of words as an expression; every word but the first takes the gap before."""
    parts: list[str] = []
    for token in _TOKEN.findall(line):
        gap = _GAP if parts else ""
        is_optional = token.endswith("?")
        bare = token.removesuffix("?")
        if bare == "*":
            parts.append(f"(?:{gap}{_WORD}){{0,3}}?")
        elif bare.startswith("!"):
            parts.append(f"(?!{gap}{_one_of(_ways(bare[1:]))}(?![{_LETTER}]))")
        else:
            one = _NUMBER if bare == "#" else _one_of(me if bare == _ME else _ways(bare))
            parts.append(f"(?:{gap}{one}){'?' if is_optional else ''}")
    return "".join(parts)


def _ways(token: str) -> list[str]:
    return token.strip("()").split("|")


def _one_of(phrases: Sequence[str]) -> str:
    # The longest first, or "ba" would stand in the way of what begins alike.
    ordered = sorted(phrases, key=len, reverse=True)
    return f"(?:{'|'.join(_phrase(one) for one in ordered)})"


def _phrase(phrase: str) -> str:
    return _GAP.join(_either(word) for word in phrase.split())


def _either(word: str) -> str:
    """Return a word with its marks or with none; other marks make it another word."""
    bare = fold(word)
    return word if bare == word else f"(?:{word}|{bare})"
