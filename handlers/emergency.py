"""Danger: the number to call before anything else, then what to do until help comes."""

from dataclasses import replace
from typing import Final

from bot.core.dialogues import Step
from bot.core.errors import RuleBroken
from bot.core.messages import Choice, Outgoing
from bot.core.text import clean
from bot.core.tips import Report, TipCategory
from bot.core.turns import Handled, Turn
from bot.services.tips.receiving.intake import Intake
from content.book import Book
from content.danger import DangerRule
from handlers.dialogue import ends, says, shows_receipt, stays
from handlers.revealing import revealed

TELL: Final = "~tell"
FALSE_ALARM: Final = "~false_alarm"
_AS_IS: Final = "~tell_as_is"
_ANEW: Final = "~tell_anew"
# The question that is answered in words of one's own.
RETELL: Final = "retell"
NAME: Final = "emergency"
_CATEGORIES: Final = {
    "fire": TipCategory.FIRE,
    "child": TipCategory.CHILDREN,
    "trafficking": TipCategory.TRAFFICKING,
    "breakin": TipCategory.CRIME,
    "violence": TipCategory.VIOLENCE,
}


class Emergency:
    """Answers danger and, if asked to, tells the officers on duty."""

    name = NAME

    def __init__(self, book: Book, intake: Intake) -> None:
        self._say = book.voice("emergency")
        self._tips_say = book.voice("tips")
        self._revealing = book.revealing
        self._facts = book.facts
        self._intake = intake

    def numbers(self, turn: Turn) -> Handled:
        """Return all the numbers; a dialogue under way goes on."""
        text = self._say("numbers", turn.language, unit=turn.unit.name, **turn.contacts)
        return stays(turn, says(text))

    def danger(self, turn: Turn, rule: DangerRule, said: str) -> Handled:
        """Return the number first, what to do, and whether officers shall be told.

        What was said is kept only in the sealed step, so that it need not be typed again.
        """
        number = self._number(turn, rule)
        first = self.first(turn, rule)
        ask = self._say("ask_tell", turn.language)
        choices = (
            *first.choices,
            Choice(label=self._say("offer_tell", turn.language), word=TELL),
            Choice(label=self._say("false_alarm", turn.language), word=FALSE_ALARM),
        )
        return Handled(
            replies=(says(f"{first.text}\n{ask}", *choices),),
            step=Step(
                dialogue=NAME,
                question="tell",
                gathered={"kind": rule.kind.value, "number": number, "said": said},
            ),
        )

    def first(self, turn: Turn, rule: DangerRule) -> Outgoing:
        """Return the number to call and what to do, with a button to call it; asks nothing."""
        number = self._number(turn, rule)
        call = Choice(label=self._say("call", turn.language, number=number), phone=number)
        return says(self._say(rule.kind.value, turn.language), call)

    def _number(self, turn: Turn, rule: DangerRule) -> str:
        return self._facts[rule.number].value[turn.language]

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Show the numbers."""
        return self.numbers(turn)

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Tell the officers, or be glad that nothing is wrong."""
        if said == TELL:
            return self._seen_through(turn) or await self._tell(turn)
        if said == _AS_IS:
            return await self._tell(turn)
        if said == _ANEW:
            step = replace(turn.step, question=RETELL, offered=())
            return Handled(replies=(says(self._tips_say("ask_what", turn.language)),), step=step)
        if turn.step.question == RETELL:
            gathered = {**turn.step.gathered, "said": clean(said)}
            return await self._tell(replace(turn, step=replace(turn.step, gathered=gathered)))
        if said == FALSE_ALARM:
            return ends(says(self._say("glad_safe", turn.language)))
        return self.numbers(turn)

    def _seen_through(self, turn: Turn) -> Handled | None:
        """Return the question whether to send what may reveal its writer, if it may."""
        hints = self._revealing.find(turn.step.gathered.get("said", ""))
        if not hints:
            return None
        choices = (
            Choice(label=self._tips_say("keep", turn.language), word=_AS_IS),
            Choice(label=self._tips_say("edit", turn.language), word=_ANEW),
        )
        text = revealed(self._tips_say, turn.language, hints)
        return stays(turn, says(text, *choices, is_secret=True))

    async def _tell(self, turn: Turn) -> Handled:
        kind = turn.step.gathered.get("kind", "violence")
        report = Report(
            category=_CATEGORIES.get(kind, TipCategory.DISORDER),
            what=turn.step.gathered.get("said", ""),
            is_urgent=True,
        )
        try:
            submission = await self._intake.submit(report, turn.unit)
        except RuleBroken:
            return ends(says(self._tips_say("not_ready", turn.language, **turn.contacts)))
        number = turn.step.gathered.get("number", "")
        told = self._say("told", turn.language, number=number, **turn.contacts)
        receipt = submission.receipt.text
        shown = shows_receipt(
            self._tips_say("sent", turn.language, receipt=receipt),
            receipt=receipt,
            label=self._tips_say("receipt_code", turn.language),
        )
        return Handled(replies=(says(told), shown), effects=(submission.effect,))

    async def back(self, turn: Turn) -> Handled:
        """Nothing lies before the numbers."""
        return self.numbers(turn)

    async def skip(self, turn: Turn) -> Handled:
        """Do not tell."""
        return ends(says(self._say("glad_safe", turn.language)))
