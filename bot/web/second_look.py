"""What a page looks for in words before they are sent: danger, and what may betray the writer."""

import hashlib
from collections.abc import Sequence
from typing import Final

from bot.core.languages import Language
from bot.core.text import split_text
from bot.services.answers.answers import Answers
from content.book import Book
from content.revealing import Hint

# Danger is looked for in pieces of this size, so that the end of a long story counts.
_PIECE: Final = 2_500


def number_to_call(answers: Answers, book: Book, text: str, language: Language) -> str:
    """Return the line to call if somebody is in danger now, else nothing."""
    for piece in split_text(text, _PIECE):
        if (rule := answers.danger(piece)) is not None:
            return book.facts[rule.number].value[language]
    return ""


def confirming(hints: Sequence[Hint]) -> str:
    """Return what the button "send as it is" says of the hints it stands under."""
    return " ".join(_told_apart(hint) for hint in hints)


def unconfirmed(hints: list[Hint], confirmed: str) -> list[Hint]:
    """Return the hints, all of them, if any was not pointed at yet, else none.

    Who has seen the hints decides; a text changed meanwhile is looked through again.
    """
    return [] if {_told_apart(hint) for hint in hints} <= set(confirmed.split()) else hints


def _told_apart(hint: Hint) -> str:
    """Return a short name of a hint, so that only what was pointed at counts as confirmed."""
    return hashlib.sha256(f"{hint.kind}:{hint.found}".encode()).hexdigest()[:8]
