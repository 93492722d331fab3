"""Handling arrivals: in order within a conversation, side by side across conversations.

What is said is decided by the handler passed in; this file sees that nothing is lost between
the inbox and the outbox.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.core.channels import ChannelKind
from bot.core.dialogues import STEP_LIFE, SavedStep, Step
from bot.core.errors import NotFound, StorageTrouble
from bot.core.ids import ChannelId, ConversationKey, UnitId
from bot.core.inbox import InboxRow
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind, Outgoing
from bot.core.metering import Meter
from bot.core.sealing import KeyGone, SealBroken
from bot.core.storage import Storage, Work
from bot.core.text import split_text
from bot.core.time import Clock
from bot.core.turns import EventHandler, Handled, Handler, Turn, Wrote
from bot.core.units import Unit, path_up
from bot.services.bells import Bell
from bot.services.conversations.introductions import is_introduced
from bot.services.conversations.stand_backs import has_human
from bot.services.envelopes import Envelopes
from bot.services.handovers.asking import HandoverAsking
from bot.services.units.units import contacts_of

log = logging.getLogger(__name__)

# Few, because thinking is done on one processor: with more, everybody waits for everybody.
_AT_ONCE: Final = 6
_AT_ONCE_IN_A_CROWD: Final = 4
_MOMENT_S: Final = 0.02
_MOMENTS: Final = 25
_TAP_LIMIT_S: Final = 2.0
_LEASE: Final = timedelta(seconds=60)
# Less than the lease, so that nobody else takes up what is still being handled here.
_HANDLING_LIMIT_S: Final = 45.0
# Somebody may be in danger: three more tries within eight seconds, then a plain word to them.
_PAUSES: Final = (timedelta(seconds=0.5), timedelta(seconds=2), timedelta(seconds=5))
_SAID: Final = frozenset(
    {IncomingKind.TEXT, IncomingKind.CHOICE, IncomingKind.START, IncomingKind.MEDIA}
)


class Conversations:
    """Works off the inbox."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        handler: Handler,
        events: Mapping[IncomingKind, EventHandler],
        wrote: Wrote,
        handovers: HandoverAsking,
        apology: Callable[[Language], Outgoing],
        channel_facts: Callable[[ChannelId], tuple[ChannelKind, int]],
        answer_tap: Callable[[Incoming], Awaitable[None]],
        replied: Callable[[ChannelId], None],
        is_crowded: Callable[[], bool],
        clock: Clock,
        meter: Meter,
        owner: str,
    ) -> None:
        """`events` handle what is no turn of a conversation, `handler` everything else.

        `wrote` is told when somebody who joined has written, except as part of a tip.
        """
        self._storage = storage
        self._envelopes = envelopes
        self._handler = handler
        self._events = events
        self._wrote = wrote
        self._handovers = handovers
        self._apology = apology
        self._channel_facts = channel_facts
        self._answer_tap = answer_tap
        self._replied = replied
        self._is_crowded = is_crowded
        self._clock = clock
        self._meter = meter
        self._owner = owner
        self._is_stopping = False
        # Where what nobody waits for is done; only while `run` runs.
        self._beside: asyncio.TaskGroup | None = None

    async def run(self, bell: Bell, *, beat: Callable[[], None]) -> None:
        """Work until stopped; rung for at every arrival, looking by itself every second.

        A conversation that takes long keeps no other waiting: what came meanwhile is begun
        beside it.
        """
        async with asyncio.TaskGroup() as group:
            self._beside = group
            in_hand: set[asyncio.Task[None]] = set()
            while not self._is_stopping:
                beat()
                at_once = await self._after_the_crowd() - len(in_hand)
                try:
                    rows = await self._claim(at_once) if at_once > 0 else []
                except StorageTrouble:
                    # Must not cut off what is in hand; the database may be back in a moment.
                    log.exception("inbox.not_claimed")
                    rows = []
                for row in rows:
                    task = group.create_task(self._handle(row))
                    in_hand.add(task)
                    task.add_done_callback(in_hand.discard)
                    # The next of its conversation can be begun now.
                    task.add_done_callback(lambda _: bell.ring())
                if not rows:
                    await bell.wait(1.0)

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what is in hand is handled."""
        self._is_stopping = True

    async def _after_the_crowd(self) -> int:
        """Let a crowd at the door in first, for a moment; return how many to handle at once."""
        for _ in range(_MOMENTS):
            if not self._is_crowded():
                return _AT_ONCE
            await self._clock.sleep(_MOMENT_S)
        return _AT_ONCE_IN_A_CROWD

    async def step(self, at_once: int = _AT_ONCE) -> int:
        """Handle what can be handled now; return how many arrivals that were."""
        rows = await self._claim(at_once)
        async with asyncio.TaskGroup() as group:
            for row in rows:
                group.create_task(self._handle(row))
        return len(rows)

    async def _claim(self, at_once: int) -> list[InboxRow]:
        now = self._clock.now()
        return await self._storage.change(
            lambda work: work.inbox.claim(
                at_once, owner=self._owner, now=now, lease_until=now + _LEASE
            )
        )

    async def _handle(self, row: InboxRow) -> None:
        """Handle one arrival; lets no error out, for its neighbours' sake."""
        began = self._clock.monotonic()
        incoming: Incoming | None = None
        try:
            incoming = self._envelopes.open_arrival(row.channel_id, row.event_id, row.sealed)
            async with asyncio.timeout(_HANDLING_LIMIT_S):
                await self._answer(row, incoming)
            self._meter.took("handling", self._clock.monotonic() - began)
        except (SealBroken, KeyGone) as error:
            await self._put_off(row, error, incoming, is_hopeless=True)
        except Exception as error:
            log.exception("inbox.failed", extra={"inbox_id": row.id, "attempt": row.attempts})
            is_hopeless = row.attempts >= len(_PAUSES)
            await self._put_off(row, error, incoming, is_hopeless=is_hopeless)

    async def _put_off(
        self, row: InboxRow, error: Exception, incoming: Incoming | None, *, is_hopeless: bool
    ) -> None:
        try:
            if is_hopeless:
                await self._set_aside(row, error, incoming)
            else:
                await self._again(row)
        except Exception:  # the database is in trouble; the lease runs out and the row comes again
            log.exception("inbox.not_put_off", extra={"inbox_id": row.id})

    async def _answer(self, row: InboxRow, incoming: Incoming) -> None:
        if incoming.tap_id and self._beside is not None:
            self._beside.create_task(self._tell_tap_seen(incoming))
        elif incoming.tap_id:
            await self._tell_tap_seen(incoming)
        if (event := self._events.get(incoming.kind)) is not None:
            replies = await self._happened(row, incoming, event)
        else:
            replies = await self._said(row, incoming)
        if replies:
            self._replied(row.channel_id)

    async def _happened(
        self, row: InboxRow, incoming: Incoming, event: EventHandler
    ) -> tuple[Outgoing, ...]:
        async with self._storage.begin() as work:
            replies = await event(work, incoming, row.conversation)
            await self._reply(work, incoming, replies)
            await work.inbox.handled(row.id, at=self._clock.now())
            await work.commit()
        return replies

    async def _said(self, row: InboxRow, incoming: Incoming) -> tuple[Outgoing, ...]:
        turn = await self._turn(row, incoming)
        handled = await self._handler(turn)

        async def keep(work: Work) -> None:
            for effect in handled.effects:
                await effect(work)
            if turn.person and incoming.kind in _SAID and not handled.leaves_no_mark:
                await self._wrote(work, turn.person, incoming.at or self._clock.now())
            await self._keep_step(work, turn, handled)
            await self._reply(work, incoming, handled.replies)
            await work.inbox.handled(row.id, at=self._clock.now())

        await self._storage.change(keep)
        return handled.replies

    async def _tell_tap_seen(self, incoming: Incoming) -> None:
        """Stop the waiting sign of a button, unless the platform takes too long about it."""
        try:
            async with asyncio.timeout(_TAP_LIMIT_S):
                await self._answer_tap(incoming)
        except TimeoutError:
            return
        except Exception:  # part of the edge of one incoming message; the answer matters more
            log.exception("tap.not_answered", extra={"channel_id": incoming.channel_id})

    async def _turn(self, row: InboxRow, incoming: Incoming) -> Turn:
        kind, _ = self._channel_facts(row.channel_id)

        async def seen(work: Work) -> Turn:
            saved = await work.dialogues.get(row.conversation)
            human = await has_human(work, row.conversation, now=self._clock.now())
            introduced = await is_introduced(work, row.conversation, now=self._clock.now())
            handover = None
            person = None
            if not incoming.is_group:
                handover = await self._handovers.current(work, row.conversation)
                person = await work.people.find(row.channel_id, incoming.chat)
            line = await _units_of(work, row.channel_id, person.unit_id if person else None)
            step, has_expired = self._open_step(row.conversation, saved)
            spoken = person.language if person else None
            return Turn(
                incoming=incoming,
                conversation=row.conversation,
                channel_kind=kind,
                language=spoken or incoming.language or Language.VI,
                unit=line[0],
                contacts=contacts_of(line),
                person=person,
                step=step,
                has_expired=has_expired,
                has_human=human or handover is not None,
                is_introduced=introduced,
                handover=handover,
            )

        return await self._storage.look(seen)

    def _open_step(
        self, conversation: ConversationKey, saved: SavedStep | None
    ) -> tuple[Step, bool]:
        if saved is None:
            return Step(), False
        try:
            step = self._envelopes.open_step(conversation, saved.sealed)
        except (SealBroken, KeyGone):
            return Step(), True
        if saved.expires_at <= self._clock.now():
            # A menu nobody picked from is no question that waits.
            return Step(), bool(step.dialogue)
        return step, False

    async def _keep_step(self, work: Work, turn: Turn, handled: Handled) -> None:
        offered = tuple(
            (choice.label, choice.word)
            for reply in handled.replies[-1:]
            for choice in reply.choices
        )
        # Under a step that stands, what was offered before can still be picked by its number.
        step = replace(handled.step, offered=offered or handled.step.offered)
        if step == Step():
            if turn.step != Step() or turn.has_expired:
                await work.dialogues.remove(turn.conversation)
        elif step != turn.step:
            await work.dialogues.save(
                SavedStep(
                    conversation=turn.conversation,
                    sealed=self._envelopes.step(turn.conversation, step),
                    expires_at=self._clock.now() + STEP_LIFE,
                )
            )

    async def _reply(self, work: Work, incoming: Incoming, replies: tuple[Outgoing, ...]) -> None:
        _, limit = self._channel_facts(incoming.channel_id)
        parts = [part for reply in replies for part in in_parts(reply, limit)]
        await work.deliveries.add_replies(
            [self._envelopes.reply(incoming.address, part) for part in parts],
            at=self._clock.now(),
        )

    async def _again(self, row: InboxRow) -> None:
        async with self._storage.begin() as work:
            pause = _PAUSES[min(row.attempts, len(_PAUSES) - 1)]
            await work.inbox.retry(row.id, not_before=self._clock.now() + pause)
            await work.commit()
        self._meter.count("inbox_retried")

    async def _set_aside(self, row: InboxRow, error: Exception, incoming: Incoming | None) -> None:
        """Give up for now, tell the person so, and show officers what kind of fault it was."""
        async with self._storage.begin() as work:
            now = self._clock.now()
            await work.inbox.set_aside(row.id, error=type(error).__name__, at=now)
            if incoming is not None and self._is_waited_for(incoming):
                sorry = self._apology(incoming.language or Language.VI)
                await self._reply(work, incoming, (sorry,))
            await work.commit()
        self._meter.count("inbox_set_aside")
        log.error("inbox.set_aside", extra={"inbox_id": row.id, "error": type(error).__name__})
        self._replied(row.channel_id)

    def _is_waited_for(self, incoming: Incoming) -> bool:
        """Tell whether somebody said something and can still be answered."""
        if incoming.is_group or incoming.kind not in _SAID:
            return False
        try:
            self._channel_facts(incoming.channel_id)
        except NotFound:
            return False
        return True


def in_parts(message: Outgoing, limit: int) -> list[Outgoing]:
    """Cut a message that is too long for its channel; the choices stand under the last part."""
    # Numbered lines may have to be added where a platform refuses buttons.
    room = max(limit - sum(len(choice.label) + 40 for choice in message.choices), limit // 2)
    if len(message.text) <= room:
        return [message]
    texts = split_text(message.text, room)
    first = [replace(message, text=text, choices=()) for text in texts[:-1]]
    return [*first, replace(message, text=texts[-1])]


async def _units_of(work: Work, channel_id: ChannelId, unit_id: UnitId | None) -> list[Unit]:
    """Return the person's unit, else the account's, and those above it, nearest first."""
    units = {unit.id: unit for unit in await work.units.all()}
    if unit_id is None:
        unit_id = (await work.channels.get(channel_id)).unit_id
    line = path_up(unit_id, units)
    if not line:
        raise NotFound("there is no unit yet")
    return line
