"""Seeing what became of a tip, by its receipt."""

from zoneinfo import ZoneInfo

from bot.core.dialogues import Step
from bot.core.tips import TipState
from bot.core.turns import Handled, Turn
from bot.services.tips.receiving.talks import Followed, ResidentTalks, TooManyTries
from content.book import Book
from handlers.dialogue import ends, says


class Track:
    """Receipt in, state out; a wrong one and an unknown one get the same answer."""

    name = "track"

    def __init__(self, book: Book, talks: ResidentTalks, zone: ZoneInfo) -> None:
        self._say = book.voice("tips")
        self._talks = talks
        self._zone = zone

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Ask for the receipt, or look at once if it came along."""
        if argument:
            return await self._look(turn, argument)
        return Handled(
            replies=(says(self._say("follow_ask_code", turn.language)),),
            step=Step(dialogue=self.name, question="code"),
        )

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Take the receipt."""
        return await self._look(turn, said)

    async def _look(self, turn: Turn, typed: str) -> Handled:
        try:
            followed = await self._talks.follow(typed)
        except TooManyTries as error:
            minutes = max(1, -(-error.wait_s // 60))
            return ends(says(self._say("follow_wait", turn.language, minutes=minutes)))
        if followed is None:
            return Handled(
                replies=(says(self._say("follow_unknown", turn.language)),),
                step=Step(dialogue=self.name, question="code"),
            )
        since = f"{followed.since.astimezone(self._zone):%d/%m/%Y}"
        text = self._say(
            "follow_status", turn.language, state=self._state(turn, followed), since=since
        )
        # What a receipt leads to is nobody else's business, so it is not kept in the chat.
        return ends(says(text, is_secret=True))

    def _state(self, turn: Turn, followed: Followed) -> str:
        key = f"state_{followed.state.value}"
        if followed.state is TipState.PASSED_ON:
            named = f"passed_to_{followed.passed_to}" if followed.passed_to else "passed_on_to"
            to = self._say(named, turn.language)
            return self._say(key, turn.language, to=to)
        return self._say(key, turn.language)

    async def back(self, turn: Turn) -> Handled:
        """Ask for the receipt again."""
        return await self.start(turn)

    async def skip(self, turn: Turn) -> Handled:
        """Ask for the receipt again: there is nothing to skip to."""
        return await self.start(turn)
