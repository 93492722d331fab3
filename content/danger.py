"""How it is known that someone is in danger at the moment of writing: rules from `danger.yaml`.

Reads the rules and finds them in prepared sentences. Undoing shorthand and cutting a message
into sentences, and what is then said, is left to `bot.services`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from content.items import Item
from content.patterns import Index, Pattern, places, read_pattern
from content.topics import TOPIC_KEYS

_HARMLESS: Final = "harmless"
_CONTEXTS: Final = (
    "urgent",
    "telling",
    _HARMLESS,
    "past",
    "hypothetical",
    "story",
    "asking",
    "still",
)
# Looked for in what is left when the harmless is cut out, as the rules are.
_READ_AFTER: Final = frozenset({"urgent", "telling"})
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
    with_marks: "_Indexes"
    without: "_Indexes"

    @classmethod
    def of(cls, rules: Sequence[DangerRule], contexts: Mapping[str, Pattern]) -> Self:
        """Return `rules` and `contexts`, ready to be looked for."""
        return cls(
            rules=tuple(rules),
            contexts=contexts,
            with_marks=_Indexes.of(rules, contexts, with_marks=True),
            without=_Indexes.of(rules, contexts, with_marks=False),
        )

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
        words = places(sentence)
        indexes = self.with_marks if with_marks else self.without
        said = indexes.of_all.fitting(sentence, words)
        if _HARMLESS in said:
            left = self.contexts[_HARMLESS].of(with_marks=with_marks).cut(sentence)
            said |= indexes.of_rest.fitting(left, places(left))
        else:
            said |= indexes.of_rest.fitting(sentence, words)
        return Look(
            contexts=frozenset(said & self.contexts.keys()),
            sure=tuple(rule for name, rule in indexes.sure.items() if name in said),
            likely=tuple(rule for name, rule in indexes.likely.items() if name in said),
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
class _Indexes:
    """What is looked for in all of a sentence, and in what is left without the harmless."""

    of_all: Index
    of_rest: Index
    sure: Mapping[str, DangerRule]
    likely: Mapping[str, DangerRule]

    @classmethod
    def of(
        cls, rules: Sequence[DangerRule], contexts: Mapping[str, Pattern], *, with_marks: bool
    ) -> Self:
        lines = {name: one.of(with_marks=with_marks) for name, one in contexts.items()}
        sure = {f"sure {at}": rule for at, rule in enumerate(rules)}
        likely = {f"likely {at}": rule for at, rule in enumerate(rules)}
        rest = {name: lines.pop(name) for name in _READ_AFTER}
        rest |= {name: rule.sure.of(with_marks=with_marks) for name, rule in sure.items()}
        rest |= {name: rule.likely.of(with_marks=with_marks) for name, rule in likely.items()}
        return cls(of_all=Index.of(lines), of_rest=Index.of(rest), sure=sure, likely=likely)


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
    return Danger.of(
        [rule for rule in rules if rule is not None],
        {name: read_pattern(fields.get(name)) for name in _CONTEXTS},
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
