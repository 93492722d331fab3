"""What officers changed, laid over the files before they are read.

A change replaces fields of one answer or fact, in the same form as in the files; examples are
added and removed one by one, so that those of a newer program are not lost. Nothing is checked
here: the readers of the files read what came out, and name a mistake by the change it is in.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

import yaml

from bot.core.edits import EditKind
from content.faults import Fault
from content.items import EDITED, Item
from content.topics import MAIN

BETWEEN: Final = "/"
"""Stands between the topic and the answer in the key of a change."""

ADDED: Final = "examples_added"
REMOVED: Final = "examples_removed"

_EXAMPLES: Final = "examples"
_TITLE: Final = "title"
_STR: Final = "tag:yaml.org,2002:str"
_SEQ: Final = "tag:yaml.org,2002:seq"
_MAP: Final = "tag:yaml.org,2002:map"

_Pairs = list[tuple[yaml.Node, yaml.Node]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEdit:
    """One change. `value` maps fields to what stands there, as plain texts, lists, mappings.

    The fields of an answer are those of the files (title, short, steps, calls, law, mark,
    hand_over, related) and `examples_added`, `examples_removed` by language; those of a fact are
    value, source, mark, checked_on.
    """

    kind: EditKind
    key: str
    value: Mapping[str, object]

    @classmethod
    def read(cls, kind: EditKind, key: str, text: str) -> Self:
        """Return the change whose value was written by `written`. Raise `ValueError`."""
        value = json.loads(text)
        if not isinstance(value, dict):
            raise ValueError("a change is a JSON object")  # noqa: TRY004 - of the text, not a type
        return cls(kind=kind, key=key, value=value)

    @property
    def written(self) -> str:
        """The one spelling of the value: sorted JSON."""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    @property
    def name(self) -> str:
        """What the readers call the place of a mistake in this change."""
        return f"{EDITED}{self.kind}/{self.key}"

    def field_of(self, fault: Fault) -> str:
        """Return the field, as "short.vi", that a fault of this change is in; empty for all."""
        names = _Nodes(self.name)
        names.node(self.value, "")
        return names.fields[fault.line - 1] if fault.line <= len(names.fields) else ""


def lay_over(
    edits: Iterable[ContentEdit], *, facts: Item | None, topics: Mapping[str, Item]
) -> None:
    """Change the nodes of the files before they are read; what fits nothing is a fault."""
    for edit in edits:
        match edit.kind:
            case EditKind.FACT:
                _change_fact(edit, facts)
            case EditKind.ANSWER:
                _change_answer(edit, topics)


class _Nodes:
    """Makes nodes that know which field of which change they are: by the line of their mark."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.fields: list[str] = []

    def mark(self, field: str) -> yaml.Mark:
        self.fields.append(field)
        return yaml.Mark(self._name, 0, len(self.fields) - 1, 0, None, 0)

    def node(self, value: object, field: str) -> yaml.Node:
        mark = self.mark(field)
        match value:
            case Mapping():
                # In one order, so that a place is the same before and after storing it.
                inside = [
                    (
                        yaml.ScalarNode(_STR, str(name), mark, mark),
                        self.node(one, f"{field}.{name}" if field else str(name)),
                    )
                    for name, one in sorted(value.items())
                ]
                return yaml.MappingNode(_MAP, inside, mark, mark)
            case list() | tuple():
                return yaml.SequenceNode(
                    _SEQ, [self.node(one, field) for one in value], mark, mark
                )
            case _:
                return yaml.ScalarNode(_STR, str(value), mark, mark)


def _change_fact(edit: ContentEdit, facts: Item | None) -> None:
    made = _made(edit)
    pairs = _pairs(facts.node) if facts else []
    at = _place(pairs, edit.key)
    if at is None:
        if facts:
            _fault(edit, facts, f"there is no fact {edit.key!r} in facts.yaml")
        return
    key, was = pairs[at]
    pairs[at] = (key, _mapping(_over(_pairs(was), _pairs(made)), made))


def _change_answer(edit: ContentEdit, topics: Mapping[str, Item]) -> None:
    topic_key, _, answer_key = edit.key.partition(BETWEEN)
    if topic_key not in topics or not answer_key:
        for item in list(topics.values())[:1]:
            _fault(edit, item, f"there is no topic {topic_key!r}")
        return
    topic = _pairs(topics[topic_key].node)
    made = _made(edit)
    new = _pairs(made)
    added, removed = _taken(new, ADDED), _taken(new, REMOVED)
    if answer_key == MAIN and (title := _taken(new, _TITLE)) is not None:
        # What choices are called: the other answers follow it unless they have their own.
        topic[:] = _over(topic, [(_key(_TITLE, title), title)])
    answers = _pairs(_value(topic, "answers"))
    place = _place(answers, answer_key)
    was = _pairs(answers[place][1]) if place is not None else []
    examples = _examples(_value(was, _EXAMPLES), added, removed, made)
    answer = _mapping(_over(was, [*new, (_key(_EXAMPLES, made), examples)]), made)
    if place is None:
        answers.append((_key(answer_key, made), answer))
    else:
        answers[place] = (answers[place][0], answer)


def _examples(
    was: yaml.Node | None, added: yaml.Node | None, removed: yaml.Node | None, made: yaml.Node
) -> yaml.Node:
    kept = {_text(key): _entries(value) for key, value in _pairs(was)}
    less = {_text(key): {_text(one) for one in _entries(value)} for key, value in _pairs(removed)}
    more = {_text(key): _entries(value) for key, value in _pairs(added)}
    pairs: _Pairs = []
    for language in {**kept, **more}:
        texts = [
            one for one in kept.get(language, []) if _text(one) not in less.get(language, set())
        ]
        known = {_text(one) for one in texts}
        texts += [one for one in more.get(language, []) if _text(one) not in known]
        node = yaml.SequenceNode(_SEQ, texts, made.start_mark, made.start_mark)
        pairs.append((_key(language, made), node))
    return _mapping(pairs, made)


def _made(edit: ContentEdit) -> yaml.Node:
    return _Nodes(edit.name).node(edit.value, "")


def _fault(edit: ContentEdit, like: Item, reason: str) -> None:
    like.faults.add(edit.name, 1, reason)


def _pairs(node: yaml.Node | None) -> _Pairs:
    """Return the pairs of a mapping, the list itself; an empty one for anything else."""
    return node.value if isinstance(node, yaml.MappingNode) else []


def _entries(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _text(node: yaml.Node) -> str:
    return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""


def _place(pairs: _Pairs, name: str) -> int | None:
    return next((at for at, (key, _) in enumerate(pairs) if _text(key) == name), None)


def _value(pairs: _Pairs, name: str) -> yaml.Node | None:
    at = _place(pairs, name)
    return None if at is None else pairs[at][1]


def _taken(pairs: _Pairs, name: str) -> yaml.Node | None:
    at = _place(pairs, name)
    return None if at is None else pairs.pop(at)[1]


def _over(was: _Pairs, new: _Pairs) -> _Pairs:
    """Return `was` with the fields of `new` in place of its own; an empty value takes one away."""
    names = {_text(key) for key, _ in new}
    kept = [pair for pair in was if _text(pair[0]) not in names]
    return kept + [pair for pair in new if not _is_nothing(pair[1])]


def _is_nothing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == ""


def _mapping(pairs: _Pairs, like: yaml.Node) -> yaml.Node:
    return yaml.MappingNode(_MAP, pairs, like.start_mark, like.start_mark)


def _key(name: str, like: yaml.Node) -> yaml.Node:
    return yaml.ScalarNode(_STR, name, like.start_mark, like.start_mark)
