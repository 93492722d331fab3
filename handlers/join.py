"""Joining a neighbourhood by its code, with consent asked in so many words; and leaving."""

from functools import partial
from typing import Final

from bot.core.dialogues import Step
from bot.core.ids import read_code
from bot.core.messages import Choice, Outgoing
from bot.core.people import PersonState
from bot.core.storage import Work
from bot.core.turns import Handled, Turn
from bot.services.people.people import JoinTarget, People
from content.book import Book
from handlers.dialogue import ends, says, stays

AGREE: Final = "~agree"
DECLINE: Final = "~decline"
# The text that was agreed to; a new wording gets a new name, so that old consents stay provable.
CONSENT: Final = "join.ask_consent:3"


class Join:
    """Code, consent, member."""

    name = "join"

    def __init__(self, book: Book, people: People) -> None:
        self._say = book.voice("join")
        self._people = people

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Ask for the code, or for consent if it came along."""
        if argument:
            return await self._with_code(turn, argument)
        return Handled(
            replies=(says(self._say("ask_code", turn.language)),),
            step=Step(dialogue=self.name, question="code"),
        )

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Take the code, then the consent."""
        if turn.step.question == "code":
            return await self._with_code(turn, said)
        if said == AGREE:
            return await self._agreed(turn)
        if said == DECLINE:
            return ends(says(self._say("declined", turn.language)))
        target = await self._people.find_target(turn.step.gathered.get("code", ""))
        if target is None:
            return await self.start(turn)
        # Consent is never read out of anything but a clear yes (Nghị định 356/2025).
        return stays(turn, self._ask_consent(turn, target))

    async def _with_code(self, turn: Turn, typed: str) -> Handled:
        code = read_code(typed)[:20]
        target = await self._people.find_target(code)
        if target is None:
            text = self._say("unknown_code", turn.language, code=code)
            return Handled(replies=(says(text),), step=Step(dialogue=self.name, question="code"))
        if self._is_member(turn, target):
            text = self._say("already_joined", turn.language, unit=target.unit.name)
            return ends(says(text))
        return Handled(
            replies=(self._ask_consent(turn, target),),
            step=Step(dialogue=self.name, question="consent", gathered={"code": code}),
        )

    def _is_member(self, turn: Turn, target: JoinTarget) -> bool:
        person = turn.person
        return (
            person is not None
            and person.is_reachable
            and person.unit_id == target.unit.id
            and (target.household is None or person.household_id == target.household.id)
        )

    def _ask_consent(self, turn: Turn, target: JoinTarget) -> Outgoing:
        return says(
            self._say("ask_consent", turn.language, unit=target.unit.name),
            Choice(label=self._say("agree", turn.language), word=AGREE),
            Choice(label=self._say("decline", turn.language), word=DECLINE),
        )

    async def _agreed(self, turn: Turn) -> Handled:
        target = await self._people.find_target(turn.step.gathered.get("code", ""))
        if target is None:
            return await self.start(turn)
        has_moved = turn.person is not None and turn.person.state is PersonState.JOINED
        key = "moved" if has_moved else "joined"

        async def join(work: Work) -> None:
            await self._people.join(
                work, turn.incoming.address, target, consent=CONSENT, language=turn.language
            )

        text = self._say(key, turn.language, unit=target.unit.name)
        return Handled(replies=(says(text),), effects=(join,))

    def leave(self, turn: Turn) -> Handled:
        """Stop the announcements at the first word."""
        if turn.person is None or turn.person.state is PersonState.LEFT:
            return ends(says(self._say("not_joined", turn.language)))
        effect = partial(self._people.leave, address=turn.incoming.address)
        return Handled(replies=(says(self._say("left", turn.language)),), effects=(effect,))

    async def back(self, turn: Turn) -> Handled:
        """Ask for the code again."""
        return await self.start(turn)

    async def skip(self, turn: Turn) -> Handled:
        """Skipping is no consent."""
        return ends(says(self._say("declined", turn.language)))
