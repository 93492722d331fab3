"""The household's commitment: read, and signed by who wants to."""

from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.dialogues import Step
from bot.core.messages import Choice
from bot.core.time import Clock
from bot.core.turns import Handled, Turn
from bot.services.people.people import People
from content.book import Book
from handlers.dialogue import ends, says

SIGN: Final = "~sign"
NOT_NOW: Final = "~not_now"


class Pledge:
    """Text, signature, thanks. Voluntary, and it says so."""

    name = "pledge"

    def __init__(self, book: Book, people: People, clock: Clock, zone: ZoneInfo) -> None:
        self._say = book.voice("pledge")
        self._people = people
        self._zone = zone
        self._clock = clock

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Show the text and ask."""
        text = self._say("text", turn.language)
        if turn.person is None:
            return ends(says(text), says(self._say("need_join", turn.language)))
        if turn.person.pledged_at is not None:
            signed_on = f"{turn.person.pledged_at.astimezone(self._zone):%d/%m/%Y}"
            known = self._say("already_signed", turn.language, signed_on=signed_on)
            return ends(says(text), says(known))
        choices = (
            Choice(label=self._say("sign", turn.language), word=SIGN),
            Choice(label=self._say("not_now", turn.language), word=NOT_NOW),
        )
        return Handled(
            replies=(says(text, *choices),), step=Step(dialogue=self.name, question="sign")
        )

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Take the signature."""
        if said != SIGN or turn.person is None:
            return ends(says(self._say("declined", turn.language)))
        signed_on = f"{self._clock.now().astimezone(self._zone):%d/%m/%Y}"
        return Handled(
            replies=(says(self._say("signed", turn.language, signed_on=signed_on)),),
            effects=(partial(self._people.pledge, address=turn.incoming.address),),
        )

    async def back(self, turn: Turn) -> Handled:
        """Show the text again."""
        return await self.start(turn)

    async def skip(self, turn: Turn) -> Handled:
        """Do not sign."""
        return ends(says(self._say("declined", turn.language)))
