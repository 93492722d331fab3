"""Questions in people's own words, answered from the topics of the content files."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bot.core.dialogues import Step
from bot.core.messages import Choice, MediaKind, Outgoing
from bot.core.turns import Handled, Turn
from bot.services.answers.answers import UNKNOWN, Answer, Answers
from bot.services.answers.links import without_numbers
from content.book import Book
from content.topics import GREETING, OUT_OF_SCOPE
from handlers.dialogue import ends, says, stays
from handlers.handover import HandOver
from handlers.last_topic import LastTopic
from handlers.menu import Menu

TOPIC: Final = "?"
_NONE: Final = "?none"
_ASKED: Final = "asked"
# Enough to know which answer of a topic was meant.
_MOST_ASKED: Final = 300
_MOST_OFFERED: Final = 3
_MOST_RELATED: Final = 2
# Somebody who tells officers what they asked ("anh ấy mặc áo đen") is like many a question.
_CLEAR: Final = 0.6
_SCAMS: Final = "online_scam"

_SHOWN: Final[Mapping[MediaKind, str]] = {
    MediaKind.PICTURE: "shown_picture",
    MediaKind.FILE: "shown_picture",
    MediaKind.VIDEO: "shown_picture",
    MediaKind.VOICE: "shown_voice",
    MediaKind.PLACE: "shown_place",
    MediaKind.OTHER: "shown_other",
}


def answer_word(topic: str, answer: str) -> str:
    """Return the word behind a button that leads to one answer of a topic."""
    return f"{TOPIC}{topic}/{answer}"


def _nowhere(_text: str) -> None:
    """Keep nothing."""


class Questions:
    """Sure: the answer. Unsure: up to three topics to choose from. Neither: says so."""

    def __init__(
        self,
        book: Book,
        answers: Answers,
        menu: Menu,
        *,
        last: LastTopic,
        hand_over: HandOver,
        noted: Callable[[str], None] = _nowhere,
    ) -> None:
        """Hand to `noted` what was not understood outside of every dialogue."""
        self._menu_says = book.voice("menu", "unsure_title")
        self._say = book.voice(
            "questions", "check_message", "none_of_these", "none", *_SHOWN.values()
        )
        self._book = book
        self._answers = answers
        self._menu = menu
        self._last = last
        self._noted = noted
        self._hand_over = hand_over

    async def ask(self, turn: Turn, text: str, answer: Answer | None = None) -> Handled:
        """Answer a question, with the `answer` that was found if it was looked for already."""
        if turn.has_human:
            # Left to whoever answers there.
            return stays(turn)
        answer = answer or self.find(turn, text)
        if answer.intent == GREETING and not answer.name:
            return self._menu.greeting(turn)
        if answer.intent in {UNKNOWN, OUT_OF_SCOPE}:
            # Whether one of several topics offered was meant, nobody may ever say.
            self._note(turn, text)
        if answer.intent != UNKNOWN and answer.texts:
            return self._answered(turn, answer)
        if answer.suggestions:
            handled = self._unsure(turn, text, answer)
        else:
            # What was talked about before is still what a next question may be about.
            handled = replace(self._menu.unknown(turn), step=self._remembered(turn))
        return await self._hand_over.missed(turn, text, handled)

    def _note(self, turn: Turn, text: str) -> None:
        """Let officers know of a question without an answer, never of what a tip says."""
        if not turn.step.dialogue:
            self._noted(text)

    @staticmethod
    def is_understood(answer: Answer) -> bool:
        """Tell whether it answers what is clearly a question, and nothing meant for others."""
        is_about_something = answer.intent not in {UNKNOWN, OUT_OF_SCOPE}
        return is_about_something and answer.confidence >= _CLEAR

    def topic(self, turn: Turn, word: str) -> Handled:
        """Answer with what was chosen: a topic, one answer of it, or none of those offered."""
        if word == _NONE:
            return ends(says(self._say("none", turn.language), *self._menu.ways_on(turn)))
        key, _, name = word.removeprefix(TOPIC).partition("/")
        if key not in self._book.topics or (name and name not in self._book.topics[key].answers):
            return self._menu.unknown(turn)
        answer = self._answers.topic(
            key,
            unit=turn.contacts,
            language=turn.language,
            answer=name,
            asked=turn.step.gathered.get(_ASKED, ""),
        )
        return self._answered(turn, answer)

    def shown(self, turn: Turn) -> Handled:
        """Say what to do instead of showing a picture, voice or place; a human may see them."""
        if turn.has_human:
            return stays(turn)
        kind = turn.incoming.media[0].kind if turn.incoming.media else MediaKind.OTHER
        return stays(turn, says(self._say(_SHOWN[kind], turn.language)))

    def find(self, turn: Turn, text: str) -> Answer:
        """Return the answer to a question. Costs most of what a message costs."""
        unit, language, before = turn.contacts, turn.language, self._last.of(turn)
        leans = self._book.following.leans_on_what_was_before(text)
        if leans and before is not None and before in self._book.topics:
            return self._answers.topic(before, unit=unit, language=language, asked=text)
        return self._answers.answer(text, unit=unit, language=language, topic_before=before)

    def _answered(self, turn: Turn, answer: Answer) -> Handled:
        *before, last = answer.texts
        replies = (*(says(part) for part in before), says(last, *self._related(turn, answer)))
        is_of_use = answer.intent not in {GREETING, OUT_OF_SCOPE}
        return Handled(
            replies=replies, step=self._last.kept(answer.intent) if is_of_use else Step()
        )

    def _related(self, turn: Turn, answer: Answer) -> list[Choice]:
        """Return few ways on: more than two would be read by nobody.

        Under a question that stands they would take the place of its own choices.
        """
        if turn.step.dialogue:
            return []
        topic = self._book.topics[answer.intent]
        choices = [self._choice(turn, key) for key in topic.related]
        if answer.intent == _SCAMS:
            check = Choice(label=self._say("check_message", turn.language), word="/kiemtra")
            choices = [check, *choices]
        if answer.hand_over:
            choices = [self._hand_over.button(turn, answer.intent), *choices]
        return choices[:_MOST_RELATED]

    def _unsure(self, turn: Turn, text: str, answer: Answer) -> Handled:
        none = Choice(label=self._say("none_of_these", turn.language), word=_NONE)
        offered = [self._choice(turn, key) for key in answer.suggestions[:_MOST_OFFERED]]
        asked = without_numbers(text[:_MOST_ASKED])
        return Handled(
            replies=(self._asks_which(turn, [*offered, none]),),
            # Only here, sealed, and gone with the next thing that is said.
            step=Step(gathered={_ASKED: asked}),
        )

    def _asks_which(self, turn: Turn, choices: list[Choice]) -> Outgoing:
        return says(self._menu_says("unsure_title", turn.language), *choices)

    def _remembered(self, turn: Turn) -> Step:
        topic = self._last.of(turn)
        return Step() if topic is None else Step(gathered=turn.step.gathered)

    def _choice(self, turn: Turn, key: str) -> Choice:
        title = self._book.topics[key].title[turn.language]
        return Choice(label=title, word=TOPIC + key)
