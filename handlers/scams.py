"""A message somebody was sent, looked at: the trick it is like, what to do, and where to turn.

Comes by its word, by forwarding, or when a text reads like something pasted. What is pasted is
looked at and let go: it stands in no step, no reply and no log.
"""

from typing import Final

from bot.core.dialogues import Step
from bot.core.messages import Choice
from bot.core.turns import Handled, Turn
from bot.services.answers.scams import ScamCheck, ScamLook
from content.book import Book
from handlers.dialogue import says, stays
from handlers.last_topic import LastTopic
from handlers.menu import Menu
from handlers.questions import answer_word

NAME: Final = "scam"
_PASTE: Final = "paste"
_TOPIC: Final = "online_scam"
_PAID: Final = "money_sent"


class ScamDialogue:
    """Asks for the message if it is not there yet, and looks at it."""

    name = NAME

    def __init__(self, book: Book, check: ScamCheck, menu: Menu, last: LastTopic) -> None:
        self._say = book.voice(
            "scams", "ask_message", "only_words", "paid", "more", "report", "another"
        )
        self._check = check
        self._menu = menu
        self._last = last

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Ask for the message, or look at what was typed behind the word."""
        if argument:
            return self._seen(turn, self._check.look(argument))
        return Handled(
            replies=(says(self._say("ask_message", turn.language)),),
            step=Step(dialogue=NAME, question=_PASTE),
        )

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Look at what was pasted."""
        return self._seen(turn, self._check.look(said))

    async def back(self, turn: Turn) -> Handled:
        """Go back to the menu."""
        return self._menu.cancelled(turn)

    async def skip(self, turn: Turn) -> Handled:
        """Look at nothing."""
        return self._menu.cancelled(turn)

    def shown(self, turn: Turn) -> Handled:
        """Ask for words where a picture was shown."""
        return stays(turn, says(self._say("only_words", turn.language)))

    def unasked(self, turn: Turn, said: str) -> Handled | None:
        """Look at what was forwarded or reads like something pasted; None if it is neither.

        What was not forwarded, and is like no trick, is left to be answered as a question.
        """
        look = self._check.pasted(said)
        if turn.incoming.is_forwarded:
            return self._seen(turn, look or self._check.look(said))
        return self._seen(turn, look) if look is not None else None

    def _seen(self, turn: Turn, look: ScamLook) -> Handled:
        *before, last = self._check.says(look, unit=turn.contacts, language=turn.language)
        topic = look.patterns[0].topic if look.is_known else _TOPIC
        replies = (*(says(text) for text in before), says(last, *self._choices(turn, look)))
        return Handled(replies=replies, step=self._last.kept(topic))

    def _choices(self, turn: Turn, look: ScamLook) -> tuple[Choice, ...]:
        paid = self._choice(turn, "paid", answer_word(_TOPIC, _PAID))
        report = self._choice(turn, "report", "/togiac")
        if not look.is_known:
            return paid, report, self._choice(turn, "another", "/kiemtra")
        best = look.patterns[0]
        return paid, self._choice(turn, "more", answer_word(best.topic, best.answer)), report

    def _choice(self, turn: Turn, key: str, word: str) -> Choice:
        return Choice(label=self._say(key, turn.language), word=word)
