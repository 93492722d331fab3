"""The sentences of the dialogues and pages, by section and key, in every language.

A file `sentences/<language>/<section>.yaml` holds one section; both languages must hold the same
keys with the same places. Which sentence is said when is left to the code that asks for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from bot.core.languages import Language
from content.facts import Fact, put_facts
from content.faults import ContentError, Faults
from content.filling import fill, is_optional, places
from content.items import Item, read_folder
from content.wording import Wording

FOLDER: Final = "sentences"
# All there are, in every language, and what officers change meanwhile.
_MOST_REMEMBERED: Final = 4_096

Sentences = Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The sentences one part of the program may say; asking for them at start checks them.

    One that has `spoken` speaks that language whatever it is asked for.
    """

    section: str
    sentences: Sentences
    spoken: Language | None = None

    @property
    def keys(self) -> frozenset[str]:
        """The keys this voice can say."""
        return frozenset(self.sentences)

    def only(self, language: Language) -> Self:
        """Return a voice that speaks `language` whatever it is asked for."""
        return replace(self, spoken=language)

    def __call__(self, key: str, language: Language, /, **values: str | int) -> str:
        """Return the sentence `key` in `language` with its places filled from `values`.

        Values whose names begin with `unit_` may be missing, blank or more than needed: a line
        that lacks its value is left out. All others must be exactly those of the sentence, else
        `ContentError` is raised.
        """
        try:
            text = self.sentences[key][self.spoken or language]
        except KeyError:
            said = f"the voice of {self.section!r} was not asked for {key!r} at start"
            raise ContentError(said) from None
        wanted = _wanted(text)
        if not values and not wanted:
            return _unfilled(text)
        given = {name for name in values if not is_optional(name)}
        if wanted != given:
            raise ContentError(
                f"{self.section}.{key} wants the values {sorted(wanted)}, not {sorted(given)}"
            )
        return fill(text, {name: str(value) for name, value in values.items()})


# A page says some forty sentences, most of them with nothing to fill in.
@lru_cache(_MOST_REMEMBERED)
def _wanted(text: str) -> frozenset[str]:
    return frozenset(name for name in places(text) if not is_optional(name))


@lru_cache(_MOST_REMEMBERED)
def _unfilled(text: str) -> str:
    return fill(text, {})


def voice(sections: Mapping[str, Sentences], section: str, keys: tuple[str, ...]) -> Voice:
    """Return a voice for `keys` of `section`, for all of it when no key is named.

    Raises `ContentError` that names every missing key.
    """
    if section not in sections:
        raise ContentError(f"there are no sentences {FOLDER}/*/{section}.yaml")
    sentences = sections[section]
    if missing := [key for key in keys if key not in sentences]:
        raise ContentError(f"{FOLDER}/*/{section}.yaml lacks: {', '.join(missing)}")
    wanted = keys or tuple(sentences)
    return Voice(section=section, sentences={key: sentences[key] for key in wanted})


def read_sentences(
    folder: Path, *, facts: Mapping[str, Fact], wording: Wording, faults: Faults
) -> Mapping[str, Sentences]:
    """Return the sentences of all sections below `folder`, noting every mistake."""
    spoken = {
        language: read_folder(folder / FOLDER / language, below=folder, faults=faults)
        for language in Language
    }
    sections: dict[str, Sentences] = {}
    for section in sorted({name for files in spoken.values() for name in files}):
        entries = {
            language: _entries(files, section, language=language, faults=faults)
            for language, files in spoken.items()
        }
        sections[section] = _section(entries, facts=facts, wording=wording)
    return sections


def _entries(
    files: Mapping[str, Item], section: str, *, language: Language, faults: Faults
) -> Mapping[str, Item]:
    if section in files:
        return files[section].mapping()
    faults.add(f"{FOLDER}/{language}/{section}.yaml", 1, "the file is missing")
    return {}


def _section(
    entries: Mapping[Language, Mapping[str, Item]],
    *,
    facts: Mapping[str, Fact],
    wording: Wording,
) -> Sentences:
    sentences: dict[str, Mapping[Language, str]] = {}
    for key in {key: None for items in entries.values() for key in items}:
        items = {language: found[key] for language, found in entries.items() if key in found}
        for language in Language:
            if language not in items:
                item = next(iter(items.values()))
                item.fault(f"{key!r} is missing in the language {language}")
        texts = {language: item.text() for language, item in items.items()}
        wording.check_pair(items, texts)
        sentences[key] = {
            language: put_facts(items[language], text, language=language, facts=facts)
            for language, text in texts.items()
        }
        for language, text in sentences[key].items():
            wording.check_message(items[language], text, language)
    return sentences
