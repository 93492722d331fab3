"""binhyen ask: questions answered as residents get them answered.

Needs no database; where there is one, what officers changed in it counts.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Verb
from bot.cli.opening import with_settings
from bot.cli.reply import Reply, as_line
from bot.core.languages import Language

if TYPE_CHECKING:
    from bot.services.answers.answers import Answer, Answers
    from bot.services.answers.scams import ScamCheck
    from content.book import Book


@click.command("ask", cls=Verb)
@click.argument("words", nargs=-1)
@click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    default=Language.VI.value,
    show_default=True,
)
def ask(words: tuple[str, ...], language: str) -> Reply | None:
    """Answer WORDS; without any, read JSON lines {"id","text"} from standard input.

    Writes JSON lines {"id","intent","confidence","emergency","answer"}, each as soon as its
    question is read.
    """
    from bot.app.words import edited_words  # noqa: PLC0415 - same
    from bot.services.answers.answers import Answers  # noqa: PLC0415 - so that --help stays quick
    from bot.services.answers.scams import ScamCheck  # noqa: PLC0415 - same

    book = with_settings(edited_words).book
    desk = _Desk(book, Answers(book), ScamCheck(book), Language(language))
    if words:
        document = desk.answered(None, " ".join(words))
        return Reply(document=document, lines=[str(document["answer"])])
    faulty = 0
    for line in _lines():
        document = desk.answered_line(line)
        faulty += "error" in document
        click.echo(as_line(document))
        sys.stdout.flush()
    if faulty:
        # The faulty lines have said so themselves.
        click.get_current_context().exit(1)
    return None


def _lines() -> Iterator[bytes]:
    for line in iter(sys.stdin.buffer.readline, b""):
        if line.strip():
            yield line


class _Desk:
    """Turns questions into documents."""

    def __init__(
        self, book: "Book", answers: "Answers", scams: "ScamCheck", language: Language
    ) -> None:
        self._book = book
        self._answers = answers
        self._scams = scams
        self._language = language

    def answered_line(self, line: bytes) -> Mapping[str, object]:
        """Return the answer to one JSON line, or what is wrong with the line."""
        try:
            asked = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
        except (ValueError, RecursionError):
            return {"id": None, "error": "not a JSON document on one line, in UTF-8"}
        if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
            known = asked.get("id") if isinstance(asked, dict) else None
            return {"id": known, "error": 'expected {"id", "text"}, text being a string'}
        return self.answered(asked.get("id"), asked["text"])

    def answered(self, question_id: object, text: str) -> Mapping[str, object]:
        """Return the answer to one question."""
        answer = self._answers.answer(text, unit={}, language=self._language)
        look = None if answer.emergency else self._scams.pasted(text)
        if look is not None and look.is_known:
            said = self._scams.says(look, unit={}, language=self._language)
            return {
                "id": question_id,
                "intent": look.patterns[0].topic,
                "confidence": 1.0,
                "emergency": False,
                "answer": "\n\n".join(said),
            }
        return {
            "id": question_id,
            "intent": answer.intent,
            "confidence": answer.confidence,
            "emergency": answer.emergency is not None,
            "answer": self._said(answer),
        }

    def _said(self, answer: "Answer") -> str:
        offered = [
            f"{number}. {self._book.topics[key].title[self._language]}"
            for number, key in enumerate(answer.suggestions, start=1)
        ]
        return "\n\n".join([*answer.texts, *(["\n".join(offered)] if offered else [])])
