"""The messages by which it is measured how well the program understands: `evaluation/*.yaml`.

Only read to measure. No answer, example, rule or limit may be made from them, or the numbers
would tell how well the program remembers; so the book of words does not hold them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from content.faults import Faults
from content.items import Item, read
from content.topics import TOPIC_KEYS

FOLDER: Final = "evaluation"
QUESTIONS: Final = ("questions.yaml", "dangers.yaml")
NEAR_MISSES: Final = "near_misses.yaml"

_PLACE: Final = Path(__file__).parent
_ROW: Final = 3


class Style(StrEnum):
    """How a message is written."""

    PLAIN = "plain"
    BARE = "bare"
    TELEX = "telex"
    TEEN = "teen"
    DIALECT = "dialect"
    LONG = "long"
    MIXED = "mixed"
    ENGLISH = "english"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message with what it means. `topic` is a topic key.

    `is_emergency` says that somebody is in danger at the moment of writing.
    """

    text: str
    topic: str
    style: Style
    is_emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSet:
    """All messages. `near_misses` sound like danger and are none."""

    messages: tuple[Message, ...]
    near_misses: tuple[Message, ...]


def read_evaluation(folder: Path | None = None) -> EvaluationSet:
    """Return the set read from the folder `evaluation` in `folder`, by default beside this module.

    Raises `ContentError` with one line `file:line: reason` for each mistake.
    """
    below = folder or _PLACE
    faults = Faults()

    def file(name: str) -> tuple[Message, ...]:
        return _messages(read(below / FOLDER / name, below=below, faults=faults))

    found = EvaluationSet(
        messages=tuple(message for name in QUESTIONS for message in file(name)),
        near_misses=file(NEAR_MISSES),
    )
    faults.raise_if_any()
    return found


def _messages(item: Item | None) -> tuple[Message, ...]:
    topics: Mapping[str, Item] = item.fields((), TOPIC_KEYS) if item else {}
    found = (_message(topic, row) for topic, rows in topics.items() for row in rows.items())
    return tuple(message for message in found if message is not None)


def _message(topic: str, row: Item) -> Message | None:
    parts = row.items()
    if len(parts) != _ROW:
        row.fault("[style, yes or no, text] is expected here")
        return None
    style, emergency, text = parts
    return Message(
        text=text.text(),
        topic=topic,
        style=Style(style.choice(list(Style))),
        is_emergency=emergency.flag(),
    )
