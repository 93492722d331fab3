"""What a receipt opens: how the tip stands, what was said about it, and what can be done.

A wrong receipt and an unknown one get the same answer. While it is looked at, the receipt stands
only in the sealed step, for half an hour.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.dialogues import Step
from bot.core.messages import Choice, Outgoing
from bot.core.tips import TipState
from bot.core.turns import Handled, Turn
from bot.services.tips.receiving.pictures import TipPictures
from bot.services.tips.receiving.talks import Followed, ResidentTalks, TooManyTries
from bot.services.tips.talk import Said
from content.book import Book
from handlers.dialogue import MARK, ends, says, shows_receipt
from handlers.writing import QUESTIONS, Writing, Written, before

_CODE: Final = "code"
_MENU: Final = "menu"
_SURE: Final = "sure"
_EXCHANGE: Final = "exchange"
# Gathered in the sealed step: the receipt, whether what is written puts something right, whether
# somebody came to withdraw, and the receipt that shall take the place of one that was handed over.
_RECEIPT: Final = "receipt"
_IS_FIX: Final = "fix"
_TO_WITHDRAW: Final = "withdraw"
_FRESH: Final = "fresh"
# Of a long dialogue the newest is shown; the page shows all of it.
_MOST_SHOWN: Final = 6
_LONGEST_SHOWN: Final = 400


class _Word(StrEnum):
    """The words behind the buttons."""

    ADD = "~track_add"
    FIX = "~track_fix"
    WITHDRAW = "~track_withdraw"
    DONE = "~track_done"
    KEEP = "~track_keep"
    WITHDRAW_INDEED = "~track_withdraw_indeed"
    COPIED = "~track_copied"


class Track:
    """Receipt in; state, dialogue and choices out."""

    name = "track"

    def __init__(
        self,
        book: Book,
        talks: ResidentTalks,
        pictures: TipPictures,
        zone: ZoneInfo,
        *,
        follow_url: str,
    ) -> None:
        self._say = book.voice("tips")
        self._talks = talks
        self._writing = Writing(book, pictures)
        self._zone = zone
        self._follow_url = follow_url

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Ask for the receipt, or look at once if it came along."""
        if argument:
            return await self._look(turn, {_RECEIPT: argument})
        return self._ask_code(turn, {}, "follow_ask_code")

    async def withdraw(self, turn: Turn, argument: str = "") -> Handled:
        """Ask whether the tip shall be gone, with the receipt at hand or typed."""
        known = turn.step.gathered.get(_RECEIPT, "") if turn.step.dialogue == self.name else ""
        if receipt := argument or known:
            return await self._look(turn, {_RECEIPT: receipt, _TO_WITHDRAW: "1"})
        return self._ask_code(turn, {_TO_WITHDRAW: "1"}, "withdraw_ask_code")

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Take the receipt, a choice, or what is written."""
        gathered = dict(turn.step.gathered)
        if turn.step.question == _CODE:
            return await self._look(turn, {**gathered, _RECEIPT: said})
        if turn.step.question in QUESTIONS:
            return await self._wrote(turn, await self._writing.proceed(turn, said))
        if turn.step.question == _EXCHANGE:
            is_copied = said == _Word.COPIED
            return await self._exchanged(turn) if is_copied else self._show_fresh(turn, gathered)
        if turn.step.question == _SURE and said == _Word.WITHDRAW_INDEED:
            return await self._withdrawn(turn)
        return await self._chosen(turn, said, {_RECEIPT: gathered.get(_RECEIPT, "")})

    async def _chosen(self, turn: Turn, said: str, receipt: dict[str, str]) -> Handled:
        match said:
            case _Word.WITHDRAW:
                return await self._look(turn, {**receipt, _TO_WITHDRAW: "1"})
            case _Word.ADD:
                text = self._say("talk_write", turn.language)
                return self._writing.begin(turn, self.name, receipt, text)
            case _Word.FIX:
                text = self._say("follow_fix_ask", turn.language)
                return self._writing.begin(turn, self.name, {**receipt, _IS_FIX: "1"}, text)
            case _Word.DONE:
                return ends(says(self._say("follow_done", turn.language)))
            case _ if said.startswith(MARK):
                return await self._look(turn, receipt)
            case _:
                step = Step(dialogue=self.name, gathered=receipt)
                question = self._say("follow_unasked", turn.language)
                return self._writing.offer(turn, step, said, question)

    async def shown(self, turn: Turn) -> Handled:
        """Take pictures for what is written, and nowhere else."""
        if turn.step.question in QUESTIONS:
            return await self._writing.shown(turn)
        return await self.back(turn)

    async def back(self, turn: Turn) -> Handled:
        """Look again at what the receipt opens, or ask for it."""
        receipt = turn.step.gathered.get(_RECEIPT, "")
        if receipt and turn.step.question != _CODE:
            return await self._look(turn, {_RECEIPT: receipt})
        return await self.start(turn)

    async def skip(self, turn: Turn) -> Handled:
        """There is nothing to skip to."""
        return await self.back(turn)

    def takes_pictures(self, turn: Turn) -> bool:
        """Tell whether something is being written at the moment."""
        return turn.step.question in QUESTIONS

    # --- what the receipt opens --------------------------------------------------------------

    def _ask_code(self, turn: Turn, gathered: dict[str, str], key: str) -> Handled:
        step = Step(dialogue=self.name, question=_CODE, gathered=gathered)
        return Handled(replies=(says(self._say(key, turn.language)),), step=step)

    async def _opened(self, turn: Turn, gathered: dict[str, str]) -> Followed | Handled:
        """Return what the receipt opens, or what is said if it opens nothing."""
        try:
            followed = await self._talks.follow(gathered.get(_RECEIPT, ""))
        except TooManyTries as error:
            minutes = max(1, -(-error.wait_s // 60))
            return ends(says(self._say("follow_wait", turn.language, minutes=minutes)))
        if followed is not None:
            return followed
        left = {name: value for name, value in gathered.items() if name == _TO_WITHDRAW}
        return self._ask_code(turn, left, "follow_unknown")

    async def _look(self, turn: Turn, gathered: dict[str, str]) -> Handled:
        followed = await self._opened(turn, gathered)
        if isinstance(followed, Handled):
            return followed
        if _TO_WITHDRAW in gathered:
            return self._ask_sure(turn, followed, gathered)
        if followed.is_handed and followed.has_talk:
            drawn = await self._talks.draw()
            return self._show_fresh(turn, {**gathered, _FRESH: drawn})
        return self._menu(turn, followed, gathered)

    def _menu(self, turn: Turn, followed: Followed, gathered: dict[str, str]) -> Handled:
        since = f"{followed.since.astimezone(self._zone):%d/%m/%Y}"
        status = self._say(
            "follow_status", turn.language, state=self._state(turn, followed), since=since
        )
        parts = [status, *self._dialogue(turn, followed.said)]
        words = [("follow_withdraw", _Word.WITHDRAW), ("follow_done_button", _Word.DONE)]
        if followed.has_talk:
            words = [("follow_add", _Word.ADD), ("follow_fix", _Word.FIX), *words]
        choices = [Choice(label=self._say(key, turn.language), word=word) for key, word in words]
        # What a receipt leads to is nobody else's business, so it is not kept in the chat.
        return Handled(
            replies=(says("\n".join(part.strip() for part in parts), *choices, is_secret=True),),
            step=Step(dialogue=self.name, question=_MENU, gathered={_RECEIPT: gathered[_RECEIPT]}),
        )

    def _dialogue(self, turn: Turn, said: Sequence[Said]) -> list[str]:
        """Return the newest messages as lines, and where the rest and the pictures are."""
        shown = said[-_MOST_SHOWN:]
        lines = [self._line(turn, one) for one in shown]
        has_more = len(said) > len(shown) or any(len(one.text) > _LONGEST_SHOWN for one in shown)
        if has_more or any(one.pictures for one in shown):
            lines.append(self._say("follow_page", turn.language, link=self._follow_url))
        return lines

    def _line(self, turn: Turn, one: Said) -> str:
        key = "follow_officers_said" if one.by_officers else "follow_you_said"
        text = one.text if len(one.text) <= _LONGEST_SHOWN else f"{one.text[:_LONGEST_SHOWN]}…"
        if one.is_correction:
            text = self._say("follow_fixed", turn.language, text=text)
        if one.pictures:
            pictures = self._say("follow_pictures", turn.language, count=len(one.pictures))
            text = f"{text} {pictures.strip()}"
        day = f"{one.at.astimezone(self._zone):%d/%m}"
        return self._say(key, turn.language, day=day, text=text.strip())

    def _state(self, turn: Turn, followed: Followed) -> str:
        key = f"state_{followed.state.value}"
        if followed.state is TipState.PASSED_ON:
            named = f"passed_to_{followed.passed_to}" if followed.passed_to else "passed_on_to"
            to = self._say(named, turn.language)
            return self._say(key, turn.language, to=to)
        return self._say(key, turn.language)

    # --- acts --------------------------------------------------------------------------------

    async def _wrote(self, turn: Turn, written: Handled | Written) -> Handled:
        if isinstance(written, Handled):
            return written
        gathered = {_RECEIPT: turn.step.gathered.get(_RECEIPT, "")}
        followed = await self._opened(turn, gathered)
        if isinstance(followed, Handled):
            return followed
        if not followed.has_talk:
            return self._menu(turn, followed, gathered)
        is_fix = _IS_FIX in turn.step.gathered
        effect = self._talks.add(followed, written.letter, is_correction=is_fix)
        choices = (
            Choice(label=self._say("follow_add", turn.language), word=_Word.ADD),
            Choice(label=self._say("follow_done_button", turn.language), word=_Word.DONE),
        )
        return Handled(
            replies=(says(self._say("follow_reply_sent", turn.language), *choices),),
            step=Step(dialogue=self.name, question=_MENU, gathered=gathered),
            effects=(effect, *written.effects),
        )

    def _ask_sure(self, turn: Turn, followed: Followed, gathered: dict[str, str]) -> Handled:
        gathered = {_RECEIPT: gathered[_RECEIPT]}
        if followed.tip.is_held:
            return before(
                says(self._say("talk_held", turn.language)), self._menu(turn, followed, gathered)
            )
        choices = (
            Choice(label=self._say("withdraw_keep", turn.language), word=_Word.KEEP),
            Choice(label=self._say("withdraw_indeed", turn.language), word=_Word.WITHDRAW_INDEED),
        )
        return Handled(
            replies=(says(self._say("withdraw_ask", turn.language), *choices, is_secret=True),),
            step=Step(dialogue=self.name, question=_SURE, gathered=gathered),
        )

    async def _withdrawn(self, turn: Turn) -> Handled:
        gathered = {_RECEIPT: turn.step.gathered.get(_RECEIPT, "")}
        followed = await self._opened(turn, gathered)
        if isinstance(followed, Handled):
            return followed
        if followed.tip.is_held:
            return self._ask_sure(turn, followed, gathered)
        return Handled(
            replies=(says(self._say("withdrawn", turn.language), is_secret=True),),
            effects=(self._talks.withdraw(followed),),
        )

    def _show_fresh(self, turn: Turn, gathered: dict[str, str]) -> Handled:
        """Show the receipt that takes the place of one somebody else has seen."""
        text = self._say("exchange_show", turn.language, receipt=gathered[_FRESH])
        choice = Choice(label=self._say("exchange_done", turn.language), word=_Word.COPIED)
        label = self._say("receipt_code", turn.language)
        return Handled(
            replies=(shows_receipt(text, choice, receipt=gathered[_FRESH], label=label),),
            step=Step(dialogue=self.name, question=_EXCHANGE, gathered=gathered),
        )

    async def _exchanged(self, turn: Turn) -> Handled:
        gathered = dict(turn.step.gathered)
        followed = await self._opened(turn, gathered)
        if isinstance(followed, Handled):
            return followed
        fresh = {_RECEIPT: gathered[_FRESH]}
        effect = await self._talks.exchange(followed, gathered[_FRESH])
        told: Outgoing = says(self._say("exchanged", turn.language))
        menu = before(told, self._menu(turn, followed, fresh))
        return Handled(replies=menu.replies, step=menu.step, effects=(effect,))
