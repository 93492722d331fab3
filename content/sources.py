"""Answers and facts as they are written in the files, with their places, to be changed.

The book holds them filled and ready to be said; whoever changes one needs to see it as it is
written. What a form came back with is turned into a change here: only what differs from the files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

import yaml

from bot.core.edits import EditKind
from bot.core.languages import Language
from content.book import OWN_FOLDER, Book
from content.edits import ADDED, BETWEEN, REMOVED, ContentEdit, lay_over
from content.facts import Mark, facts_in
from content.faults import Faults
from content.items import Item, read, read_folder
from content.sentences import FOLDER as SENTENCES
from content.topics import FOLDER as TOPICS
from content.topics import MAIN

Written = Mapping[str, object]
"""Fields as they are written: texts, lists of texts, mappings of language to either."""

TEXTS: Final = ("title", "short", "calls", "steps")
LISTS: Final = ("law", "related")
EXAMPLES: Final = "examples"
FACT_FIELDS: Final = ("value", "mark", "checked_on", "source")

_EMPTY_ANSWER: Final[Written] = {
    "mark": Mark.LIKELY.value,
    "hand_over": "no",
    **{name: {} for name in (*TEXTS, EXAMPLES)},
    **{name: [] for name in LISTS},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One place where a fact stands. `kind` is answer, sentence, announcement or danger."""

    kind: str
    key: str


def written_answer(
    key: str, edits: Sequence[ContentEdit] = (), folder: Path | None = None
) -> Written | None:
    """Return the answer "topic/answer" as it is written with `edits`, None if there is none.

    Every field is there; those of the topic stand where the answer has none of its own.
    """
    topic_key, _, answer_key = key.partition(BETWEEN)
    below, faults = folder or OWN_FOLDER, Faults()
    path = below / TOPICS / f"{topic_key}.yaml"
    item = read(path, below=below, faults=faults) if path.parent == below / TOPICS else None
    if item is None:
        return None
    lay_over([one for one in edits if one.key == key], facts=None, topics={topic_key: item})
    topic = _fields(item.node)
    answers = topic.get("answers")
    answer = answers.get(answer_key) if isinstance(answers, dict) else None
    if not isinstance(answer, dict):
        return None
    inherited: dict[str, object] = {
        name: topic[name] for name in ("hand_over", "related") if name in topic
    }
    if answer_key == MAIN:
        inherited["title"] = topic.get("title", {})
    return {**_EMPTY_ANSWER, **inherited, **answer}


def empty_answer(topic: str, folder: Path | None = None) -> Written:
    """Return the fields of an answer of `topic` that nobody has written yet."""
    main = written_answer(topic + BETWEEN + MAIN, folder=folder) or _EMPTY_ANSWER
    return {**_EMPTY_ANSWER, "hand_over": main["hand_over"], "related": main["related"]}


def written_fact(
    name: str, edits: Sequence[ContentEdit] = (), folder: Path | None = None
) -> Written | None:
    """Return the fact as it is written with `edits`, None if there is none."""
    below, faults = folder or OWN_FOLDER, Faults()
    item = read(below / "facts.yaml", below=below, faults=faults)
    lay_over([one for one in edits if one.key == name], facts=item, topics={})
    fact = _fields(item.node).get(name) if item else None
    return fact if isinstance(fact, dict) else None


def change(kind: EditKind, key: str, wanted: Written, folder: Path | None = None) -> ContentEdit:
    """Return what makes the files say what is `wanted`; its value is empty if they do already."""
    value: dict[str, object]
    match kind:
        case EditKind.FACT:
            base = written_fact(key, folder=folder) or {}
            value = {name: wanted[name] for name in FACT_FIELDS if wanted[name] != base.get(name)}
        case EditKind.ANSWER:
            topic = key.partition(BETWEEN)[0]
            base = written_answer(key, folder=folder) or {}
            value = _answer_change(wanted, base or empty_answer(topic, folder), is_new=not base)
        case _:
            assert_never(kind)
    return ContentEdit(kind=kind, key=key, value=value)


def _answer_change(wanted: Written, base: Written, *, is_new: bool) -> dict[str, object]:
    value: dict[str, object] = {}
    for name in ("mark", "hand_over", *TEXTS, *LISTS):
        if wanted[name] != base[name]:
            # What was there and is no more is taken away with an empty text.
            value[name] = wanted[name] or ("" if name in TEXTS else [])
    if is_new:
        value["mark"] = wanted["mark"]
    added, removed = (
        _less(wanted[EXAMPLES], base[EXAMPLES]),
        _less(base[EXAMPLES], wanted[EXAMPLES]),
    )
    return {
        **value,
        **({ADDED: added} if added else {}),
        **({REMOVED: removed} if removed else {}),
    }


def _less(these: object, those: object) -> dict[str, list[str]]:
    """Return the texts by language that stand in `these` and not in `those`."""
    ours = these if isinstance(these, Mapping) else {}
    theirs = those if isinstance(those, Mapping) else {}
    found = {
        str(language): [text for text in texts if text not in theirs.get(language, [])]
        for language, texts in ours.items()
    }
    return {language: texts for language, texts in found.items() if texts}


def uses_of(name: str, book: Book, folder: Path | None = None) -> Sequence[Use]:
    """Return everywhere the fact `name` of `book` stands."""
    below, fact = folder or OWN_FOLDER, book.facts[name]
    answers = [
        Use(kind="answer", key=topic.key + BETWEEN + answer.key)
        for topic in book.topics.values()
        for answer in topic.answers.values()
        if any(one is fact for one in answer.facts)
    ]
    spoken = read_folder(below / SENTENCES / Language.VI, below=below, faults=Faults())
    sentences = [
        Use(kind="sentence", key=f"{section}.{key}")
        for section, item in spoken.items()
        for key, entry in item.mapping().items()
        if name in facts_in(_plain_text(entry))
    ]
    templates = read_folder(below / "announcements", below=below, faults=Faults())
    announcements = [
        Use(kind="announcement", key=key)
        for key, item in templates.items()
        if any(name in facts_in(text) for text in _texts(item.node))
    ]
    rules = {rule.kind for rule in book.danger.rules if rule.number == name}
    dangers = [Use(kind="danger", key=kind) for kind in sorted(rules)]
    return [*dangers, *answers, *sentences, *announcements]


def _plain_text(item: Item) -> str:
    return str(item.node.value) if isinstance(item.node, yaml.ScalarNode) else ""


def _texts(node: yaml.Node) -> list[str]:
    match node:
        case yaml.MappingNode():
            return [text for _, value in node.value for text in _texts(value)]
        case yaml.SequenceNode():
            return [text for one in node.value for text in _texts(one)]
        case _:
            return [str(node.value)]


def _fields(node: yaml.Node) -> dict[str, object]:
    found = _plain(node)
    return found if isinstance(found, dict) else {}


def _plain(node: yaml.Node) -> object:
    match node:
        case yaml.MappingNode():
            return {str(key.value): _plain(value) for key, value in node.value}
        case yaml.SequenceNode():
            return [_plain(one) for one in node.value]
        case _:
            return str(node.value).strip()
