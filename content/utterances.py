"""More messages to know topics by, one a line: the files of `utterances/`, one for each topic.

They are only learned from, never shown and never edited at run time, so they are kept apart from
the few examples that stand with the answers. Lines need no YAML, which is read a hundred times
slower.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.core.languages import Language
from content.faults import Faults
from content.topics import Topic

FOLDER: Final = "utterances"
ANY: Final = "any"
"""The answer of an utterance of which only the topic is known."""

_SECTION: Final = re.compile(r"\[(\w+)(?: (en))?\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What somebody may write, with the topic and the answer they mean, or `ANY`."""

    topic: str
    answer: str
    language: Language
    text: str


def read_utterances(
    folder: Path, topics: Mapping[str, Topic], faults: Faults
) -> tuple[Utterance, ...]:
    """Return the utterances of all files in `folder`; what names no answer is a fault.

    A file is called after its topic. `[answer]` opens the lines of an answer in Vietnamese,
    `[answer en]` in English, `[any]` those of which only the topic is known; empty lines are
    left out.
    """
    return tuple(
        one
        for path in sorted(folder.glob("*.txt"))
        for one in _of_file(path, topics.get(path.stem), faults)
    )


def _of_file(path: Path, topic: Topic | None, faults: Faults) -> Iterator[Utterance]:
    name = f"{FOLDER}/{path.name}"
    if topic is None:
        faults.add(name, 1, f"there is no topic {path.stem!r} in the interface")
        return
    answer, language = "", Language.VI
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if section := _SECTION.fullmatch(text):
            answer, language = section[1], Language(section[2] or Language.VI)
            if answer != ANY and answer not in topic.answers:
                faults.add(name, number, f"there is no answer {answer!r} in this topic")
        elif text and not answer:
            faults.add(name, number, "a line stands before the first [answer]")
        elif text and unicodedata.normalize("NFC", text) != text:
            faults.add(name, number, "the text is not in Unicode form NFC")
        elif text:
            yield Utterance(topic=topic.key, answer=answer, language=language, text=text)
