"""What the bot does in a group: little, and nothing that only one person should read.

It answers words meant for it, in one message without buttons. What tells on somebody is taken
away where that is allowed and sent to private, without naming, quoting or answering anyone.
Nothing of the talk is kept: no step, no draft.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bot.core.channels import ChannelKind
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind, Outgoing
from bot.core.storage import Work
from bot.core.text import clean, split_text
from bot.core.turns import Effect, Handled, Turn, Wrote
from bot.services.answers.answers import UNKNOWN, Answers
from bot.services.groups.alarms import GroupAlarms
from bot.services.groups.albums import GroupAlbums
from bot.services.groups.codes import GroupCodes, Verdict
from bot.services.groups.groups import Groups, Place
from bot.services.groups.ways import Ways
from bot.services.one_time_codes import CODE_LENGTH
from bot.services.units.units import contacts_of
from content.book import Book
from content.danger import DangerRule
from content.topics import GREETING
from content.words import Command, CommandKey
from handlers.dialogue import ends, says
from handlers.emergency import Emergency
from handlers.menu import Menu

# Whoever is in danger writes shortly. What neighbours pass on from the news is long, and full
# of fires that are elsewhere.
LONGEST_CRY: Final = 300
# Danger in words meant for us is looked for in pieces of this size.
_PIECE: Final = 2_500
# What is typed with these words, and a receipt in whatever words, must not stand in a group.
_SECRET: Final = frozenset(
    {CommandKey.TIP, CommandKey.TRACK, CommandKey.WITHDRAW, CommandKey.ANSWER}
)
# With dashes as it was given, or in capitals without them.
_RECEIPT: Final = re.compile(
    r"(?<!\w)(?:(?:[0-9A-Za-z]{4}[–-]){5}|(?:[0-9A-Z]{4}\s){5})[0-9A-Za-z]{4}(?!\w)"
)
_PRIVATE: Final = {
    CommandKey.JOIN: "thamgia",
    CommandKey.LEAVE: "",
    CommandKey.PLEDGE: "camket",
    CommandKey.DATA: "",
    CommandKey.INTERESTS: "chude",
    CommandKey.CHECK: "kiemtra",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupServices:
    """What the talk in groups is made of."""

    groups: Groups
    codes: GroupCodes
    alarms: GroupAlarms
    albums: GroupAlbums
    ways: Ways
    answers: Answers
    wrote: Wrote


class GroupTalk:
    """Handles every turn in a group."""

    def __init__(
        self, book: Book, services: GroupServices, *, emergency: Emergency, menu: Menu
    ) -> None:
        self._say = book.voice("group")
        self._book = book
        self._is = services
        self._emergency = emergency
        self._menu = menu

    def in_private(self, turn: Turn) -> Handled:
        """Answer the word that only counts in groups where somebody says it in private."""
        return ends(says(self._say("link_only_in_group", turn.language)))

    async def handle(self, turn: Turn) -> Handled:
        """Return what to say in the group and change."""
        place = await self._is.groups.place(turn.incoming.address)
        # Neighbours read along in the language of the place, whoever asks.
        turn = replace(turn, language=Language.VI, contacts=self._contacts(turn, place))
        if place.line:
            turn = replace(turn, unit=place.line[0])
        handled = await self._handled(turn, place)
        return replace(handled, effects=(*self._noted(turn, place, handled), *handled.effects))

    def _contacts(self, turn: Turn, place: Place) -> dict[str, str]:
        return contacts_of(place.line) if place.line else dict(turn.contacts)

    def _noted(self, turn: Turn, place: Place, handled: Handled) -> Sequence[Effect]:
        """Return what every message leaves behind: that the group is there, that one wrote."""
        effects: list[Effect] = []
        if not place.is_known:
            effects.append(partial(_noticed, groups=self._is.groups, turn=turn))
        # Zalo counts words in a group of ours as words to us; nobody else counts windows.
        if turn.channel_kind is ChannelKind.ZALO and not handled.leaves_no_mark:
            effects.append(partial(_wrote, wrote=self._is.wrote, turn=turn))
        return effects

    async def _handled(self, turn: Turn, place: Place) -> Handled:
        incoming = turn.incoming
        said = clean(incoming.text)
        if incoming.kind is IncomingKind.START:
            return await self._started(turn, place, said)
        if not said:
            return await self._shown(turn, place)
        command = self._book.command(said)
        if command is None and incoming.kind is IncomingKind.CHOICE:
            return Handled()
        secret = _secret(said, command)
        if not _is_meant(incoming, said, command) and not (secret and _holds_receipt(said)):
            return await self._overheard(turn, said)
        if command is not None and len(said.split()) == 1:
            return await self._command(turn, place, command)
        if (danger := self._danger(said)) is not None:
            return await self._cried(turn, place, danger, secret)
        if secret is not None:
            return await self._to_private(turn, place, secret)
        if command is not None:
            return await self._command(turn, place, command)
        if self._is.answers.tells_on_somebody(said):
            return await self._to_private(turn, place, CommandKey.TIP)
        return await self._asked(turn, said)

    # --- danger -------------------------------------------------------------------------------

    async def _overheard(self, turn: Turn, said: str) -> Handled:
        """Answer nothing that is not meant for us, but danger that leaves no doubt.

        A chatty group is full of burnt rice and battles of games: only the rules that need no
        second sign count, only in short messages, and of the same danger it speaks once in ten
        minutes. Missing a fire is worse than one message too many; the tenth is read by nobody.
        """
        if len(said) > LONGEST_CRY:
            return Handled()
        danger = self._is.answers.danger(said, only_sure=True)
        if danger is None:
            return Handled()
        if not await self._is.alarms.is_due(turn.conversation, danger.kind):
            return Handled()
        given = partial(self._is.alarms.given, conversation=turn.conversation, danger=danger.kind)
        return replace(self._endangered(turn, danger), effects=(given,))

    def _danger(self, said: str) -> DangerRule | None:
        pieces = split_text(said, _PIECE)
        return next((rule for piece in pieces if (rule := self._is.answers.danger(piece))), None)

    def _endangered(self, turn: Turn, danger: DangerRule) -> Handled:
        """Return the number first and what to do; a group is asked nothing."""
        return ends(replace(self._emergency.first(turn, danger), choices=()))

    async def _cried(
        self, turn: Turn, place: Place, danger: DangerRule, secret: CommandKey | None
    ) -> Handled:
        """Return the number first; a cry stays for neighbours to read, a tip does not."""
        told = self._endangered(turn, danger)
        if secret is None:
            return told
        private = await self._to_private(turn, place, secret)
        return replace(private, replies=(*told.replies, *private.replies))

    # --- words --------------------------------------------------------------------------------

    async def _started(self, turn: Turn, place: Place, payload: str) -> Handled:
        if (danger := self._danger(payload)) is not None:
            return self._endangered(turn, danger)
        command = self._book.command(f"/start {payload}") if payload else None
        if command is None:
            return await self._about(turn, place)
        # A link that lets the bot into a group may say the bare code there.
        if command.key is CommandKey.START and len(command.argument) == CODE_LENGTH:
            return await self._link(turn, place, command.argument)
        return await self._command(turn, place, command)

    async def _command(self, turn: Turn, place: Place, command: Command) -> Handled:
        match command.key:
            case CommandKey.LINK:
                return await self._link(turn, place, command.argument)
            case CommandKey.EMERGENCY:
                return self._emergency.numbers(turn)
            case key if key in _SECRET:
                return await self._to_private(turn, place, command.key)
            case CommandKey.START | CommandKey.HELP:
                return await self._about(turn, place)
            case CommandKey.PERSON:
                return self._menu.person(turn)
            case key if key in _PRIVATE:
                link = await self._is.ways.into_chat(turn.incoming.channel_id, _PRIVATE[key])
                return ends(says(self._say("privately", turn.language, link=link)))
            case _:
                return Handled()

    async def _about(self, turn: Turn, place: Place) -> Handled:
        if not place.line:
            return ends(says(self._say("hello", turn.language)))
        link = await self._is.ways.into_chat(turn.incoming.channel_id, "")
        return ends(says(self._say("about", turn.language, link=link)))

    async def _to_private(self, turn: Turn, place: Place, key: CommandKey) -> Handled:
        """Take away what was typed, and say to everybody where such things are said."""
        is_tip = key is CommandKey.TIP
        word = "togiac" if is_tip else "theodoi"
        link = await self._is.ways.into_chat(turn.incoming.channel_id, word)
        form = self._is.ways.tip_form if is_tip else self._is.ways.follow_page
        sentence = "tell_privately" if is_tip else "follow_privately"
        told = says(self._say(sentence, turn.language, link=link, form=form))
        replies = (*self._taken_away(turn, place), told)
        album = _album(turn.incoming) if place.can_delete else ""
        effects: tuple[Effect, ...] = ()
        if album:
            unwanted = self._is.albums.unwanted
            effects = (partial(unwanted, conversation=turn.conversation, album=album),)
        return Handled(replies=replies, effects=effects, leaves_no_mark=True)

    async def _shown(self, turn: Turn, place: Place) -> Handled:
        """Take away a picture without words that belongs to what was taken away already."""
        album = _album(turn.incoming) if place.can_delete else ""
        if not album or not await self._is.albums.is_unwanted(turn.conversation, album):
            return Handled()
        return Handled(replies=tuple(self._taken_away(turn, place)), leaves_no_mark=True)

    def _taken_away(self, turn: Turn, place: Place) -> Sequence[Outgoing]:
        """Return what deletes the message, if we may; nothing is said where that fails."""
        message_id = turn.incoming.message_id
        if message_id is None or not place.can_delete:
            return ()
        return (Outgoing(text="", replaces=(message_id,), is_recall=True),)

    async def _link(self, turn: Turn, place: Place, typed: str) -> Handled:
        if not typed:
            return ends(says(self._say("link_how", turn.language)))
        address = turn.incoming.address
        redemption = await self._is.codes.redeem(address, turn.conversation, typed)
        effects = () if redemption.effect is None else (redemption.effect,)
        if redemption.verdict is not Verdict.LINKED or redemption.unit is None:
            answer = says(self._say(redemption.verdict, turn.language))
            return Handled(replies=(*self._taken_away(turn, place), answer), effects=effects)
        unit = redemption.unit
        link = await self._is.ways.into_unit(turn.incoming.channel_id, unit.join_code)
        welcome = says(self._say("linked", turn.language, unit=unit.name, link=link))
        return Handled(replies=(*self._taken_away(turn, place), welcome), effects=effects)

    async def _asked(self, turn: Turn, said: str) -> Handled:
        """Answer a question shortly: only the first message of the answer, nothing to tap."""
        answer = self._is.answers.answer(said, unit=turn.contacts, language=turn.language)
        link = await self._is.ways.into_chat(turn.incoming.channel_id, "")
        if answer.intent == GREETING and not answer.name:
            return ends(says(self._say("about", turn.language, link=link)))
        if answer.intent == UNKNOWN or not answer.texts:
            return ends(says(self._say("not_understood", turn.language, link=link)))
        return ends(says(answer.texts[0]))


def _is_meant(incoming: Incoming, said: str, command: Command | None) -> bool:
    """Tell whether words are meant for us: a slash is, unless it names another program.

    Whatever it names, danger is answered, and what is secret must not stand there.
    """
    if incoming.is_for_bot or command is None or not said.startswith("/"):
        return incoming.is_for_bot
    always = command.key is CommandKey.EMERGENCY or command.key in _SECRET
    return always or "@" not in said.split(maxsplit=1)[0]


def _secret(said: str, command: Command | None) -> CommandKey | None:
    """Return what belongs in private by the word it began with, or by the receipt it holds."""
    if command is not None and command.key in _SECRET:
        return command.key
    return CommandKey.TRACK if _holds_receipt(said) else None


def _holds_receipt(said: str) -> bool:
    found = _RECEIPT.search(said)
    return found is not None and any(mark.isdigit() for mark in found[0])


def _album(incoming: Incoming) -> str:
    return next((one.album for one in incoming.media if one.album), "")


async def _noticed(work: Work, *, groups: Groups, turn: Turn) -> None:
    await groups.noticed(work, address=turn.incoming.address)


async def _wrote(work: Work, *, wrote: Wrote, turn: Turn) -> None:
    incoming = turn.incoming
    person = await work.people.find(incoming.channel_id, incoming.sender)
    if person is not None and incoming.at is not None:
        await wrote(work, person, incoming.at)
