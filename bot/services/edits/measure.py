"""Read two lists of changes from standard input as JSON, write the effect of the second.

A program apart, behind everything else on the machine: measuring keeps a processor busy for some
seconds, and residents do not wait for it.
"""

import os
import sys
from collections.abc import Sequence

import msgspec

from bot.core.edits import EditKind
from bot.services.answers.answers import Answers
from bot.services.edits.effect import effect
from content.editions import edition
from content.edits import ContentEdit
from content.evaluation import read_evaluation

_NICER = 10


class Asked(msgspec.Struct):
    """Changes before and after, each as (kind, key, value as JSON)."""

    before: list[tuple[EditKind, str, str]]
    after: list[tuple[EditKind, str, str]]


def asked_of(edits: Sequence[ContentEdit]) -> list[tuple[EditKind, str, str]]:
    """Return the changes as they are handed in."""
    return [(one.kind, one.key, one.written) for one in edits]


def _answers(asked: list[tuple[EditKind, str, str]]) -> Answers:
    edits = [ContentEdit.read(kind, key, value) for kind, key, value in asked]
    return Answers(edition(edits).book)


def main() -> None:
    """Measure one change."""
    os.nice(_NICER)
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    found = effect(_answers(asked.before), _answers(asked.after), read_evaluation())
    sys.stdout.write(found.written)


if __name__ == "__main__":
    main()
