"""Telling the police something: card, category, what, where, when, review, receipt.

Private chats only. Until it is sent, a draft stands only in the sealed step, for half an hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from bot.core.channels import ChannelKind
from bot.core.dialogues import Step
from bot.core.errors import RuleBroken
from bot.core.messages import Choice, MediaKind, Outgoing
from bot.core.text import clean
from bot.core.tips import Report, TipCategory
from bot.core.turns import Effect, Handled, Turn
from bot.services.tips.receiving.intake import Intake
from bot.services.tips.receiving.pictures import (
    MOST_PICTURES,
    PicturesRefused,
    Refusal,
    TipPictures,
)
from content.book import Book
from handlers.dialogue import MARK, says
from handlers.revealing import revealed

START: Final = "~tip_start"
SEND: Final = "~tip_send"
EDIT: Final = "~tip_edit"
KEEP: Final = "~tip_keep"
SKIP: Final = "/boqua"
# Gathered once danger was read in an answer.
URGENT: Final = "urgent"
# Gathered once pictures were taken: how many.
PICTURES: Final = "pictures"
_CATEGORY: Final = "~tip_"
_QUESTIONS: Final = ("card", "category", "what", "where", "when", "review")
_SKIPPABLE: Final = frozenset({"where", "when"})
_SHORTEST: Final = 10
_LONGEST: Final = {"what": 3_000, "where": 300, "when": 200}
_CARDS: Final = {
    ChannelKind.WEB: "card_web",
    ChannelKind.TELEGRAM: "card_telegram",
    ChannelKind.ZALO: "card_zalo",
}


class TipDialogue:
    """Takes a tip, one question a message."""

    name = "tip"

    def __init__(
        self, book: Book, intake: Intake, pictures: TipPictures, *, form_url: str
    ) -> None:
        self._say = book.voice("tips")
        self._revealing = book.revealing
        self._pictures = pictures
        self._menu = book.voice("menu", "skip", "cancel", "back")
        self._intake = intake
        self._form_url = form_url

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
                return self._category(turn, said, gathered)
            case "what" | "where" | "when" as question:
                return self._part(turn, question, said, gathered)
            case "reveals":
                return self._revealed(turn, said, gathered)
            case "review" if said == SEND:
                return await self._send(turn, gathered)
            case "review" if said == EDIT:
                return self._ask(turn, "category", _only(gathered, URGENT, PICTURES))
            case _:
                return self._ask(turn, "review", gathered)

    async def back(self, turn: Turn) -> Handled:
        """Ask the question before this one again."""
        question = turn.step.question
        if question == "reveals":
            return self._asked_again(turn)
        at = _QUESTIONS.index(question) if question in _QUESTIONS else 0
        return self._ask(turn, _QUESTIONS[max(at - 1, 0)], turn.step.gathered)

    async def skip(self, turn: Turn) -> Handled:
        """Leave out where or when; the others are needed."""
        question = turn.step.question
        if question not in _SKIPPABLE:
            return self._asked_again(turn)
        return self._next(turn, question, _without(turn.step.gathered, question))

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
        """Return `handled` with the pictures kept as long as the draft it goes on with."""
        if handled.step.dialogue != self.name or PICTURES not in handled.step.gathered:
            return handled
        keeping = partial(self._pictures.keep_on, conversation=turn.conversation)
        return replace(handled, effects=(*handled.effects, keeping))

    def cancelled(self, turn: Turn, handled: Handled) -> Handled:
        """Return `handled` forgetting what was laid aside for a tip that is given up."""
        return replace(handled, effects=(*handled.effects, self._forgetting(turn)))

    def _forgetting(self, turn: Turn) -> Effect:
        return partial(self._pictures.clear, conversation=turn.conversation)

    def _asked_again(self, turn: Turn) -> Handled:
        """Ask the question that stands, or the one whose answer may reveal who writes."""
        question = turn.step.question
        if question == "reveals":
            question = turn.step.gathered.get("asked", "what")
        return self._ask(turn, question, _without(turn.step.gathered, "asked", "held"))

    # --- questions ---------------------------------------------------------------------------

    def _category(self, turn: Turn, said: str, gathered: dict[str, str]) -> Handled:
        key = said.removeprefix(_CATEGORY)
        if not said.startswith(_CATEGORY) or key not in set(TipCategory):
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
            return Handled(replies=(again,), step=turn.step)
        if len(said) > _LONGEST[question]:
            limit = _LONGEST[question]
            again = says(self._say("too_long_part", turn.language, limit=limit))
            return Handled(replies=(again,), step=turn.step)
        if hints := self._revealing.find(said):
            text = revealed(self._say, turn.language, hints)
            choices = (
                Choice(label=self._say("edit", turn.language), word=EDIT),
                Choice(label=self._say("keep", turn.language), word=KEEP),
            )
            return Handled(
                replies=(says(text, *choices, is_secret=True),),
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

    def _next(self, turn: Turn, question: str, gathered: Mapping[str, str]) -> Handled:
        return self._ask(turn, _QUESTIONS[_QUESTIONS.index(question) + 1], gathered)

    def _ask(self, turn: Turn, question: str, gathered: Mapping[str, str]) -> Handled:
        return Handled(
            replies=(self._question(turn, question, gathered),),
            step=self._step(question, gathered),
        )

    def _step(self, question: str, gathered: Mapping[str, str]) -> Step:
        return Step(dialogue=self.name, question=question, gathered=gathered)

    def _question(self, turn: Turn, question: str, gathered: Mapping[str, str]) -> Outgoing:
        match question:
            case "card":
                return self._card(turn)
            case "category":
                return says(self._say("ask_category", turn.language), *self._categories(turn))
            case "what":
                return says(self._say("ask_what", turn.language), *self._ways(turn))
            case "where" | "when":
                skip = Choice(label=self._menu("skip", turn.language), word=SKIP)
                text = self._say(f"ask_{question}", turn.language)
                return says(text, skip, *self._ways(turn))
            case _:
                return self._review(turn, gathered)

    def _card(self, turn: Turn) -> Outgoing:
        key = _CARDS[turn.channel_kind]
        start = Choice(label=self._say("start", turn.language), word=START)
        cancel = Choice(label=self._menu("cancel", turn.language), word="/huy")
        if turn.channel_kind is ChannelKind.WEB:
            return says(self._say(key, turn.language), start, cancel)
        form = Choice(label=self._say("open_form", turn.language), url=self._form_url)
        text = self._say(key, turn.language, link=self._form_url)
        return says(text, start, form, cancel)

    def _categories(self, turn: Turn) -> list[Choice]:
        named = [
            Choice(label=self._say(one.value, turn.language), word=_CATEGORY + one.value)
            for one in TipCategory
        ]
        return [*named, *self._ways(turn)]

    def _ways(self, turn: Turn) -> list[Choice]:
        """Return the ways out that stand under every question."""
        return [
            Choice(label=self._menu("back", turn.language), word="/quaylai"),
            Choice(label=self._menu("cancel", turn.language), word="/huy"),
        ]

    def _review(self, turn: Turn, gathered: Mapping[str, str]) -> Outgoing:
        blank = self._say("not_said", turn.language)
        text = self._say(
            "review",
            turn.language,
            category=self._say(gathered.get("category", "crime"), turn.language),
            what=gathered.get("what", blank),
            where=gathered.get("where", blank),
            when=gathered.get("when", blank),
            pictures=gathered.get(PICTURES, "0"),
        )
        choices = (
            Choice(label=self._say("send", turn.language), word=SEND),
            Choice(label=self._say("edit", turn.language), word=EDIT),
            Choice(label=self._menu("cancel", turn.language), word="/huy"),
        )
        # It repeats the tip, so it is shown and not kept.
        return says(text, *choices, is_secret=True)

    # --- sending -----------------------------------------------------------------------------

    async def _send(self, turn: Turn, gathered: Mapping[str, str]) -> Handled:
        if not gathered.get("what"):
            return self._ask(turn, "what", gathered)
        report = Report(
            category=TipCategory(gathered.get("category", "crime")),
            what=gathered["what"],
            where=gathered.get("where", ""),
            when=gathered.get("when", ""),
            is_urgent=URGENT in gathered,
        )
        pictures: Sequence[bytes] = ()
        if PICTURES in gathered:
            pictures = await self._pictures.gathered(turn.conversation)
        try:
            submission = await self._intake.submit(report, turn.unit, pictures)
        except RuleBroken:
            return Handled(
                replies=(says(self._say("not_ready", turn.language, **turn.contacts)),),
                step=turn.step,
            )
        text = self._say("sent", turn.language, receipt=submission.receipt.text)
        effects = (submission.effect, self._forgetting(turn))
        return Handled(replies=(says(text, is_secret=True),), effects=effects)


def _before_last(handled: Handled, told: Outgoing) -> Handled:
    """Say `told` before the question, and after a number to call."""
    return replace(handled, replies=(*handled.replies[:-1], told, *handled.replies[-1:]))


def _only(gathered: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: gathered[name] for name in names if name in gathered}


def _without(gathered: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in gathered.items() if name not in names}
