"""Writing something to the officers in a dialogue about a tip: words, pictures, a second look.

Used by whoever holds a receipt and by whoever answers in the chat; where it goes is theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bot.core.dialogues import Step
from bot.core.messages import Choice, Outgoing
from bot.core.text import clean
from bot.core.turns import Effect, Handled, Turn
from bot.services.tips.receiving.pictures import (
    MOST_PICTURES,
    PicturesRefused,
    Refusal,
    TipPictures,
)
from bot.services.tips.talk import Letter
from content.book import Book
from handlers.dialogue import MARK, says
from handlers.revealing import revealed

WRITE: Final = "write"
CONFIRM: Final = "confirm"
QUESTIONS: Final = frozenset({WRITE, CONFIRM})
# Gathered once pictures were taken: how many.
PICTURES: Final = "pictures"
# Gathered while words wait for a second look: the words.
HELD: Final = "held"
_SEND: Final = "~talk_send"
_EDIT: Final = "~talk_edit"
_LONGEST: Final = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is to be sent, and the effects that clear the desk once it is."""

    letter: Letter
    effects: tuple[Effect, ...] = ()


class Writing:
    """The questions `write` and `confirm` of a step; what else was gathered in it stays."""

    def __init__(self, book: Book, pictures: TipPictures) -> None:
        self._say = book.voice("tips")
        self._menu = book.voice("menu", "skip", "cancel", "back")
        self._revealing = book.revealing
        self._pictures = pictures

    def begin(self, turn: Turn, dialogue: str, gathered: Mapping[str, str], text: str) -> Handled:
        """Ask `text`, what shall be written; of what was begun and left nothing slips in."""
        step = Step(dialogue=dialogue, question=WRITE, gathered=without_draft(gathered))
        return Handled(
            replies=(says(text, self._cancel(turn)),), step=step, effects=(self.forgetting(turn),)
        )

    def offer(self, turn: Turn, step: Step, said: str, question: str, *others: Choice) -> Handled:
        """Ask whether words that were typed unasked shall be sent; `question` says whereto.

        `others` are offered, too, before the choice to send them nowhere.
        """
        said = clean(said)[:_LONGEST]
        hints = self._revealing.find(said)
        told = revealed(self._say, turn.language, hints) if hints else ""
        text = "\n".join(part.strip() for part in (question, told) if part)
        not_sent = Choice(label=self._say("talk_not_send", turn.language), word="/batdau")
        choices = (*self._looks(turn)[:2], *others, not_sent)
        return self._confirm(step, said, says(text, *choices))

    async def proceed(self, turn: Turn, said: str) -> Handled | Written:
        """Take what was written, or what was said to the second look."""
        held = turn.step.gathered.get(HELD, "")
        if said == _SEND and (held or PICTURES in turn.step.gathered):
            return await self._written(turn, held)
        if said.startswith(MARK):
            return self._again(turn)
        said = clean(said)
        if held and turn.step.question == WRITE:
            # Words under a picture, then more words: they belong together.
            said = f"{held}\n{said}"
        if len(said) > _LONGEST:
            text = self._say("too_long_part", turn.language, limit=_LONGEST)
            return Handled(replies=(says(text, self._cancel(turn)),), step=turn.step)
        if hints := self._revealing.find(said):
            text = revealed(self._say, turn.language, hints)
            return self._confirm(turn.step, said, says(text, *self._looks(turn)))
        return await self._written(turn, said)

    async def shown(self, turn: Turn) -> Handled:
        """Take pictures; words under them are looked at once more and sent together."""
        try:
            taken = await self._pictures.take(turn.incoming, turn.conversation)
        except PicturesRefused as refused:
            return self._refused(turn, refused.refusal)
        gathered = {**turn.step.gathered, PICTURES: str(taken.count)}
        caption = clean(turn.incoming.text)[:_LONGEST]
        if caption:
            gathered[HELD] = caption
        hints = self._revealing.find(caption)
        parts = [self._say("picture_taken", turn.language, count=taken.count)]
        parts.append(revealed(self._say, turn.language, hints) if hints else "")
        parts.append(self._say("talk_pictures_next", turn.language))
        text = "\n".join(part.strip() for part in parts if part)
        return Handled(
            replies=(says(text, *self._looks(turn), is_secret=True),),
            step=replace(turn.step, question=WRITE, gathered=gathered, offered=()),
            effects=(taken.effect,),
        )

    def back(self, turn: Turn) -> Handled:
        """Ask once more what shall be written."""
        return self._again(turn)

    def forgetting(self, turn: Turn) -> Effect:
        """Return the effect that forgets pictures laid aside."""
        return partial(self._pictures.clear, conversation=turn.conversation)

    def _refused(self, turn: Turn, refusal: Refusal) -> Handled:
        most = {"most": MOST_PICTURES} if refusal is Refusal.TOO_MANY else {}
        text = self._say(refusal, turn.language, **most)
        return Handled(replies=(says(text, self._cancel(turn)),), step=turn.step)

    def _again(self, turn: Turn) -> Handled:
        step = replace(turn.step, question=WRITE, gathered=_without_words(turn.step.gathered))
        text = self._say("talk_write", turn.language)
        return Handled(replies=(says(text, self._cancel(turn)),), step=step)

    def _confirm(self, step: Step, said: str, question: Outgoing) -> Handled:
        gathered = {**step.gathered, HELD: said}
        return Handled(
            replies=(replace(question, is_secret=True),),
            step=replace(step, question=CONFIRM, gathered=gathered, offered=()),
        )

    async def _written(self, turn: Turn, text: str) -> Written:
        pictures: Sequence[bytes] = ()
        if PICTURES in turn.step.gathered:
            pictures = await self._pictures.gathered(turn.conversation)
        letter = Letter(text=text, pictures=tuple(pictures))
        return Written(letter=letter, effects=(self.forgetting(turn),))

    def _looks(self, turn: Turn) -> tuple[Choice, ...]:
        return (
            Choice(label=self._say("talk_send", turn.language), word=_SEND),
            Choice(label=self._say("edit", turn.language), word=_EDIT),
            self._cancel(turn),
        )

    def _cancel(self, turn: Turn) -> Choice:
        return Choice(label=self._menu("cancel", turn.language), word="/huy")


def without_draft(gathered: Mapping[str, str]) -> dict[str, str]:
    """Return what was gathered without what was being written."""
    return {name: value for name, value in gathered.items() if name not in {HELD, PICTURES}}


def _without_words(gathered: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in gathered.items() if name != HELD}


def before(told: Outgoing, handled: Handled) -> Handled:
    """Say `told` first."""
    return replace(handled, replies=(told, *handled.replies))
