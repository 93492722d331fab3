"""The officers' side of a handover: who waits, what they wrote, answering, saying that it is all.

Knows nobody's address and no conversation: an answer is left here, and brought by the side that
talks with residents.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.core.channels import Capabilities
from bot.core.deliveries import DeliveryState
from bot.core.errors import NotFound, RuleBroken
from bot.core.handovers import (
    LONGEST_ANSWER,
    OPEN_STATES,
    Handover,
    HandoverState,
    HandoverWord,
    Speaker,
)
from bot.core.ids import ChannelId, HandoverId, OfficerId
from bot.core.languages import Language
from bot.core.officers import Act, Officer
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from bot.core.text import clean
from bot.core.time import Clock
from bot.core.units import Unit, below
from bot.core.windows import Window, WindowRule
from bot.services.audit import Audit
from bot.services.handovers.seals import HandoverSeals
from content.sentences import Voice

_MOST_SHOWN: Final = 200
_CLOSED: Final = frozenset(HandoverState) - OPEN_STATES
# Moments are full quarters of an hour; a window is shut only when it certainly is.
_SLACK: Final = timedelta(minutes=15)

Offers = Callable[[], Awaitable[Mapping[ChannelId, Capabilities]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWindow:
    """Until when a platform lets us answer: free of charge, and at all."""

    window: Window
    free_until: datetime
    open_until: datetime
    paid_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One handover as the list shows it. `window` is None where answers may always go."""

    handover: Handover
    unit: Unit
    window: AnswerWindow | None
    taken_by: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing said. `text` is None if nobody can read it any more."""

    number: int
    speaker: Speaker
    text: str | None = field(repr=False)
    at: datetime
    state: DeliveryState | None = None
    reason: Reason | None = None
    officer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A handover with all that was said."""

    waiting: Waiting
    lines: Sequence[Line]


class HandoverDesk:
    """Use cases of officers who answer. Others' units do not exist for them."""

    def __init__(
        self,
        *,
        storage: Storage,
        seals: HandoverSeals,
        audit: Audit,
        say: Voice,
        offers: Offers,
        clock: Clock,
    ) -> None:
        """`say` has the sentences the bot ends with; `offers` tells each platform's windows."""
        self._storage = storage
        self._seals = seals
        self._audit = audit
        self._say = say
        self._offers = offers
        self._clock = clock

    async def list(self, officer: Officer, *, is_closed: bool = False) -> list[Waiting]:
        """Return who waits, longest first, then those in hand; or what ended, newest first.

        Shows no word anybody wrote.
        """
        _check(officer)
        async with self._storage.read() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            mine = below(officer.unit_id, list(units.values()))
            states = _CLOSED if is_closed else OPEN_STATES
            found = await work.handovers.of_units(mine, states, limit=_MOST_SHOWN)
            names = await _names(work)
        offers = await self._offers()
        shown = [self._waiting(one, units[one.unit_id], names, offers) for one in found]
        if is_closed:
            return sorted(shown, key=lambda one: _ended_at(one.handover), reverse=True)
        return sorted(shown, key=lambda one: one.handover.state is not HandoverState.WAITING)

    async def count(self, officer: Officer) -> int:
        """Return how many nobody has taken, or hold words nobody has looked at."""
        async with self._storage.read() as work:
            mine = below(officer.unit_id, await work.units.all())
            return await work.handovers.count(mine)

    async def look(
        self, handover_id: HandoverId, officer: Officer, *, counts: bool = True
    ) -> Opened:
        """Return what was said. Raise `NotFound`. Every look is audited.

        New words count as looked at, unless a page that lies open asks by itself.
        """
        async with self._storage.begin() as work:
            handover = await self._mine(work, handover_id, officer)
            words = await work.handovers.words(handover_id)
            seen = handover.seen(handover.last_number) if counts else handover
            if seen != handover:
                await work.handovers.save(seen)
            await self._audit.note(work, "handover.open", by=officer.id, subject=handover_id)
            await work.commit()
        return await self._opened(seen, words)

    async def mark(self, handover_id: HandoverId, officer: Officer) -> str:
        """Return what changes when the page of a handover does. Raise `NotFound`."""
        async with self._storage.read() as work:
            handover = await self._mine(work, handover_id, officer)
            words = await work.handovers.words(handover_id)
        states = "".join((word.state or "-")[:2] for word in words)
        return f"{handover.last_number}.{handover.state}.{handover.taken_by or ''}.{states}"

    async def take(
        self, handover_id: HandoverId, by: Officer, *, instead_of: OfficerId | None = None
    ) -> None:
        """Take it in hand. Raise `NotFound`, `RuleBroken` if somebody else has it by now."""
        async with self._storage.begin() as work:
            await self._taken(work, handover_id, by, instead_of)
            await work.commit()

    async def answer(self, handover_id: HandoverId, by: Officer, text: str) -> None:
        """Leave an answer to be brought, and take the handover if nobody has it.

        Raise `NotFound`, or `RuleBroken`: somebody else has it, it ended, nothing was written,
        the platform lets nobody write there any more.
        """
        text = clean(text)
        if not text:
            raise RuleBroken("handover_answer_empty")
        if len(text) > LONGEST_ANSWER:
            raise RuleBroken("handover_answer_long", longest=LONGEST_ANSWER)
        offers = await self._offers()
        async with self._storage.begin() as work:
            handover = await self._taken(work, handover_id, by, None)
            window = self._window(handover, offers)
            if window is not None and window.window is Window.CLOSED:
                raise RuleBroken("handover_window_closed")
            said = handover.said(Speaker.OFFICER, at=self._clock.now())
            word = HandoverWord(
                handover_id=said.id,
                number=said.last_number,
                speaker=Speaker.OFFICER,
                officer_id=by.id,
                sealed=self._seals.word(said.id, said.last_number, text),
                at=said.last_word_at,
                state=DeliveryState.WAITING,
            )
            await work.handovers.add_word(word)
            await work.handovers.save(said)
            await self._audit.note(work, "handover.answer", by=by.id, subject=handover_id)
            await work.commit()

    async def done(self, handover_id: HandoverId, by: Officer) -> None:
        """Give the conversation back to the bot, which says so. Raise `NotFound`, `RuleBroken`."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            handover = await self._mine(work, handover_id, by)
            if not handover.is_open:
                raise RuleBroken("handover_over")
            if handover.taken_by not in {None, by.id}:
                raise RuleBroken("handover_taken")
            ended = handover.moved(HandoverState.DONE, at=now)
            ended, word = closing_word(ended, "done", seals=self._seals, at=now)
            await work.handovers.add_word(word)
            await work.handovers.save(ended)
            await self._audit.note(work, "handover.done", by=by.id, subject=handover_id)
            await work.commit()

    async def _taken(
        self, work: Work, handover_id: HandoverId, by: Officer, instead_of: OfficerId | None
    ) -> Handover:
        handover = await self._mine(work, handover_id, by)
        if not handover.is_open:
            raise RuleBroken("handover_over")
        taken = handover.taken(by.id, at=self._clock.now(), instead_of=instead_of)
        if taken != handover:
            await work.handovers.save(taken)
            await self._audit.note(work, "handover.take", by=by.id, subject=handover_id)
        return taken

    async def _mine(self, work: Work, handover_id: HandoverId, officer: Officer) -> Handover:
        _check(officer)
        handover = await work.handovers.get(handover_id)
        if handover.unit_id not in below(officer.unit_id, await work.units.all()):
            raise NotFound("no such handover")
        return handover

    async def _opened(self, handover: Handover, words: Sequence[HandoverWord]) -> Opened:
        async with self._storage.read() as work:
            unit = await work.units.get(handover.unit_id)
            names = await _names(work)
        waiting = self._waiting(handover, unit, names, await self._offers())
        return Opened(waiting=waiting, lines=[self._line(word, names) for word in words])

    def _line(self, word: HandoverWord, names: Mapping[OfficerId, str]) -> Line:
        text = self._seals.open_word(word)
        if word.speaker is Speaker.BOT and text is not None:
            # Only the key stands there; the resident reads it with the unit's own numbers.
            text = self._say(text, Language.VI)
        return Line(
            number=word.number,
            speaker=word.speaker,
            text=text,
            at=word.at,
            state=word.state,
            reason=word.reason,
            officer=names.get(word.officer_id, "") if word.officer_id else "",
        )

    def _waiting(
        self,
        handover: Handover,
        unit: Unit,
        names: Mapping[OfficerId, str],
        offers: Mapping[ChannelId, Capabilities],
    ) -> Waiting:
        return Waiting(
            handover=handover,
            unit=unit,
            window=self._window(handover, offers),
            taken_by=names.get(handover.taken_by, "") if handover.taken_by else "",
        )

    def _window(
        self, handover: Handover, offers: Mapping[ChannelId, Capabilities]
    ) -> AnswerWindow | None:
        offer = offers.get(handover.channel_id)
        if offer is None or offer.windows is None:
            return None
        return window_of(handover, offer.windows, self._clock.now(), paid_left=offer.paid_left)


def window_of(
    handover: Handover, rule: WindowRule, now: datetime, *, paid_left: int | None = None
) -> AnswerWindow:
    """Return until when the resident may be answered, counted from their last word here."""
    free_until = handover.wrote_at + rule.free_for
    open_until = handover.wrote_at + rule.open_for
    window = Window.FREE if now < free_until else Window.PAID
    if now >= open_until + _SLACK:
        window = Window.CLOSED
    return AnswerWindow(
        window=window, free_until=free_until, open_until=open_until, paid_left=paid_left
    )


def closing_word(
    handover: Handover, key: str, *, seals: HandoverSeals, at: datetime
) -> tuple[Handover, HandoverWord]:
    """Return the handover with the bot's last word, and that word: the key of a sentence."""
    said = handover.said(Speaker.BOT, at=at)
    word = HandoverWord(
        handover_id=said.id,
        number=said.last_number,
        speaker=Speaker.BOT,
        sealed=seals.word(said.id, said.last_number, key),
        at=said.last_word_at,
        state=DeliveryState.WAITING,
    )
    return said, word


def _check(officer: Officer) -> None:
    if not officer.may(Act.ANSWER):
        raise NotFound("no such handover")


def _ended_at(handover: Handover) -> datetime:
    return handover.closed_at or handover.asked_at


async def _names(work: Work) -> Mapping[OfficerId, str]:
    return {one.id: one.name for one in await work.officers.all()}
