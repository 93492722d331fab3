"""Asking for a person: once said when somebody looks, the bot is silent until they are done.

What is written then goes to the officers' inbox. Danger is answered all the same, and what is
written in a tip never goes there: nobody may join a tip to the chat it came from.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.handovers import HandoverReason
from bot.core.messages import Choice
from bot.core.time import Clock
from bot.core.turns import Handled, Turn
from bot.services.handovers.asking import HandoverAsking
from content.book import Book
from handlers.dialogue import MARK, says, stays
from handlers.menu import Menu

# Behind it: the key of the topic whose answer offered a person.
ABOUT: Final = f"{MARK}person_"
# Words held back by another dialogue are for the officer who answers here.
TO_ANSWERING: Final = f"{MARK}to_officer"
WORD: Final = "/nguoi"
# Gathered in a step without a dialogue: how often in a row the bot did not understand.
MISSED: Final = "missed"
# The third time in a row a person is asked for. The count lives as long as a step does, half an
# hour, and ends with anything that was understood, and with a choice that was tapped.
HANDED_OVER_AT: Final = 3


class HandOver:
    """Puts conversations into the officers' inbox, and keeps the bot out of them."""

    def __init__(
        self, book: Book, asking: HandoverAsking, menu: Menu, *, clock: Clock, zone: ZoneInfo
    ) -> None:
        self._say = book.voice("handover")
        self._book = book
        self._asking = asking
        self._menu = menu
        self._clock = clock
        self._zone = zone

    async def ask(self, turn: Turn, reason: HandoverReason, text: str = "") -> Handled:
        """Ask officers to answer here, with `text` as the first thing they read.

        Where that cannot be (a group, a unit without officers), return where they are found.
        """
        if turn.incoming.is_group:
            return self._menu.person(turn)
        if turn.handover is not None:
            return self._still(turn)
        if not await self._asking.has_somebody(turn.unit.id):
            return self._menu.person(turn)
        key = "missed" if reason is HandoverReason.MISSED else "asked"
        told = self._say(
            key, turn.language, unit=turn.unit.name, when=self._when(turn), **_contacts(turn)
        )
        # A form for name and number stays at hand where the platform has one.
        form = self._menu.call_back(turn) if reason is HandoverReason.ASKED else ()
        return Handled(
            replies=(says(told), *form), effects=(self._asking.ask(turn, reason, text),)
        )

    async def ask_about(self, turn: Turn, word: str) -> Handled:
        """Ask officers about a topic whose answer offered them."""
        topic = self._book.topics.get(word.removeprefix(ABOUT))
        if topic is None:
            return await self.ask(turn, HandoverReason.ASKED)
        about = self._say("about_topic", turn.language, title=topic.title[turn.language])
        if turn.handover is not None:
            return self.wrote(turn, about)
        return await self.ask(turn, HandoverReason.TOPIC, about)

    def in_a_tip(self, turn: Turn) -> Handled:
        """Return where officers are found: nobody is asked in where a tip is being written."""
        contacts = self._menu.person(turn)
        why = says(self._say("in_a_tip", turn.language))
        return stays(turn, contacts.replies[0], why)

    def wrote(self, turn: Turn, text: str) -> Handled:
        """Add what was written to the open handover; the bot says nothing."""
        if turn.handover is not None and turn.handover.is_full:
            return stays(turn, says(self._say("full", turn.language)))
        anew = says(self._say("anew", turn.language))
        return Handled(step=turn.step, effects=(self._asking.wrote(turn, text, anew=anew),))

    def shown(self, turn: Turn) -> Handled:
        """Return that officers read only words here."""
        return stays(turn, says(self._say("words_only", turn.language)))

    def leave(self, turn: Turn) -> Handled:
        """Go back to the bot."""
        told = says(self._say("left", turn.language), *self._menu.choices(turn))
        return Handled(replies=(told,), effects=(self._asking.leave(turn),))

    async def missed(self, turn: Turn, text: str, handled: Handled) -> Handled:
        """Return what is said to words nobody was sure of: `handled`, at last a person.

        The time before a person is asked for, one is offered.
        """
        if turn.step.dialogue:
            # A question in between: what was begun still stands, and is nobody else's to read.
            return handled
        times = int(turn.step.gathered.get(MISSED, "0")) + 1
        if times >= HANDED_OVER_AT and await self._asking.has_somebody(turn.unit.id):
            return await self.ask(turn, HandoverReason.MISSED, text)
        counted = {**handled.step.gathered, MISSED: str(min(times, HANDED_OVER_AT))}
        *before, last = handled.replies
        is_offered = WORD in {choice.word for choice in last.choices}
        if times == HANDED_OVER_AT - 1 and not is_offered:
            last = replace(last, choices=(*last.choices, self.button(turn)))
        step = replace(handled.step, gathered=counted)
        return replace(handled, replies=(*before, last), step=step)

    def button(self, turn: Turn, topic: str = "") -> Choice:
        """Return the choice that asks for a person, about a topic if one is named."""
        label = self._say("ask_button", turn.language)
        return Choice(label=label, word=f"{ABOUT}{topic}" if topic else WORD)

    def to_answering(self, turn: Turn) -> Choice:
        """Return the choice that sends words held back elsewhere to the officer who answers."""
        return Choice(label=self._say("to_answering", turn.language), word=TO_ANSWERING)

    def _still(self, turn: Turn) -> Handled:
        return stays(turn, says(self._say("still", turn.language, when=self._when(turn))))

    def _when(self, turn: Turn) -> str:
        """Return when somebody will look, as far as the unit's own hours tell."""
        told = turn.contacts.get("unit_office_hours", "").strip()
        hours = self._book.office_hours.read(told)
        if hours is None:
            known = {"hours": told} if told else {}
            return self._say("when_hours" if told else "when_unknown", turn.language, **known)
        now = self._clock.now().astimezone(self._zone)
        days_off = self._book.office_hours.days_off(now.year)
        if hours.is_open(now, days_off):
            return self._say("when_open", turn.language)
        opens = hours.next_opening(now, days_off)
        if opens is None:
            return self._say("when_hours", turn.language, hours=told)
        return self._say("when_opens", turn.language, **_moment(opens))


def _moment(at: datetime) -> Mapping[str, str]:
    return {"time": f"{at:%H:%M}", "date": f"{at:%d/%m/%Y}"}


def _contacts(turn: Turn) -> Mapping[str, str]:
    return {key: value for key, value in turn.contacts.items() if key.startswith("unit_")}
