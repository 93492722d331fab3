"""Telling the police something: card, category, what, where, when, pictures, contact, receipt.

Private chats only. Until it is sent, a draft stands only in the sealed step, for half an hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from bot.core.dialogues import Step
from bot.core.errors import RuleBroken
from bot.core.messages import MediaKind, Outgoing
from bot.core.text import clean
from bot.core.time import Chance
from bot.core.tips import Report, TipCategory
from bot.core.turns import Effect, Handled, Turn
from bot.services.tips.receiving.pictures import (
    MOST_PICTURES,
    PicturesRefused,
    Refusal,
    TipPictures,
)
from bot.services.tips.receiving.receiving import Receiving
from bot.services.tips.receiving.routes import ReplyTo
from content.book import Book
from handlers.dialogue import MARK, says, shows_receipt
from handlers.tip_gates import NUMBER, SOLVED, TASK, TipGates
from handlers.tip_questions import (
    ABOUT,
    ABOUT_OFFICER,
    CATEGORY,
    CONTACT,
    EDIT,
    IS_URGENT,
    KEEP,
    MAY_ASK,
    NOT_URGENT,
    SEND,
    TipQuestions,
)
from handlers.writing import PICTURES

# Gathered once danger was read in an answer.
URGENT: Final = "urgent"
# Gathered once it was asked whether a tip of danger is urgent.
_CALM: Final = "calm"
_QUESTIONS: Final = (
    "card",
    "category",
    "what",
    "where",
    "when",
    "pictures",
    "contact",
    "review",
)
_SKIPPABLE: Final = frozenset({"where", "when", "pictures", "contact"})
# "xong", "không có" …: whoever says so little where pictures are asked for has none.
_LONGEST_NO: Final = 20
# Questions about an answer, beside those that follow each other.
_BESIDE: Final = frozenset({"reveals", "urgent"})
_SHORTEST: Final = 10
_LONGEST: Final = {"what": 3_000, "where": 300, "when": 200}


class TipDialogue:
    """Takes a tip, one question a message."""

    name = "tip"

    def __init__(
        self,
        book: Book,
        receiving: Receiving,
        pictures: TipPictures,
        chance: Chance,
        *,
        form_url: str,
    ) -> None:
        self._say = book.voice("tips")
        self._questions = TipQuestions(book, form_url=form_url)
        self._revealing = book.revealing
        self._pictures = pictures
        self._intake = receiving.intake
        self._gates = TipGates(self._say, receiving.limits, chance)

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Show who sees what, before the first question."""
        asked = self._ask(turn, "card", {})
        # Of a tip that was begun and left, nothing may slip into this one.
        return replace(asked, effects=(self._forgetting(turn),))

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Take the answer to the question that stands."""
        gathered = dict(turn.step.gathered)
        match turn.step.question:
            case "card":
                return self._ask(turn, "category", gathered)
            case "category":
                return await self._category_or_about(turn, said, gathered)
            case "what" | "where" | "when" as question:
                return self._part(turn, question, said, gathered)
            case "pictures":
                return self._no_picture(turn, said, gathered)
            case "contact":
                return self._contact(turn, said, gathered)
            case "reveals":
                return self._revealed(turn, said, gathered)
            case "urgent":
                return self._calmed(turn, said, gathered)
            case _:
                return await self._reviewed(turn, said, gathered)

    async def _reviewed(self, turn: Turn, said: str, gathered: dict[str, str]) -> Handled:
        if said == SEND:
            return await self._send(turn, gathered)
        if said == EDIT:
            kept = _only(gathered, URGENT, PICTURES, MAY_ASK, ABOUT_OFFICER, _CALM)
            return self._ask(turn, "category", kept)
        if said.startswith(NUMBER) and TASK in gathered:
            solved = SOLVED if said == gathered[TASK] else ""
            return await self._send(turn, {**gathered, TASK: solved})
        return self._ask(turn, "review", gathered)

    async def back(self, turn: Turn) -> Handled:
        """Ask the question before this one again."""
        question = turn.step.question
        if question in _BESIDE:
            return self._asked_again(turn)
        at = _QUESTIONS.index(question) if question in _QUESTIONS else 0
        return self._ask(turn, _QUESTIONS[max(at - 1, 0)], turn.step.gathered)

    async def skip(self, turn: Turn) -> Handled:
        """Leave out where or when; the others are needed."""
        question = turn.step.question
        if question not in _SKIPPABLE:
            return self._asked_again(turn)
        left_out = MAY_ASK if question == "contact" else question
        kept = turn.step.gathered
        return self._next(
            turn, question, kept if question == PICTURES else _without(kept, left_out)
        )

    async def shown(self, turn: Turn) -> Handled:
        """Take pictures and places that came instead of words, and ask again."""
        place = next((one for one in turn.incoming.media if one.kind is MediaKind.PLACE), None)
        if place is not None and turn.step.question == "where":
            where = self._say(
                "place",
                turn.language,
                latitude=f"{place.latitude}",
                longitude=f"{place.longitude}",
            )
            return self._part(turn, "where", where, dict(turn.step.gathered))
        asked = self._asked_again(turn)
        return await self.with_pictures(turn, asked)

    async def with_pictures(self, turn: Turn, handled: Handled) -> Handled:
        """Take the pictures of a message whose words were handled; say so before we ask on."""
        if handled.step.dialogue != self.name:
            return handled
        try:
            taken = await self._pictures.take(turn.incoming, turn.conversation)
        except PicturesRefused as refused:
            return self._refused(turn, handled, refused.refusal)
        is_film = any(one.kind is MediaKind.VIDEO for one in turn.incoming.media)
        key = "film_taken" if is_film else "picture_taken"
        told = says(self._say(key, turn.language, count=taken.count))
        gathered = {**handled.step.gathered, PICTURES: str(taken.count)}
        return replace(
            _before_last(handled, told),
            effects=(taken.effect, *handled.effects),
            step=replace(handled.step, gathered=gathered),
        )

    def without_pictures(self, turn: Turn, handled: Handled) -> Handled:
        """Leave the pictures of a message aside, and ask for them again where the tip goes on."""
        if handled.step.dialogue != self.name:
            return handled
        return self._refused(turn, handled, Refusal.NOT_HAD)

    def _refused(self, turn: Turn, handled: Handled, refusal: Refusal) -> Handled:
        """Say why a picture was not taken, before we ask on."""
        most = {"most": MOST_PICTURES} if refusal is Refusal.TOO_MANY else {}
        return _before_last(handled, says(self._say(refusal, turn.language, **most)))

    def going_on(self, turn: Turn, handled: Handled) -> Handled:
        """Return `handled` with the pictures kept as long as what it goes on with."""
        if PICTURES not in handled.step.gathered:
            return handled
        keeping = partial(self._pictures.keep_on, conversation=turn.conversation)
        return replace(handled, effects=(*handled.effects, keeping))

    def cancelled(self, turn: Turn, handled: Handled) -> Handled:
        """Return `handled` forgetting what was laid aside for a tip that is given up."""
        return replace(handled, effects=(*handled.effects, self._forgetting(turn)))

    def _forgetting(self, turn: Turn) -> Effect:
        return partial(self._pictures.clear, conversation=turn.conversation)

    def _asked_again(self, turn: Turn) -> Handled:
        """Ask the question that stands, or the one about whose answer something was asked."""
        return self._ask(
            turn, self._question_of(turn), _without(turn.step.gathered, "asked", "held")
        )

    # --- questions ---------------------------------------------------------------------------

    async def _category_or_about(self, turn: Turn, said: str, gathered: dict[str, str]) -> Handled:
        """Take the category, or first that it is about officers, which their like do not read."""
        if said != ABOUT:
            return self._category(turn, said, gathered)
        if not await self._intake.has_readers(turn.unit, about_officer=True):
            told = says(self._say("about_nobody", turn.language, **turn.contacts))
            asked = self._ask(turn, "category", gathered)
            return replace(asked, replies=(told, *asked.replies))
        told = says(self._say("about_told", turn.language))
        asked = self._ask(turn, "category", {**gathered, ABOUT_OFFICER: "1"})
        return replace(asked, replies=(told, *asked.replies))

    def _category(self, turn: Turn, said: str, gathered: dict[str, str]) -> Handled:
        key = said.removeprefix(CATEGORY)
        if not said.startswith(CATEGORY) or key not in set(TipCategory):
            # Whoever begins to tell at once has told what happened.
            if not said.startswith(MARK) and len(clean(said)) >= _SHORTEST:
                gathered["category"] = TipCategory.CRIME
                return self._part(turn, "what", said, gathered)
            return self._ask(turn, "category", gathered)
        return self._ask(turn, "what", {**gathered, "category": key})

    def _part(self, turn: Turn, question: str, said: str, gathered: dict[str, str]) -> Handled:
        said = clean(said)
        if said.startswith(MARK):
            return self._ask(turn, question, gathered)
        if question == "what" and len(said) < _SHORTEST:
            again = says(self._say("too_short", turn.language))
            return Handled(replies=(again,), step=self._step(question, gathered))
        if len(said) > _LONGEST[question]:
            limit = _LONGEST[question]
            again = says(self._say("too_long_part", turn.language, limit=limit))
            return Handled(replies=(again,), step=self._step(question, gathered))
        if hints := self._revealing.find(said):
            return Handled(
                replies=(self._questions.reveals(turn, hints),),
                step=self._step("reveals", {**gathered, "asked": question, "held": said}),
            )
        return self._next(turn, question, {**gathered, question: said})

    def _revealed(self, turn: Turn, said: str, gathered: dict[str, str]) -> Handled:
        question = gathered.pop("asked", "what")
        held = gathered.pop("held", "")
        if said == KEEP:
            return self._next(turn, question, {**gathered, question: held})
        if said == EDIT:
            return self._ask(turn, question, gathered)
        return self._part(turn, question, said, gathered)

    def endangered(self, turn: Turn, said: str, first: Outgoing) -> Handled | None:
        """Say `first`, the number to call, then ask whether the tip goes on and is urgent.

        Return None where that was asked before: then the answer is taken as any other.
        """
        gathered = turn.step.gathered
        if _CALM in gathered or turn.step.question == "urgent":
            return None
        question = self._question_of(turn)
        held = said if question in _LONGEST or question == "category" else ""
        asked = self._questions.ask(turn, "urgent", gathered)
        return Handled(
            replies=(first, asked),
            step=self._step("urgent", {**gathered, "asked": question, "held": held}),
        )

    def _calmed(self, turn: Turn, said: str, gathered: dict[str, str]) -> Handled:
        """Take whether it is urgent, and then what was said before; more words belong to it."""
        if said not in {IS_URGENT, NOT_URGENT}:
            told = self._questions.ask(turn, "urgent", gathered)
            held = "\n".join(part for part in (gathered["held"], clean(said)) if part)
            is_word = said.startswith(MARK)
            step = self._step("urgent", gathered if is_word else {**gathered, "held": held})
            return Handled(replies=(told,), step=step)
        question, held = gathered.pop("asked", "what"), gathered.pop("held", "")
        gathered[_CALM] = "1"
        if said == IS_URGENT:
            gathered[URGENT] = "1"
        if question == "category" and held:
            return self._category(turn, held, gathered)
        if question in _LONGEST and held:
            return self._part(turn, question, held, gathered)
        return self._ask(turn, question, gathered)

    def _question_of(self, turn: Turn) -> str:
        """Return the question that stands, or the one whose answer may reveal who writes."""
        question = turn.step.question
        return turn.step.gathered.get("asked", "what") if question in _BESIDE else question

    def _no_picture(self, turn: Turn, said: str, gathered: dict[str, str]) -> Handled:
        if said.startswith(MARK) or len(said) > _LONGEST_NO:
            return self._ask(turn, "pictures", gathered)
        return self._next(turn, "pictures", gathered)

    def _contact(self, turn: Turn, said: str, gathered: dict[str, str]) -> Handled:
        if said != CONTACT:
            return self._ask(turn, "contact", gathered)
        return self._next(turn, "contact", {**gathered, MAY_ASK: "1"})

    def _next(self, turn: Turn, question: str, gathered: Mapping[str, str]) -> Handled:
        following = _QUESTIONS[_QUESTIONS.index(question) + 1]
        if following == "pictures" and PICTURES in gathered:
            # They came by themselves.
            following = "contact"
        return self._ask(turn, following, gathered)

    def _ask(self, turn: Turn, question: str, gathered: Mapping[str, str]) -> Handled:
        return Handled(
            replies=(self._questions.ask(turn, question, gathered),),
            step=self._step(question, gathered),
        )

    def _step(self, question: str, gathered: Mapping[str, str]) -> Step:
        return Step(dialogue=self.name, question=question, gathered=gathered)

    # --- sending -----------------------------------------------------------------------------

    async def _send(self, turn: Turn, gathered: Mapping[str, str]) -> Handled:
        if not gathered.get("what"):
            return self._ask(turn, "what", gathered)
        is_urgent = URGENT in gathered
        report = Report(
            category=TipCategory(gathered.get("category", "crime")),
            what=gathered["what"],
            where=gathered.get("where", ""),
            when=gathered.get("when", ""),
            is_urgent=is_urgent,
        )
        if told := self._gates.patience(turn, is_urgent=is_urgent):
            return Handled(replies=(told,), step=self._step("review", gathered))
        is_about = ABOUT_OFFICER in gathered
        task = self._gates.task(turn, gathered, is_urgent=is_urgent, about_officer=is_about)
        if task:
            step = self._step("review", {**gathered, TASK: task.solved_by})
            return Handled(replies=(task.message,), step=step)
        pictures: Sequence[bytes] = ()
        if PICTURES in gathered:
            pictures = await self._pictures.gathered(turn.conversation)
        try:
            submission = await self._intake.submit(
                report,
                turn.unit,
                pictures,
                reply_to=_reply_to(turn, gathered),
                about_officer=ABOUT_OFFICER in gathered,
            )
        except RuleBroken:
            return Handled(
                replies=(says(self._say("not_ready", turn.language, **turn.contacts)),),
                step=turn.step,
            )
        self._gates.passed(turn)
        key = "sent_answered" if MAY_ASK in gathered else "sent"
        receipt = submission.receipt.text
        shown = shows_receipt(
            self._say(key, turn.language, receipt=receipt),
            receipt=receipt,
            label=self._say("receipt_code", turn.language),
        )
        return Handled(replies=(shown,), effects=(submission.effect, self._forgetting(turn)))


def _reply_to(turn: Turn, gathered: Mapping[str, str]) -> ReplyTo | None:
    if MAY_ASK not in gathered:
        return None
    return ReplyTo(address=turn.incoming.address, language=turn.language)


def _before_last(handled: Handled, told: Outgoing) -> Handled:
    """Say `told` before the question, and after a number to call."""
    return replace(handled, replies=(*handled.replies[:-1], told, *handled.replies[-1:]))


def _only(gathered: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: gathered[name] for name in names if name in gathered}


def _without(gathered: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in gathered.items() if name not in names}
