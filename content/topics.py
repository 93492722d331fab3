"""The topics of the FAQ: one file each, with answers, and example questions to know them by.

Reads and checks them. Which topic a message means is decided in `bot.services.answers.answers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.core.languages import Language
from content.facts import Fact, FactKind, Mark, facts_in, put_facts
from content.faults import Faults
from content.filling import UNIT_PLACES, places
from content.items import Item
from content.wording import Wording

FOLDER: Final = "topics"
MAIN: Final = "main"
OUT_OF_SCOPE: Final = "out_of_scope"
GREETING: Final = "greeting"

# The names of the outside interface: a key that is missing or new breaks those who rely on it.
TOPIC_KEYS: Final = frozenset(
    {
        "report_crime_how", "anonymous_tip_how", "tip_status", "emergency_numbers",
        "what_happens_after_report", "protection_of_informant", "false_report_penalty",
        "online_scam", "drugs", "fireworks_weapons_surrender", "fire_safety", "traffic",
        "domestic_violence", "child_protection", "human_trafficking", "loan_shark",
        "burglary_prevention", "residence_registration", "online_public_services", "mediation",
        "join_group", "leave_group", "pledge", "privacy_data", "officer_contact", "rewards",
        "camera_model", GREETING, OUT_OF_SCOPE,
    }
)  # fmt: skip

_TOPIC_FIELDS: Final = ("title", "hand_over", "related", "answers")
_ANSWER_FIELDS: Final = ("mark", "short", "examples")
_ANSWER_EXTRAS: Final = ("title", "hand_over", "related", "steps", "calls", "law")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicAnswer:
    """One answer of a topic, in every language, facts already in their places.

    `short` is what is said first, `calls` the lines of whom to call, `steps` one line each,
    `law` the names of the legal facts it rests on. `facts` are all facts used. `hand_over` and
    `related` are those of the topic unless the answer says otherwise.
    """

    key: str
    title: Mapping[Language, str]
    hand_over: bool
    related: tuple[str, ...]
    mark: Mark
    short: Mapping[Language, str]
    steps: Mapping[Language, tuple[str, ...]]
    calls: Mapping[Language, str]
    law: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    examples: Mapping[Language, tuple[str, ...]]

    @property
    def is_certain(self) -> bool:
        """Tell whether the answer and every fact in it are sure."""
        return self.mark is Mark.SURE and all(fact.mark is Mark.SURE for fact in self.facts)

    @property
    def legal_facts(self) -> tuple[Fact, ...]:
        """The facts whose day has to be shown."""
        return tuple(fact for fact in self.facts if fact.kind is FactKind.LAW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a message can be about. `answers` holds the main answer and special ones by key."""

    key: str
    title: Mapping[Language, str]
    hand_over: bool
    related: tuple[str, ...]
    answers: Mapping[str, TopicAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicReader:
    """Reads topics and notes their faults."""

    facts: Mapping[str, Fact]
    wording: Wording

    def read(self, files: Mapping[str, Item], faults: Faults) -> Mapping[str, Topic]:
        """Return the topics of all files; a missing or unknown topic is a fault."""
        for key in sorted(TOPIC_KEYS - files.keys()):
            faults.add(f"{FOLDER}/{key}.yaml", 1, "the file of this topic is missing")
        topics: dict[str, Topic] = {}
        for key, item in files.items():
            if key not in TOPIC_KEYS:
                item.fault(f"there is no topic {key!r} in the interface")
            topics[key] = self._topic(key, item)
        return topics

    def _topic(self, key: str, item: Item) -> Topic:
        fields = item.fields(_TOPIC_FIELDS)
        title = self._texts(fields.get("title"))
        entries = fields["answers"].mapping() if "answers" in fields else {}
        if "answers" in fields and MAIN not in entries:
            fields["answers"].fault(f"{MAIN!r} is missing")
        topic = Topic(
            key=key,
            title=title,
            hand_over="hand_over" in fields and fields["hand_over"].flag(),
            related=_related(fields.get("related"), key),
            answers={},
        )
        answers = {name: self._answer(name, entry, topic) for name, entry in entries.items()}
        return replace(topic, answers=answers)

    def _answer(self, name: str, item: Item, topic: Topic) -> TopicAnswer:
        fields = item.fields(_ANSWER_FIELDS, _ANSWER_EXTRAS)
        law = fields["law"].texts() if "law" in fields else ()
        for unknown in [fact for fact in law if fact not in self.facts]:
            fields["law"].fault(f"there is no fact {unknown!r} in facts.yaml")
        used = {fact for fact in law if fact in self.facts}
        for part in ("short", "steps", "calls"):
            used |= self._used(fields.get(part))
        short, calls = self._texts(fields.get("short")), self._texts(fields.get("calls"))
        steps = self._texts(fields.get("steps"))
        self._check_lengths(item, (short, calls), (steps,))
        return TopicAnswer(
            key=name,
            title=self._texts(fields["title"]) if "title" in fields else topic.title,
            hand_over=fields["hand_over"].flag() if "hand_over" in fields else topic.hand_over,
            related=(
                _related(fields["related"], topic.key) if "related" in fields else topic.related
            ),
            mark=Mark(fields["mark"].choice(tuple(Mark))) if "mark" in fields else Mark.LIKELY,
            short=short,
            steps={language: tuple(text.split("\n")) for language, text in steps.items()},
            calls=calls,
            law=tuple(self.facts[fact] for fact in law if fact in self.facts),
            facts=tuple(self.facts[fact] for fact in sorted(used)),
            examples=_examples(fields.get("examples")),
        )

    def _texts(self, item: Item | None) -> Mapping[Language, str]:
        """Return one text per language with facts filled in, checked."""
        items = _spoken(item)
        texts = {language: entry.text() for language, entry in items.items()}
        self.wording.check_pair(items, texts)
        filled = {
            language: put_facts(items[language], text, language=language, facts=self.facts)
            for language, text in texts.items()
        }
        for language, text in filled.items():
            for name in sorted(places(text) - UNIT_PLACES):
                items[language].fault(f"there is no place {{{name}}}")
            self.wording.check_message(items[language], text, language, may_vanish=True)
        return filled

    def _used(self, item: Item | None) -> set[str]:
        names = {
            name for entry in _spoken(item).values() for name in facts_in(str(entry.node.value))
        }
        return names & self.facts.keys()

    def _check_lengths(self, item: Item, *messages: tuple[Mapping[Language, str], ...]) -> None:
        for language in Language:
            for parts in messages:
                joined = "\n".join(part.get(language, "") for part in parts)
                self.wording.check_length(item, joined)


def _spoken(item: Item | None) -> dict[Language, Item]:
    entries = item.fields(tuple(Language)) if item else {}
    return {Language(language): entry for language, entry in entries.items()}


def _related(item: Item | None, own: str) -> tuple[str, ...]:
    for entry in item.items() if item else ():
        if entry.text() not in TOPIC_KEYS or entry.text() == own:
            entry.fault(f"there is no other topic {entry.text()!r}")
    return item.texts() if item else ()


def _examples(item: Item | None) -> Mapping[Language, tuple[str, ...]]:
    return {language: entry.texts() for language, entry in _spoken(item).items()}
