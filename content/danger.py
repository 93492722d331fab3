"""How it is known that someone is in danger at the moment of writing: rules from `danger.yaml`.

Reads the rules and finds them in prepared sentences. Undoing shorthand and cutting a message
into sentences, and what is then said, is left to `bot.services`.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.text import fold
from content.items import Item
from content.topics import TOPIC_KEYS

_TOKEN: Final = re.compile(r"\([^()]*\)\??(?:\\d)*|\S+")
_WORD: Final = re.compile(r"[^\W\d_]+")
# A line that cannot be wrong: words, each as it is or a choice in brackets, perhaps with ? behind.
_ONE: Final = r"(?:(?:[\w']+|\([\w' ]+(?:\|[\w' ]+)*\))\??|[*^$])"
_PLAIN: Final = re.compile(f"{_ONE}(?: {_ONE})*")
# Hook and tilde are one: half the country speaks, and spells, them alike.
_TONES: Final = {"\u0300": "2", "\u0301": "1", "\u0303": "3", "\u0309": "3", "\u0323": "5"}
_ANY_WORDS: Final = "*"
_FIRST, _LAST = "^", "$"
_BEFORE, _AFTER = "(?<= )(?:", ")"
_AT_FIRST: Final = r"(?<=\A )"

_CONTEXTS: Final = (
    "urgent",
    "telling",
    "harmless",
    "past",
    "hypothetical",
    "story",
    "asking",
    "still",
)
_RULE_FIELDS: Final = ("kind", "topic", "number", "sure", "likely")


class EmergencyKind(StrEnum):
    """What kind of danger; also the key of the sentence that is said first."""

    FIRE = "fire"
    VIOLENCE = "violence"
    MEDICAL = "medical"
    DROWNING = "drowning"
    CHILD = "child"
    TRAFFICKING = "trafficking"
    SUICIDE = "suicide"
    BREAKIN = "breakin"
    DISASTER = "disaster"


def sounded(text: str) -> str:
    """Return `text` in lower case with the tone of each word as a figure behind it.

    So the two ways of placing a tone (hỏa, hoả) become one, and hook and tilde are not told apart.
    """
    return _WORD.sub(lambda match: _sounded_word(match[0]), text.casefold())


def _sounded_word(word: str) -> str:
    letters, tone = [], ""
    for letter in unicodedata.normalize("NFD", word):
        if letter in _TONES:
            tone = _TONES[letter]
        else:
            letters.append(letter)
    return unicodedata.normalize("NFC", "".join(letters)) + tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One or more patterns, for text with tones as figures and for text without marks."""

    sounded: re.Pattern[str]
    folded: re.Pattern[str]

    def of(self, *, with_marks: bool) -> re.Pattern[str]:
        """Return the pattern for text in the form of `sounded` or of `fold`."""
        return self.sounded if with_marks else self.folded

    @property
    def expressions(self) -> Mapping[str, str]:
        """Return both for scripts of pages; a match begins with the space before the words.

        Old phones know no looking behind, so that space is part of what is found.
        """
        return {"sounded": _scripted(self.sounded), "folded": _scripted(self.folded)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerRule:
    """One kind of danger, the topic it belongs to, the fact with the number, and its patterns."""

    kind: EmergencyKind
    topic: str
    number: str
    sure: Pattern
    likely: Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """All rules; the last is the bare cry for help, which names no danger.

    Sentences are given as words one space apart, one space at both ends.
    """

    rules: tuple[DangerRule, ...]
    contexts: Mapping[str, Pattern]

    @property
    def expressions(self) -> Mapping[str, object]:
        """Return the rules and contexts for scripts of pages, see `Pattern.expressions`."""
        return {
            "rules": [
                {
                    "kind": rule.kind.value,
                    "number": rule.number,
                    "sure": rule.sure.expressions,
                    "likely": rule.likely.expressions,
                }
                for rule in self.rules
            ],
            "contexts": {name: one.expressions for name, one in self.contexts.items()},
        }

    def look(self, sentence: str, *, with_marks: bool) -> "Look":
        """Return all that the rules say of `sentence`."""

        def fits(pattern: Pattern, text: str) -> bool:
            return bool(pattern.of(with_marks=with_marks).search(text))

        left = self.contexts["harmless"].of(with_marks=with_marks).sub(" ", sentence)
        read_after = {"urgent": left, "telling": left}
        contexts = {
            name
            for name, pattern in self.contexts.items()
            if name != "harmless" and fits(pattern, read_after.get(name, sentence))
        }
        return Look(
            contexts=frozenset(contexts if left == sentence else {*contexts, "harmless"}),
            sure=tuple(rule for rule in self.rules if fits(rule.sure, left)),
            likely=tuple(rule for rule in self.rules if fits(rule.likely, left)),
            cry=self.rules[-1],
        )

    def find(
        self, sentence: str, *, with_marks: bool, only_sure: bool = False
    ) -> DangerRule | None:
        """Return the first rule that says `sentence` tells of danger now, or None.

        With `only_sure`, what is only likely is left out.
        """
        return self.look(sentence, with_marks=with_marks).rule(only_sure=only_sure)

    def rule_for(self, kind: EmergencyKind) -> DangerRule:
        """Return the rule of `kind`; the cry for help, where it has none."""
        return next((rule for rule in self.rules if rule.kind is kind), self.rules[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the rules say of one sentence: which contexts, which rules, surely or likely."""

    contexts: frozenset[str]
    sure: tuple[DangerRule, ...]
    likely: tuple[DangerRule, ...]
    cry: DangerRule

    def rule(self, *, only_sure: bool = False) -> DangerRule | None:
        """Return the first rule that says that there is danger now, or None."""
        is_elsewhen = not self.contexts.isdisjoint(("past", "hypothetical"))
        if "story" in self.contexts or (is_elsewhen and "still" not in self.contexts):
            return None
        named = [rule for rule in self.sure if rule is not self.cry]
        is_told = not self.contexts.isdisjoint(("urgent", "telling"))
        may_be_likely = is_told and not (only_sure or is_elsewhen or "asking" in self.contexts)
        likely = [rule for rule in self.likely if may_be_likely and rule is not self.cry]
        cry = [self.cry] if self.cry in self.sure else []
        return next(iter([*named, *likely, *cry]), None)


def read_danger(item: Item | None, facts: Collection[str]) -> Danger:
    """Return the rules of `danger.yaml`; `facts` are the names of the facts that exist."""
    fields = item.fields(("rules", *_CONTEXTS)) if item else {}
    entries = fields["rules"].items() if "rules" in fields else ()
    if "rules" in fields and not entries:
        fields["rules"].fault("at least one rule is needed, the cry for help")
    rules = [_rule(entry, facts) for entry in entries]
    return Danger(
        rules=tuple(rule for rule in rules if rule is not None),
        contexts={name: read_pattern(fields.get(name)) for name in _CONTEXTS},
    )


def _rule(item: Item, facts: Collection[str]) -> DangerRule | None:
    fields = item.fields(_RULE_FIELDS)
    if len(fields) < len(_RULE_FIELDS):
        return None
    if fields["number"].text() not in facts:
        fields["number"].fault(f"there is no fact {fields['number'].text()!r} in facts.yaml")
    return DangerRule(
        kind=EmergencyKind(fields["kind"].choice(tuple(EmergencyKind))),
        topic=fields["topic"].choice(sorted(TOPIC_KEYS)),
        number=fields["number"].text(),
        sure=read_pattern(fields["sure"]),
        likely=read_pattern(fields["likely"]),
    )


def read_pattern(item: Item | None) -> Pattern:
    """Return the patterns of a list of lines, noting each that cannot be read."""
    lines = [(entry, entry.text()) for entry in (item.items() if item else ())]
    good = [line for entry, line in lines if _is_readable(entry, line)]
    return Pattern(
        sounded=_compiled([sounded(line) for line in good]),
        folded=_compiled([fold(line) for line in good]),
    )


def _is_readable(item: Item, line: str) -> bool:
    if _PLAIN.fullmatch(line):
        # Compiling each line by itself would double the work.
        return True
    try:
        _compiled([fold(line)])
    except re.error as error:
        item.fault(f"the pattern cannot be read: {error}")
        return False
    return True


def _compiled(lines: list[str]) -> re.Pattern[str]:
    if not lines:
        return re.compile(r"(?!)")
    # Every word takes the space behind it, so that a pattern only ever fits whole words.
    return re.compile(_BEFORE + "|".join(_expression(line) for line in lines) + _AFTER)


def _scripted(pattern: re.Pattern[str]) -> str:
    if not pattern.pattern.startswith(_BEFORE):
        return pattern.pattern
    inner = pattern.pattern[len(_BEFORE) : -len(_AFTER)]
    return "|".join(
        f"^ {way.removeprefix(_AT_FIRST)}" if way.startswith(_AT_FIRST) else f" {way}"
        for way in _ways(inner.replace(r"\Z", "$"))
    )


def _ways(expression: str) -> list[str]:
    """Cut at each bar that stands in no bracket."""
    ways, depth = [""], 0
    for sign in expression:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            ways.append("")
        else:
            ways[-1] += sign
    return ways


def _expression(line: str) -> str:
    parts = []
    for token in _TOKEN.findall(line.replace("'", "")):
        if token == _ANY_WORDS:
            parts.append(r"(?:\S+ ){0,3}?")
        elif token == _FIRST:
            parts.append(_AT_FIRST)
        elif token == _LAST:
            parts.append(r"\Z")
        elif token.endswith("?"):
            parts.append(f"(?:{token[:-1]} )?")
        else:
            parts.append(f"(?:{token} )")
    return "".join(parts)
