"""A tip on paper: what stands on it, why it leaves, and the port of whatever sets it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Purpose(StrEnum):
    """Why a tip leaves the program. One of few words: what is audited holds no officer's prose."""

    PASS_ON = "pass_on"  # noqa: S105 - no password
    CASE_FILE = "case_file"
    SUPERIOR = "superior"
    COURT = "court"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPart:
    """A heading and what stands under it; lines stay lines."""

    heading: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPicture:
    """A cleaned JPEG and what it is called; without a body only the words are set."""

    caption: str
    body: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document. `mark` lies across every page, `foot` stands below it."""

    title: str
    facts: str
    parts: Sequence[PaperPart] = field(repr=False)
    pictures: Sequence[PaperPicture] = field(default=(), repr=False)
    mark: str
    foot: str


class PaperPress(Protocol):
    """Sets a paper."""

    async def printed(self, paper: Paper) -> bytes:
        """Return it as PDF, without a moment, a program's name or a machine's in it."""
        ...
