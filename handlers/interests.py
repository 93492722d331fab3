"""Choosing topics to hear more of: a list to tick, as often as somebody likes.

Each tick is kept at once, so that whoever puts the telephone away after it has lost nothing.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from bot.core.dialogues import Step
from bot.core.messages import Choice
from bot.core.people import Person, PersonState
from bot.core.text import fold
from bot.core.turns import Effect, Handled, Turn
from bot.services.people.interests import Interests
from content.book import Book
from content.interests import named
from handlers.dialogue import MARK, ends, says
from handlers.menu import Menu

# What each word asks for and not "the other way round", so that a double tap changes nothing.
ON: Final = "~topic_on_"
OFF: Final = "~topic_off_"
DONE: Final = "~topics_done"
DROP_ALL: Final = "~topics_none"
_BACK: Final = "/quaylai"
_JOIN: Final = "/thamgia"
_EDGES: Final = " \t\n.,!?;:\"'“”()"
_BETWEEN_NUMBERS: Final = str.maketrans(",.;+&", "     ")
# No list of choices has a hundred: a longer number is a telephone's.
_LONGEST_NUMBER: Final = 2


class InterestDialogue:
    """List, ticks, done."""

    name = "interests"

    def __init__(self, book: Book, interests: Interests, menu: Menu) -> None:
        self._say = book.voice("interests")
        self._words = book.voice("menu", "back", "choice_join", "choose_again")
        self._offered = book.interests
        self._interests = interests
        self._menu = menu

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Show what can be chosen and what is; whoever did not join is led there."""
        person = _member(turn)
        if person is None:
            join = Choice(label=self._words("choice_join", turn.language), word=_JOIN)
            return ends(says(self._say("need_join", turn.language), join))
        chosen = await self._interests.of(person.id)
        return self._list(turn, chosen, self._say("choose", turn.language))

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Tick, untick, drop all, or end."""
        person = _member(turn)
        if person is None:
            return await self.start(turn)
        words = self._picked(turn, said) or ()
        chosen = await self._interests.of(person.id)
        if words == (DROP_ALL,):
            told = self._say("dropped_all", turn.language)
            return self._changed(turn, chosen, told, drop=chosen)
        add = self._topics(words, ON)
        drop = self._topics(words, OFF)
        is_done = DONE in words
        if not words or len(add) + len(drop) + is_done != len(words):
            return self._list(turn, chosen, self._words("choose_again", turn.language))
        if is_done:
            return self._done(turn, (chosen | add) - drop, self._change(turn, add, drop))
        told = "\n".join(
            self._say(key, turn.language, topics=self._labels(turn, topics))
            for key, topics in (("added", add), ("dropped", drop))
            if topics
        )
        return self._changed(turn, chosen, told, add=add, drop=drop)

    def is_answer(self, turn: Turn, said: str) -> bool:
        """Tell whether words typed by hand choose something; all else is a question."""
        return self._picked(turn, said) is not None

    async def back(self, turn: Turn) -> Handled:
        """Return to the menu; what was ticked stays so."""
        return self._menu.greeting(turn)

    async def skip(self, turn: Turn) -> Handled:
        """End, as with the button for it: there is nothing to take back."""
        return await self.proceed(turn, DONE)

    # --- what was picked ------------------------------------------------------------------------

    def _picked(self, turn: Turn, said: str) -> Sequence[str] | None:
        labels = {
            fold(label): key for key, one in self._offered.items() for label in one.label.values()
        }
        return picked(said, offered=[word for _, word in turn.step.offered], labels=labels)

    def _topics(self, words: Sequence[str], beginning: str) -> frozenset[str]:
        keys = (word.removeprefix(beginning) for word in words if word.startswith(beginning))
        return frozenset(key for key in keys if key in self._offered)

    # --- what is said ---------------------------------------------------------------------------

    def _labels(self, turn: Turn, topics: frozenset[str]) -> str:
        return "; ".join(named(topics, self._offered, turn.language))

    def _changed(
        self,
        turn: Turn,
        chosen: frozenset[str],
        told: str,
        *,
        add: frozenset[str] = frozenset(),
        drop: frozenset[str] = frozenset(),
    ) -> Handled:
        effects = self._change(turn, add, drop)
        return self._list(turn, (chosen | add) - drop, told, effects)

    def _change(self, turn: Turn, add: frozenset[str], drop: frozenset[str]) -> tuple[Effect, ...]:
        if not add | drop:
            return ()
        change = self._interests.change
        return (partial(change, address=turn.incoming.address, add=add, drop=drop),)

    def _list(
        self, turn: Turn, chosen: frozenset[str], told: str, effects: tuple[Effect, ...] = ()
    ) -> Handled:
        status = self._say("some_chosen" if chosen else "nothing_chosen", turn.language)
        return Handled(
            replies=(says(f"{told.strip()}\n{status}", *self._choices(turn, chosen)),),
            effects=effects,
            step=Step(dialogue=self.name, question="choose"),
        )

    def _choices(self, turn: Turn, chosen: frozenset[str]) -> list[Choice]:
        """Return the topics and the ways out; a number keeps its meaning while one ticks."""
        choices: list[Choice] = []
        for key, interest in self._offered.items():
            label = interest.label[turn.language]
            if key in chosen:
                label = self._say("chosen", turn.language, topic=label)
            choices.append(Choice(label=label, word=(OFF if key in chosen else ON) + key))
        choices.append(Choice(label=self._say("done", turn.language), word=DONE))
        choices.append(Choice(label=self._words("back", turn.language), word=_BACK))
        if chosen:
            choices.append(Choice(label=self._say("drop_all", turn.language), word=DROP_ALL))
        return choices

    def _done(self, turn: Turn, chosen: frozenset[str], effects: tuple[Effect, ...]) -> Handled:
        if chosen:
            topics = self._labels(turn, chosen)
            told = self._say("done_some", turn.language, topics=topics)
        else:
            told = self._say("done_none", turn.language)
        return Handled(replies=(says(told),), effects=effects)


def picked(
    said: str, *, offered: Sequence[str], labels: Mapping[str, str]
) -> tuple[str, ...] | None:
    """Return the words of ours that were picked; none for numbers that lead nowhere.

    `None` is anything else that was typed. `offered` are the words behind the numbers, `labels`
    the topics by their folded labels, which may be typed without the sign that they are chosen.
    """
    if said.startswith(MARK):
        return (said,)
    if key := labels.get(fold(said).strip(_EDGES)):
        return (next((word for word in offered if word in {ON + key, OFF + key}), ON + key),)
    numbers = said.translate(_BETWEEN_NUMBERS).split()
    if not numbers or not all(_is_number(one) for one in numbers):
        return None
    places = [int(one) for one in numbers]
    if not all(1 <= place <= len(offered) for place in places):
        return ()
    words = tuple(dict.fromkeys(offered[place - 1] for place in places))
    return words if all(word.startswith(MARK) for word in words) else ()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER


def _member(turn: Turn) -> Person | None:
    """Return who writes if they joined; whoever blocked us is back with these words."""
    person = turn.person
    return None if person is None or person.state is PersonState.LEFT else person
