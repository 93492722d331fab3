"""The greeting, the menu, what the bot can do, and whom to ask instead."""

from dataclasses import replace
from typing import Final

from bot.core.channels import ChannelKind
from bot.core.messages import Choice, Outgoing
from bot.core.turns import Handled, Turn
from content.book import Book
from handlers.dialogue import ends, says, stays

# Where a form for name and number can be offered, whose answer the officers see.
_WITH_FORM: Final = frozenset({ChannelKind.ZALO})


class Menu:
    """What a conversation begins with and falls back to."""

    def __init__(self, book: Book) -> None:
        self._say = book.voice(
            "menu",
            "greeting",
            "help",
            "menu_title",
            "choice_tip",
            "choice_join",
            "choice_emergency",
            "choice_track",
            "choice_help",
            "choice_person",
            "unknown",
            "unsupported_kind",
            "person_contact",
            "call_back_offer",
            "cancelled",
            "nothing_to_cancel",
            "expired_step",
            "trouble",
        )

    def choices(self, turn: Turn) -> tuple[Choice, ...]:
        """Return the main choices; whoever joined is not asked to join again."""
        keys = [("choice_emergency", "/khancap"), ("choice_tip", "/togiac")]
        if turn.person is None or not turn.person.is_reachable:
            keys.append(("choice_join", "/thamgia"))
        keys += [("choice_track", "/theodoi"), ("choice_help", "/trogiup")]
        return tuple(Choice(label=self._say(key, turn.language), word=word) for key, word in keys)

    def greeting(self, turn: Turn) -> Handled:
        """Return the greeting, which says once that this is a program (Luật 134/2025 Điều 11)."""
        text = self._say("greeting", turn.language, unit=turn.unit.name)
        # They stay at hand where the platform has a place for it; every label is a known word.
        return ends(replace(says(text, *self.choices(turn)), stays=True))

    def help(self, turn: Turn) -> Handled:
        """Return what the bot can do; a dialogue under way goes on."""
        return stays(turn, says(self._say("help", turn.language)))

    def ways_on(self, turn: Turn) -> tuple[Choice, ...]:
        """Return the main choices for somebody the program could not help: a person at the end."""
        person = Choice(label=self._say("choice_person", turn.language), word="/nguoi")
        return (*self.choices(turn)[:-1], person)

    def unknown(self, turn: Turn) -> Handled:
        """Return that this was not understood, with the menu and the way to a person."""
        return ends(says(self._say("unknown", turn.language), *self.ways_on(turn)))

    def unsupported(self, turn: Turn) -> Handled:
        """Return that only words are understood here; to a human pictures may be shown."""
        if turn.has_human:
            return stays(turn)
        return stays(turn, says(self._say("unsupported_kind", turn.language)))

    def person(self, turn: Turn) -> Handled:
        """Return where officers are found when none can be asked to answer here."""
        contacts = says(self._say("person_contact", turn.language, **turn.contacts))
        return stays(turn, contacts, *self.call_back(turn))

    def call_back(self, turn: Turn) -> tuple[Outgoing, ...]:
        """Return the form to be called back, on platforms that have one."""
        if turn.channel_kind not in _WITH_FORM or turn.incoming.is_group:
            return ()
        offer = says(self._say("call_back_offer", turn.language))
        return (replace(offer, asks_contact=True),)

    def cancelled(self, turn: Turn) -> Handled:
        """Return that what was begun is dropped."""
        key = "cancelled" if turn.step.dialogue else "nothing_to_cancel"
        return ends(says(self._say(key, turn.language), *self.choices(turn)))

    def expired(self, turn: Turn, *, word: str) -> Handled:
        """Return that our question had waited too long."""
        text = self._say("expired_step", turn.language, word=word)
        return ends(says(text, *self.choices(turn)))

    def trouble(self, turn: Turn) -> Outgoing:
        """Return that something went wrong here."""
        return says(self._say("trouble", turn.language))
