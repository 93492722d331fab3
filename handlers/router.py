"""Which dialogue a turn belongs to. Danger comes before everything else.

1. danger in any words            the number to call
2. a word of `content/words.yaml`   its dialogue
3. a step that stands             goes on
4. anything else                  a question

While a human answers in the conversation, only the fourth is left to them. Where officers were
asked to answer (`turn.handover`) it goes to their inbox, but for what belongs to a tip.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bot.core.dialogues import Step
from bot.core.handovers import HandoverReason
from bot.core.languages import Language
from bot.core.messages import IncomingKind, Outgoing
from bot.core.text import clean, fold, split_text
from bot.core.turns import Handled, Turn
from bot.services.answers.answers import Answer, Answers
from bot.services.people.people import People
from content.book import Book
from content.danger import DangerRule
from content.words import Command, CommandKey
from handlers.dialogue import MARK, Dialogue, says
from handlers.emergency import NAME as EMERGENCY
from handlers.emergency import RETELL, Emergency
from handlers.group import GroupTalk
from handlers.handover import ABOUT, TO_ANSWERING, HandOver
from handlers.interests import InterestDialogue
from handlers.introduction import Introduction
from handlers.join import Join
from handlers.menu import Menu
from handlers.notice_chat import NoticeChat
from handlers.pledge import Pledge
from handlers.privacy import Privacy
from handlers.questions import TOPIC, Questions
from handlers.scams import NAME as SCAM
from handlers.scams import ScamDialogue
from handlers.talk import TalkDialogue
from handlers.tips import TipDialogue
from handlers.track import Track
from handlers.writing import HELD, PICTURES, QUESTIONS, before

# Longer texts are read up to here; danger at the end of a long story still counts.
LONGEST_READ: Final = 4_000
# Danger is looked for in pieces of this size.
_PIECE: Final = 2_500
# No list of choices has a hundred: a longer number is a telephone's.
_LONGEST_NUMBER: Final = 2
# Questions that only a choice answers.
_WAIT_FOR_A_WORD: Final = frozenset(
    {"tell", "sign", "shown", "sure", "consent", "contact", "exchange", "burn"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogues:
    """Everything the router can hand a turn to."""

    menu: Menu
    emergency: Emergency
    introduction: Introduction
    questions: Questions
    hand_over: HandOver
    scam: ScamDialogue
    tip: TipDialogue
    track: Track
    talk: TalkDialogue
    join: Join
    pledge: Pledge
    privacy: Privacy
    interests: InterestDialogue
    group: GroupTalk
    notice_chat: NoticeChat


class Router:
    """The handler of `bot.core.turns`."""

    def __init__(self, book: Book, answers: Answers, people: People, dialogues: Dialogues) -> None:
        self._book = book
        self._answers = answers
        self._people = people
        self._is = dialogues
        self._sorry = book.voice("menu", "trouble")
        self._by_name: Mapping[str, Dialogue] = {
            one.name: one
            for one in (
                dialogues.emergency,
                dialogues.scam,
                dialogues.tip,
                dialogues.track,
                dialogues.talk,
                dialogues.join,
                dialogues.pledge,
                dialogues.privacy,
                dialogues.interests,
            )
        }

    def apology(self, language: Language) -> Outgoing:
        """Return what is said when a message could not be handled at all."""
        return says(self._sorry("trouble", language))

    async def handle(self, turn: Turn) -> Handled:
        """Return what to say and change."""
        match turn.incoming.kind:
            case IncomingKind.STOPPED:
                return Handled(
                    effects=(partial(self._people.lost, address=turn.incoming.address),)
                )
            case IncomingKind.WITHDREW:
                return self._is.privacy.withdrew(turn)
            case (
                IncomingKind.ECHO
                | IncomingKind.IGNORED
                | IncomingKind.CONTACT
                | IncomingKind.GROUP
                | IncomingKind.ACCOUNT
            ):
                # Nobody said anything; who acts on it is entered in `bot.app`.
                return Handled(step=turn.step)
            case _ if turn.incoming.is_group:
                return await self._is.group.handle(turn)
            case IncomingKind.START:
                handled = self._introduced(turn, await self._started(turn))
            case IncomingKind.TEXT | IncomingKind.CHOICE:
                handled = await self._said(turn, turn.incoming.text)
            case _:
                handled = await self._shown(turn)
        handled = self._is.tip.going_on(turn, handled)
        return self._unmarked(turn, self._welcomed_back(turn, handled))

    def _unmarked(self, turn: Turn, handled: Handled) -> Handled:
        """Leave no mark of the hour when somebody writes a tip or looks for an answer to one."""
        secret = {*self._of_tips(), EMERGENCY}
        is_secret = not secret.isdisjoint({turn.step.dialogue, handled.step.dialogue})
        is_secret = is_secret or any(reply.is_secret for reply in handled.replies)
        return replace(handled, leaves_no_mark=True) if is_secret else handled

    def _of_tips(self) -> set[str]:
        """Return the dialogues whose words may never be joined to a chat."""
        return {self._is.tip.name, self._is.track.name, self._is.talk.name}

    def _welcomed_back(self, turn: Turn, handled: Handled) -> Handled:
        """Reach somebody again whom the platform had lost: they have just written."""
        if turn.person is None or turn.person.is_reachable:
            return handled
        effect = partial(self._people.found_again, person=turn.person)
        # First, so that an act of the turn itself (leaving) has the last word.
        return replace(handled, effects=(effect, *handled.effects))

    async def _started(self, turn: Turn) -> Handled:
        payload = clean(turn.incoming.text)
        if (danger := self._danger(payload)) is not None:
            return await self._endangered(turn, danger, payload[:LONGEST_READ])
        command = self._book.command(f"/start {payload}") if payload else None
        if command is not None and command.key is not CommandKey.START:
            return await self._command(turn, command)
        return self._is.menu.greeting(turn)

    async def _shown(self, turn: Turn) -> Handled:
        """Pictures, files, voices: read what is written under them, for there may be danger."""
        is_tip = turn.step.dialogue == self._is.tip.name
        if (writing := self._written_in(turn)) is not None:
            handled = await writing.shown(turn)
            danger = self._danger(clean(turn.incoming.text))
            return handled if danger is None else before(self._first(turn, danger), handled)
        if clean(turn.incoming.text):
            handled = await self._said(turn, turn.incoming.text)
            if not is_tip and turn.handover is not None:
                return replace(
                    handled, replies=(*handled.replies, *self._is.hand_over.shown(turn).replies)
                )
            if not is_tip:
                return handled
            if self._danger(clean(turn.incoming.text)) is not None:
                # The number to call waits for no picture.
                return self._is.tip.without_pictures(turn, handled)
            return await self._is.tip.with_pictures(turn, handled)
        if is_tip:
            return await self._is.tip.shown(turn)
        if turn.step.dialogue == SCAM:
            return self._is.scam.shown(turn)
        if turn.handover is not None:
            return self._is.hand_over.shown(turn)
        return self._introduced(turn, self._is.questions.shown(turn))

    def _written_in(self, turn: Turn) -> Track | TalkDialogue | None:
        """Return the dialogue in which something is being written to the officers, if any."""
        for one in (self._is.track, self._is.talk):
            if turn.step.dialogue == one.name and turn.step.question in QUESTIONS:
                return one
        return None

    async def _said(self, turn: Turn, raw: str) -> Handled:
        said = self._meant(turn, clean(raw))
        if not said:
            return self._is.menu.unsupported(turn)
        is_word = said.startswith((MARK, TOPIC)) and turn.incoming.kind is IncomingKind.CHOICE
        is_word = is_word or said in {word for _, word in turn.step.offered}
        command = None if said.startswith(MARK) else self._book.command(said)
        # A cry behind a word ("/togiac cháy nhà rồi") is a cry, whatever the word is.
        is_bare_word = command is not None and len(said.split()) == 1
        if not is_word and not is_bare_word:
            danger = self._danger(said)
            if danger is not None:
                return await self._endangered(turn, danger, said[:LONGEST_READ])
        if command is not None:
            return await self._command(turn, command)
        return await self._continue(turn, said[:LONGEST_READ], is_word=is_word)

    def _meant(self, turn: Turn, said: str) -> str:
        """Return the word behind a number or a label typed by hand, else what was said."""
        offered = turn.step.offered
        is_number = said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER
        if is_number and 1 <= int(said) <= len(offered):
            return offered[int(said) - 1][1] or said
        folded = fold(said)
        for label, word in offered:
            if word and fold(label) == folded:
                return word
        return said

    def _danger(self, said: str) -> DangerRule | None:
        pieces = split_text(said, _PIECE)
        return next((rule for piece in pieces if (rule := self._answers.danger(piece))), None)

    async def _endangered(self, turn: Turn, danger: DangerRule, said: str) -> Handled:
        first = self._first(turn, danger)
        if (writing := self._written_in(turn)) is not None:
            return before(first, await writing.proceed(turn, said))
        if turn.step.dialogue == SCAM:
            return before(first, await self._is.scam.proceed(turn, said))
        if (turn.step.dialogue, turn.step.question) == (EMERGENCY, RETELL):
            # Danger in other words is still danger: it goes to the officers, not asked again.
            return before(first, await self._is.emergency.proceed(turn, said))
        if turn.step.dialogue != self._is.tip.name:
            # Swindlers write of accidents and kidnappings: the number first, then their trick.
            checked = None if turn.step.dialogue else self._is.scam.unasked(turn, said)
            if checked is not None:
                return before(first, checked)
            return self._is.emergency.danger(turn, danger, said)
        # In the middle of a tip: the number first, then whether the tip goes on.
        asked = self._is.tip.endangered(turn, said, first)
        return asked or before(first, await self._is.tip.proceed(turn, said))

    def _first(self, turn: Turn, danger: DangerRule) -> Outgoing:
        return self._is.emergency.first(turn, danger)

    async def _command(self, turn: Turn, command: Command) -> Handled:
        match command.key:
            case CommandKey.START:
                return self._introduced(turn, self._is.menu.greeting(turn))
            case CommandKey.HELP:
                return self._is.menu.help(turn)
            case CommandKey.EMERGENCY:
                return self._is.emergency.numbers(turn)
            case CommandKey.PERSON:
                return await self._person(turn)
            case CommandKey.CANCEL:
                return await self._cancelled(turn)
            case CommandKey.LEAVE:
                return self._is.join.leave(turn)
            case CommandKey.LINK:
                return await self._linked(turn, command.argument)
            case CommandKey.WITHDRAW:
                return await self._is.track.withdraw(turn, command.argument)
            case CommandKey.BACK | CommandKey.SKIP:
                return await self._moved(turn, command.key)
            case _:
                return await self._dialogue(command.key).start(_fresh(turn), command.argument)

    async def _moved(self, turn: Turn, key: CommandKey) -> Handled:
        active = self._by_name.get(turn.step.dialogue)
        if active is None:
            return self._is.menu.greeting(turn)
        return await (active.back(turn) if key is CommandKey.BACK else active.skip(turn))

    async def _person(self, turn: Turn) -> Handled:
        if turn.step.dialogue in self._of_tips():
            return self._is.hand_over.in_a_tip(turn)
        return await self._is.hand_over.ask(turn, HandoverReason.ASKED)

    async def _linked(self, turn: Turn, code: str) -> Handled:
        if code:
            return await self._is.notice_chat.link(turn, code)
        return self._is.group.in_private(turn)

    async def _cancelled(self, turn: Turn) -> Handled:
        if turn.step.dialogue == self._is.interests.name:
            # What was ticked is kept already, and nothing else was begun.
            return await self._is.interests.skip(turn)
        if turn.step.dialogue == self._is.talk.name:
            return self._is.talk.cancelled(turn)
        if turn.handover is not None and not turn.step.dialogue:
            return self._is.hand_over.leave(turn)
        handled = self._is.menu.cancelled(turn)
        if turn.step.dialogue != self._is.tip.name and PICTURES not in turn.step.gathered:
            return handled
        return self._is.tip.cancelled(turn, handled)

    def _dialogue(self, key: CommandKey) -> Dialogue:
        by_key: Mapping[CommandKey, Dialogue] = {
            CommandKey.TIP: self._is.tip,
            CommandKey.TRACK: self._is.track,
            CommandKey.ANSWER: self._is.talk,
            CommandKey.JOIN: self._is.join,
            CommandKey.PLEDGE: self._is.pledge,
            CommandKey.DATA: self._is.privacy,
            CommandKey.INTERESTS: self._is.interests,
            CommandKey.CHECK: self._is.scam,
        }
        return by_key[key]

    async def _continue(self, turn: Turn, said: str, *, is_word: bool) -> Handled:
        active = self._by_name.get(turn.step.dialogue)
        if is_word and said.startswith(TOPIC):
            return _beside(
                active, turn, self._introduced(turn, self._is.questions.topic(turn, said))
            )
        if is_word and said.startswith(ABOUT) and turn.step.dialogue not in self._of_tips():
            return await self._is.hand_over.ask_about(turn, said)
        if is_word and said == TO_ANSWERING:
            held = turn.step.gathered.get(HELD, "")
            return self._is.hand_over.wrote(_fresh(turn), held) if held else Handled()
        if active is not None and (is_word or self._is_an_answer(turn, said)):
            return await active.proceed(turn, said)
        if said.startswith(MARK):
            # A button of a question that is no longer open.
            return self._is.menu.expired(turn, word="/batdau")
        # What was begun and ran out may have been a tip: its writer is told first.
        if turn.handover is not None and not turn.has_expired:
            return await self._to_officers(turn, said)
        answer = self._is.questions.find(turn, said)
        is_understood = self._is.questions.is_understood(answer)
        may_answer = active is None and not (is_understood or turn.has_human)
        # Perhaps the answer to officers who asked something here.
        if may_answer and (offered := await self._is.talk.unasked(turn, said)) is not None:
            return offered
        # Nobody else would tell somebody that what they were writing has closed.
        is_told = turn.has_human or not is_understood
        if turn.has_expired and is_told:
            return self._is.menu.expired(turn, word="/batdau")
        asked = await self._asked(turn, said, answer)
        return _beside(active, turn, self._introduced(turn, asked))

    def _introduced(self, turn: Turn, handled: Handled) -> Handled:
        """Say once that a program answers; never in a dialogue, and never before a number."""
        if turn.step.dialogue or handled.step.dialogue or turn.has_human:
            return handled
        return self._is.introduction.added(turn, handled)

    async def _asked(self, turn: Turn, said: str, answer: Answer | None = None) -> Handled:
        checked = None if turn.has_human else self._is.scam.unasked(turn, said)
        return await self._is.questions.ask(turn, said, answer) if checked is None else checked

    async def _to_officers(self, turn: Turn, said: str) -> Handled:
        """Leave words to the officers who were asked to answer here."""
        if turn.step.dialogue in self._of_tips():
            # Beside a tip that is being written the bot answers, as ever.
            answered = await self._asked(replace(turn, has_human=False), said)
            return replace(answered, step=turn.step)
        # Perhaps they are for those who asked something about a tip: only the writer knows.
        choice = self._is.hand_over.to_answering(turn)
        asked = await self._is.talk.unasked(turn, said, choice)
        return asked or self._is.hand_over.wrote(turn, said)

    def _is_an_answer(self, turn: Turn, said: str) -> bool:
        """Tell whether words typed by hand answer the question that stands.

        A question about something else while we wait for a yes or no is a question.
        """
        if turn.step.dialogue == self._is.interests.name:
            return self._is.interests.is_answer(turn, said)
        if turn.step.dialogue == EMERGENCY:
            return turn.step.question == RETELL
        if turn.step.question in _WAIT_FOR_A_WORD:
            return False
        return bool(said)


def _beside(active: Dialogue | None, turn: Turn, answer: Handled) -> Handled:
    """Return the answer to a question asked in between; what we asked still stands."""
    return answer if active is None else replace(answer, step=turn.step)


def _fresh(turn: Turn) -> Turn:
    """Return the turn without the step that a new dialogue replaces."""
    return replace(turn, step=Step())
