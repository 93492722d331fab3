"""By what a message is known as a trick of swindlers: signs, tricks and addresses of `scams.yaml`.

Reads and checks them. Looking at a message is left to `bot.services.answers.scams`; it never says
that one is safe, so nothing here says so either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.languages import Language
from content.facts import Fact, Mark, put_facts
from content.items import Item
from content.phrases import Phrases, read_phrases
from content.topics import Topic
from content.wording import Wording

# Signs the program sees by itself; everything else is words.
LINK: Final = "link"
SHORT_LINK: Final = "short_link"
CHAT_LINK: Final = "chat_link"
STRANGE_LINK: Final = "strange_link"
APP_FILE: Final = "app_file"
FOREIGN_NUMBER: Final = "foreign_number"
SEEN: Final = (LINK, SHORT_LINK, CHAT_LINK, STRANGE_LINK, APP_FILE, FOREIGN_NUMBER)
# One of these is enough by itself.
_ENOUGH: Final = frozenset({STRANGE_LINK, APP_FILE})
_FEWEST: Final = 2
_MOST_TOLD: Final = 330

_FIELDS: Final = ("signs", "patterns", "links", "pasted")
_PATTERN_FIELDS: Final = ("title", "answer", "mark", "when", "what", "do")
_LINK_FIELDS: Final = ("short", "chats", "ends", "state", "names")
_PASTED_FIELDS: Final = ("senders", "asks", "own", "warnings", "denies", "ifs")

Spoken = Mapping[Language, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScamSign:
    """Something that can be seen in a message; without a title it is not named to anybody.

    `may_be_denied`: behind "không", "đừng" it says the opposite.
    """

    key: str
    title: Spoken
    phrases: Phrases
    may_be_denied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScamPattern:
    """One trick. `answer` is the topic and the answer that tell more; `do` has a line a step."""

    key: str
    title: Spoken
    topic: str
    answer: str
    mark: Mark
    when: tuple[frozenset[str], ...]
    alone: frozenset[str]
    what: Spoken
    do: Spoken

    def fits(self, signs: frozenset[str]) -> bool:
        """Tell whether a message with these signs is this trick."""
        return bool(self.alone & signs) or all(line & signs for line in self.when)

    @property
    def signs(self) -> frozenset[str]:
        """Every sign it speaks of."""
        return self.alone.union(*self.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScamLinks:
    """What addresses of pages are known by, all in small letters."""

    short: frozenset[str]
    chats: frozenset[str]
    ends: frozenset[str]
    state: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scams:
    """All rules. The order of the patterns is the order of naming."""

    signs: Mapping[str, ScamSign]
    patterns: Mapping[str, ScamPattern]
    links: ScamLinks
    senders: Phrases
    asks: Phrases
    own: Phrases
    warnings: Phrases
    denies: Phrases
    ifs: Phrases
    # The words of all signs without their marks.
    vocabulary: frozenset[str]


def read_scams(
    item: Item | None,
    *,
    facts: Mapping[str, Fact],
    topics: Mapping[str, Topic],
    wording: Wording,
) -> Scams:
    """Return the rules of `scams.yaml`, noting every mistake."""
    fields = item.fields(_FIELDS) if item else {}
    signs = _signs(fields.get("signs"), wording)
    reader = _PatternReader(signs=signs, facts=facts, topics=topics, wording=wording)
    patterns = {
        key: pattern
        for key, entry in (fields["patterns"].mapping() if "patterns" in fields else {}).items()
        if (pattern := reader.read(key, entry)) is not None
    }
    links = fields["links"].fields(_LINK_FIELDS) if "links" in fields else {}
    pasted = fields["pasted"].fields(_PASTED_FIELDS) if "pasted" in fields else {}
    if "signs" in fields:
        used = {sign for pattern in patterns.values() for sign in pattern.signs}
        for key, entry in fields["signs"].mapping().items():
            if key not in used:
                entry.fault(f"no pattern speaks of the sign {key!r}")
    return Scams(
        signs=signs,
        patterns=patterns,
        links=ScamLinks(**{name: _names(links.get(name)) for name in _LINK_FIELDS}),
        **{name: read_phrases(pasted.get(name)) for name in _PASTED_FIELDS},
        vocabulary=frozenset[str]().union(*(sign.phrases.vocabulary for sign in signs.values())),
    )


def _signs(item: Item | None, wording: Wording) -> Mapping[str, ScamSign]:
    entries = item.mapping() if item else {}
    for key in SEEN:
        if item is not None and key not in entries:
            item.fault(f"{key!r} is missing")
    signs: dict[str, ScamSign] = {}
    for key, entry in entries.items():
        words = () if key in SEEN else ("words",)
        fields = entry.fields(words, ("title", "may_be_denied"))
        signs[key] = ScamSign(
            key=key,
            title=_spoken(fields["title"], wording) if "title" in fields else {},
            phrases=read_phrases(fields.get("words")),
            may_be_denied="may_be_denied" in fields and fields["may_be_denied"].flag(),
        )
    return signs


@dataclass(frozen=True, slots=True, kw_only=True)
class _PatternReader:
    """Reads tricks and notes their faults."""

    signs: Mapping[str, ScamSign]
    facts: Mapping[str, Fact]
    topics: Mapping[str, Topic]
    wording: Wording

    def read(self, key: str, item: Item) -> ScamPattern | None:
        """Return one trick, or None if a part of it is missing."""
        fields = item.fields(_PATTERN_FIELDS, ("alone",))
        if not set(_PATTERN_FIELDS) <= fields.keys():
            return None
        topic, answer = self._answer(fields["answer"])
        what, do = self._told(fields["what"]), self._told(fields["do"])
        for language in Language:
            # Beside them stand the title, the signs and the number of the duty desk.
            if len(what.get(language, "")) + len(do.get(language, "")) > _MOST_TOLD:
                item.fault(f"what and do have more than {_MOST_TOLD} letters together")
        return ScamPattern(
            key=key,
            title=_spoken(fields["title"], self.wording),
            topic=topic,
            answer=answer,
            mark=Mark(fields["mark"].choice(tuple(Mark))),
            when=self._when(fields["when"]),
            alone=self._alone(fields.get("alone")),
            what=what,
            do=do,
        )

    def _answer(self, item: Item) -> tuple[str, str]:
        topic, _, answer = item.text().partition("/")
        if topic not in self.topics or answer not in self.topics[topic].answers:
            item.fault(f"there is no answer {item.text()!r}; it is written topic/answer")
        return topic, answer

    def _when(self, item: Item) -> tuple[frozenset[str], ...]:
        lines = tuple(self._keys(line) for line in item.items())
        if len(lines) < _FEWEST:
            item.fault("one sign alone makes no trick: at least two lines are needed")
        return lines

    def _alone(self, item: Item | None) -> frozenset[str]:
        keys = self._keys(item) if item else frozenset()
        for key in sorted(keys - _ENOUGH):
            assert item is not None  # noqa: S101 - there are no keys without it; this tells mypy
            item.fault(
                f"{key!r} is not enough alone; only these are: {', '.join(sorted(_ENOUGH))}"
            )
        return keys

    def _keys(self, item: Item) -> frozenset[str]:
        for entry in item.items():
            if entry.text() not in self.signs:
                entry.fault(f"there is no sign {entry.text()!r}")
        return frozenset(item.texts())

    def _told(self, item: Item) -> Spoken:
        items = {Language(name): entry for name, entry in item.fields(tuple(Language)).items()}
        return {
            language: put_facts(items[language], text, language=language, facts=self.facts)
            for language, text in _spoken(item, self.wording).items()
        }


def _spoken(item: Item, wording: Wording) -> Spoken:
    """Return one text per language, checked for what residents must not read."""
    items = {Language(name): entry for name, entry in item.fields(tuple(Language)).items()}
    texts = {language: entry.text() for language, entry in items.items()}
    wording.check_pair(items, texts)
    for language, text in texts.items():
        wording.check_message(items[language], text, language)
    return texts


def _names(item: Item | None) -> frozenset[str]:
    return frozenset(text.casefold() for text in item.texts()) if item else frozenset()
