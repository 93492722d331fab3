"""An answer put into messages: short answer and calls, then steps, law and the day it was checked.

Knows nothing of how the answer was chosen; a page that previews one uses it, too.
"""

from collections.abc import Mapping
from datetime import date

from bot.core.languages import Language
from bot.core.text import split_text
from content.book import Book
from content.filling import fill
from content.topics import TopicAnswer
from content.wording import MESSAGE_MAX_CHARACTERS


class Composing:
    """Puts answers of one book into messages."""

    def __init__(self, book: Book) -> None:
        """Raise `ContentError` if a sentence is missing."""
        self._frame = book.voice("answers", "checked", "basis_checked", "hedge")

    def texts(
        self, answer: TopicAnswer, unit: Mapping[str, str], language: Language
    ) -> tuple[str, ...]:
        """Return one text for each message.

        `unit` holds what only the unit knows, by the names of the places (unit_duty_phone …);
        lines that need what is missing are left out.
        """
        first = "\n".join((answer.short[language], answer.calls.get(language, "")))
        steps = [
            f"{number}. {step}"
            for number, step in enumerate(answer.steps.get(language, ()), start=1)
        ]
        second = "\n".join([*steps, *self._frame_lines(answer, language)])
        filled = [fill(part, unit) for part in (first, second) if part.strip()]
        return tuple(
            message for part in filled for message in split_text(part, MESSAGE_MAX_CHARACTERS)
        )

    def _frame_lines(self, answer: TopicAnswer, language: Language) -> list[str]:
        lines = []
        if answer.legal_facts:
            day = _day(min(fact.checked_on for fact in answer.legal_facts))
            laws = "; ".join(fact.value[language] for fact in answer.law)
            if laws:
                lines.append(self._frame("basis_checked", language, laws=laws, date=day))
            else:
                lines.append(self._frame("checked", language, date=day))
        if not answer.is_certain:
            lines.append(self._frame("hedge", language))
        return lines


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
