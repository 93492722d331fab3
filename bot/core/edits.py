"""What officers changed in answers and facts: every change is a new version, none is deleted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.core.ids import OfficerId

# Counts every change of this installation, from 1. 0 is the files as they came.
Revision = NewType("Revision", int)
DraftId = NewType("DraftId", str)
AS_IN_THE_FILES = Revision(0)


class EditKind(StrEnum):
    """What is changed: an answer by "topic/answer", or a fact by its name."""

    ANSWER = "answer"
    FACT = "fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One version of one answer or fact.

    `value` is JSON as `content.edits` reads it; None takes back whatever was changed. `effect`
    is JSON: what was measured before it was saved, empty if nothing could be. `undoes` is the
    revision that this one undid, `before` the one of the same answer or fact that held until now.
    """

    revision: Revision
    kind: EditKind
    key: str
    value: str | None
    officer_id: OfficerId
    at: datetime
    reason: str
    effect: str = ""
    before: Revision = AS_IN_THE_FILES
    undoes: Revision = AS_IN_THE_FILES


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A change that is looked at before it is saved.

    `seen` is the revision of the same answer or fact it was written over. `effect` is None until
    it was measured, and empty if it could not be.
    """

    id: DraftId
    kind: EditKind
    key: str
    value: str | None
    officer_id: OfficerId
    at: datetime
    reason: str
    seen: Revision = AS_IN_THE_FILES
    undoes: Revision = AS_IN_THE_FILES
    effect: str | None = None
