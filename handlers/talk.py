"""Answering officers in the chat: over the way back, without anybody learning whose chat it is.

The way back was made only for those who wanted it. Several tips of one chat are told apart by
their number there. It can be burnt for good.
"""

from typing import Final

from bot.core.channels import ChannelKind
from bot.core.dialogues import Step
from bot.core.messages import Choice, Outgoing
from bot.core.turns import Effect, Handled, Turn
from bot.services.tips.receiving.pictures import TipPictures
from bot.services.tips.receiving.routes import OpenTalk, ReplyRoutes
from content.book import Book
from handlers.dialogue import ends, says
from handlers.writing import Writing, Written

_BURN_ASKED: Final = "burn"
_PAUSE: Final = "~talk_pause"
_BURN: Final = "~talk_burn"
_NUMBER: Final = "number"
_CLEANING: Final = {
    ChannelKind.TELEGRAM: "tidy_telegram",
    ChannelKind.ZALO: "tidy_zalo",
    ChannelKind.WEB: "tidy_web",
}


class TalkDialogue:
    """Takes answers to what officers asked."""

    name = "talk"

    def __init__(
        self, book: Book, routes: ReplyRoutes, pictures: TipPictures, *, follow_url: str
    ) -> None:
        self._say = book.voice("tips")
        self._routes = routes
        self._writing = Writing(book, pictures)
        self._follow_url = follow_url

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Ask what to answer; with several dialogues, to which."""
        talks = await self._routes.talks(turn.conversation)
        if not talks:
            return ends(self._none(turn))
        picked = talks[0] if len(talks) == 1 else None
        if argument.strip().isdecimal():
            picked = next((one for one in talks if one.number == int(argument)), picked)
        return self._pick(turn, talks) if picked is None else self._ask(turn, picked)

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Send the answer, or stop."""
        talk = await self._talk(turn)
        if talk is None:
            return ends(self._none(turn))
        if turn.step.question == _BURN_ASKED:
            return self._stopped(turn, talk, said)
        return self._sent(turn, talk, await self._writing.proceed(turn, said))

    async def shown(self, turn: Turn) -> Handled:
        """Take pictures for the answer."""
        if turn.step.question == _BURN_ASKED:
            return self.cancelled(turn)
        return await self._writing.shown(turn)

    async def back(self, turn: Turn) -> Handled:
        """Ask again what to answer."""
        return self._writing.back(turn)

    async def skip(self, turn: Turn) -> Handled:
        """Ask again: there is nothing to skip to."""
        return self._writing.back(turn)

    async def unasked(self, turn: Turn, said: str, *others: Choice) -> Handled | None:
        """Return whether such words shall go to the officers, if a dialogue is open here.

        Many answer right below what they were asked, and tap no button first. `others` are places
        they may be meant for instead.
        """
        talks = await self._routes.talks(turn.conversation)
        if not talks:
            return None
        newest = talks[-1]
        step = Step(dialogue=self.name, gathered={_NUMBER: str(newest.number)})
        question = self._say("talk_unasked", turn.language, number=newest.number)
        return self._writing.offer(turn, step, said, question, *others)

    def cancelled(self, turn: Turn) -> Handled:
        """Ask whether only this answer ends, or the way back for good; the second time it ends."""
        if turn.step.question == _BURN_ASKED:
            return self._finished(turn, self._say("talk_paused", turn.language))
        choices = (
            Choice(label=self._say("talk_pause", turn.language), word=_PAUSE),
            Choice(label=self._say("talk_burn", turn.language), word=_BURN),
        )
        gathered = {_NUMBER: turn.step.gathered.get(_NUMBER, "1")}
        return Handled(
            replies=(says(self._say("talk_stop_ask", turn.language), *choices),),
            step=Step(dialogue=self.name, question=_BURN_ASKED, gathered=gathered),
            effects=(self._writing.forgetting(turn),),
        )

    def _stopped(self, turn: Turn, talk: OpenTalk, said: str) -> Handled:
        if said == _BURN:
            text = self._say("talk_burnt", turn.language)
            return self._finished(turn, text, self._routes.burn(talk))
        if said == _PAUSE:
            return self._finished(turn, self._say("talk_paused", turn.language))
        return self.cancelled(turn)

    async def _talk(self, turn: Turn) -> OpenTalk | None:
        number = turn.step.gathered.get(_NUMBER, "")
        talks = await self._routes.talks(turn.conversation)
        return next((one for one in talks if str(one.number) == number), None)

    def _ask(self, turn: Turn, talk: OpenTalk) -> Handled:
        text = self._say("talk_answer_ask", turn.language, number=talk.number)
        return self._writing.begin(turn, self.name, {_NUMBER: str(talk.number)}, text)

    def _pick(self, turn: Turn, talks: list[OpenTalk]) -> Handled:
        choices = (
            Choice(
                label=self._say("talk_number", turn.language, number=one.number),
                word=f"/traloi {one.number}",
            )
            for one in talks
        )
        return ends(says(self._say("talk_pick", turn.language), *choices))

    def _sent(self, turn: Turn, talk: OpenTalk, written: Handled | Written) -> Handled:
        if isinstance(written, Handled):
            return written
        more = Choice(label=self._say("talk_more", turn.language), word=f"/traloi {talk.number}")
        text = self._say("talk_sent", turn.language)
        tidy = self._say(_CLEANING[turn.channel_kind], turn.language)
        return Handled(
            replies=(says(f"{text.strip()}\n{tidy.strip()}", more),),
            effects=(self._routes.answer(talk, written.letter), *written.effects),
        )

    def _finished(self, turn: Turn, text: str, *effects: Effect) -> Handled:
        tidy = self._say(_CLEANING[turn.channel_kind], turn.language)
        return Handled(
            replies=(says(f"{text.strip()}\n{tidy.strip()}"),),
            effects=(*effects, self._writing.forgetting(turn)),
        )

    def _none(self, turn: Turn) -> Outgoing:
        return says(self._say("talk_no_way", turn.language, link=self._follow_url))
