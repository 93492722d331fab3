"""Questions in people's own words, answered from the topics of the content files."""

from typing import Final

from bot.core.messages import Choice
from bot.core.turns import Handled, Turn
from bot.services.answers.answers import UNKNOWN, Answers
from content.book import Book
from content.topics import GREETING
from handlers.dialogue import ends, says, stays
from handlers.menu import Menu

TOPIC: Final = "?"


class Questions:
    """Sure: the answer. Unsure: up to three topics to choose from. Neither: says so."""

    def __init__(self, book: Book, answers: Answers, menu: Menu) -> None:
        self._say = book.voice("menu", "unsure_title")
        self._book = book
        self._answers = answers
        self._menu = menu

    def ask(self, turn: Turn, text: str) -> Handled:
        """Answer a question."""
        if turn.has_human:
            # Left to whoever answers there.
            return stays(turn)
        answer = self._answers.answer(text, unit=turn.contacts, language=turn.language)
        if answer.intent == GREETING:
            return self._menu.greeting(turn)
        if answer.intent != UNKNOWN and answer.texts:
            return ends(*(says(part) for part in answer.texts))
        if answer.suggestions:
            return ends(
                says(
                    self._say("unsure_title", turn.language),
                    *(self._choice(turn, key) for key in answer.suggestions[:3]),
                )
            )
        return self._menu.unknown(turn)

    def is_understood(self, turn: Turn, text: str) -> bool:
        """Tell whether there is a sure answer."""
        answer = self._answers.answer(text, unit=turn.contacts, language=turn.language)
        return answer.intent != UNKNOWN

    def topic(self, turn: Turn, word: str) -> Handled:
        """Answer with a topic that was chosen from several."""
        key = word.removeprefix(TOPIC)
        if key not in self._book.topics:
            return self._menu.unknown(turn)
        answer = self._answers.topic(key, unit=turn.contacts, language=turn.language)
        return ends(*(says(part) for part in answer.texts))

    def _choice(self, turn: Turn, key: str) -> Choice:
        title = self._book.topics[key].title[turn.language]
        return Choice(label=title, word=TOPIC + key)
