"""What is stored about somebody, a copy of it, and its deletion (Nghị định 356/2025 Điều 5)."""

from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.dialogues import Step
from bot.core.messages import Choice
from bot.core.people import Person
from bot.core.turns import Handled, Turn
from bot.services.people.interests import Interests
from bot.services.people.withdrawals import Withdrawals
from content.book import Book
from content.interests import named
from handlers.dialogue import ends, says

DELETE: Final = "~delete"
# Another word, so that a double tap on the first button deletes nothing.
DELETE_INDEED: Final = "~delete_indeed"


class Privacy:
    """The rights of whoever writes."""

    name = "privacy"

    def __init__(
        self, book: Book, withdrawals: Withdrawals, interests: Interests, zone: ZoneInfo
    ) -> None:
        self._say = book.voice("privacy", "stored_nothing", "stored", "delete_ask")
        self._more = book.voice("privacy", "delete_button", "deleted", "notice", "call_back_kept")
        self._person = book.voice("handover", "kept")
        self._back = book.voice("menu", "cancelled", "yes", "no")
        self._offered = book.interests
        self._withdrawals = withdrawals
        self._interests = interests
        self._zone = zone

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Show everything that is stored, which is also the copy; offer to delete it."""
        notice = self._more("notice", turn.language, unit=turn.unit.name, **turn.contacts)
        kept = [await self._stored(turn, turn.person)] if turn.person else []
        if await self._withdrawals.keeps_number(turn.conversation):
            kept.append(self._more("call_back_kept", turn.language))
        if await self._withdrawals.keeps_words(turn.conversation):
            kept.append(self._person("kept", turn.language))
        if not kept:
            return ends(says(self._say("stored_nothing", turn.language)), says(notice))
        button = Choice(label=self._more("delete_button", turn.language), word=DELETE)
        return Handled(
            replies=(says(notice), says("\n".join(kept), button)),
            step=Step(dialogue=self.name, question="shown"),
        )

    async def _stored(self, turn: Turn, person: Person) -> str:
        """Return everything that stands about the person, so that it is also the copy."""
        no, yes = (self._back(key, turn.language) for key in ("no", "yes"))
        pledged_at = person.pledged_at
        chosen = await self._interests.of(person.id)
        topics = "; ".join(named(chosen, self._offered, turn.language))
        return self._say(
            "stored",
            turn.language,
            unit=turn.unit.name,
            joined_on=_day(person.joined_at, self._zone),
            channel=turn.channel_kind.value.capitalize(),
            language=person.language.value,
            consent=person.consent.rpartition(":")[2],
            household=yes if person.household_id else no,
            pledged=_day(pledged_at, self._zone) if pledged_at else no,
            topics=topics or no,
        )

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Ask once more before deleting, then delete."""
        if said not in {DELETE, DELETE_INDEED} or not await self._keeps(turn):
            return ends(says(self._back("cancelled", turn.language)))
        if said == DELETE or turn.step.question != "sure":
            button = Choice(label=self._more("delete_button", turn.language), word=DELETE_INDEED)
            return Handled(
                replies=(says(self._say("delete_ask", turn.language), button),),
                step=Step(dialogue=self.name, question="sure"),
            )
        effect = partial(self._withdrawals.delete, address=turn.incoming.address)
        return Handled(replies=(says(self._more("deleted", turn.language)),), effects=(effect,))

    def withdrew(self, turn: Turn) -> Handled:
        """Delete everything for somebody who asked the platform for it; they hear nothing."""
        effect = partial(self._withdrawals.withdrew, address=turn.incoming.address)
        return Handled(effects=(effect,), leaves_no_mark=True)

    async def _keeps(self, turn: Turn) -> bool:
        if turn.person is not None:
            return True
        if await self._withdrawals.keeps_number(turn.conversation):
            return True
        return await self._withdrawals.keeps_words(turn.conversation)

    async def back(self, turn: Turn) -> Handled:
        """Show again."""
        return await self.start(turn)

    async def skip(self, turn: Turn) -> Handled:
        """Leave everything as it is."""
        return ends(says(self._back("cancelled", turn.language)))


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d/%m/%Y}"
