"""One channel's outbox on its way out: claim, pace, send, record.

Every lane shares one pacer, and its next slot goes to the highest lane that has something to
send: a reply waits for a slot or two, never behind an announcement. `sending` is on the disk
before the first byte of a request is written.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from bot.core.channels import Channel, Pace
from bot.core.deliveries import DeliveryState, Outcome
from bot.core.errors import StorageTrouble
from bot.core.metering import Meter
from bot.core.quiet import QuietHours
from bot.core.sending import (
    ChannelBroken,
    ChatMoved,
    NoAnswer,
    NoConnection,
    NotNow,
    Reason,
    SendError,
    SlowedDown,
)
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.delivery.echoes import EchoSlips
from bot.delivery.outcomes import outcome_of, pause_s
from bot.delivery.pacer import Pacer
from bot.delivery.recorder import Ending, Recorder
from bot.delivery.tray import SENDING_UNTIL, Mail, Ready, Tray

log = logging.getLogger(__name__)

# A request that got no answer by then counts as unknown; adapters have shorter limits.
SEND_LIMIT_S: Final = 40.0
# Requests without an answer at most, and those answered but not yet on the disk with them: the
# line to the platform is not left idle while outcomes are written.
_AT_ONCE: Final = 64
_MOST_OPEN: Final = 192
# Claimed ahead at most: two seconds' worth of the pace, so that pause and cancel bite at once.
_AHEAD_S: Final = 2.0
_MOST_AHEAD: Final = 256
# Marked together at most: what goes out within this time.
_WAVE_S: Final = 0.05
# Room for more is waited for at most this long: a few requests may hang much longer.
_GATHERING_S: Final = 0.01
_LONGEST_OFFLINE_S: Final = 30.0
_BROKEN_PAUSE_S: Final = 60.0
_LOST: Final = frozenset({Reason.BLOCKED, Reason.DEACTIVATED, Reason.NOT_FOUND, Reason.LEFT})


class Sender:
    """Sends what waits for one channel."""

    def __init__(
        self,
        channel: Channel,
        *,
        storage: Storage,
        mail: Mail,
        report: Callable[[str], Awaitable[None]],
        clock: Clock,
        chance: Chance,
        meter: Meter,
        owner: str,
        ring: Callable[[], None],
        quiet: QuietHours | None = None,
    ) -> None:
        """`report` is told what is wrong with the account, "" when it is well again.

        `ring` is called when the end of one send may have made way for another.
        """
        self._channel = channel
        self._storage = storage
        self._mail = mail
        self._report = report
        self._clock = clock
        self._chance = chance
        self._meter = meter
        self._owner = owner
        self._ring = ring
        self._pace = channel.capabilities.pace
        self._pacer = Pacer(self._pace)
        self._tray = Tray(
            channel.id,
            ahead=_ahead(self._pace),
            storage=storage,
            mail=mail,
            clock=clock,
            chance=chance,
            owner=owner,
            quiet=quiet,
        )
        self._echoes = EchoSlips(channel, mail)
        # Begun and not yet written down, and those of them that have no answer yet.
        self._flying = 0
        self._unanswered = 0
        self._landed = asyncio.Event()
        self._failures_to_connect = 0
        self._no_connection_until = 0.0
        # What `report` heard last. Nothing yet: a process before this one may have reported.
        self._told: str | None = None
        self._recorder = Recorder(
            storage=storage, channel_id=channel.id, clock=clock, written=self._written
        )

    @property
    def in_flight(self) -> int:
        """Return how many requests are under way, or answered and being written down."""
        return self._flying - self._recorder.stuck

    def wake(self) -> None:
        """Look into the outbox at the next step."""
        self._tray.wake()

    async def step(self, group: asyncio.TaskGroup) -> float:
        """Send what may go now; return in how many seconds there may be more.

        Requests run as tasks of `group`; `settle` waits for them.
        """
        self._follow_pace()
        await self._tray.fill()
        await self._make_room()
        if self._recorder.is_behind:
            # Before anything new: what has been answered must not be taken for unanswered.
            await self._recorder.flush()
        now = self._clock.monotonic()
        wave = self._pick(now)
        if not wave:
            return self._pause(now)
        attempt_id = self._chance.token(9).hex()
        ours = await self._mark(wave, attempt_id)
        held: list[Ready] = []
        for one in wave:
            if one.delivery.id not in ours:
                continue
            if not await self._slot(one):
                held.append(one)
                continue
            self._pacer.take(one.to.chat, is_group=one.to.is_group, at=self._clock.monotonic())
            self._flying += 1
            self._unanswered += 1
            group.create_task(self._send(one, attempt_id))
        if held:
            await self._give_back(held, attempt_id)
        return 0.0

    async def _make_room(self) -> None:
        """Wait until one more request may be under way.

        Where the pace would let many go, wait a moment longer for room for many: marking costs a
        flush of the disk, for one as for thirty.
        """
        while self._room() <= 0 and not self._recorder.is_behind:
            await self._landing()
        wanted = min(_AT_ONCE // 2, self._wave())
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHERING_S):
                while self._room() < wanted and not self._recorder.is_behind:
                    await self._landing()

    def _room(self) -> int:
        """Return how many more requests may be under way."""
        return min(_AT_ONCE - self._unanswered, _MOST_OPEN - self._flying)

    async def _landing(self) -> None:
        self._landed.clear()
        await self._landed.wait()

    def _wave(self) -> int:
        """Return how many the pace lets go within the next moment."""
        return max(1, int(_WAVE_S * self._pace.per_s))

    def _follow_pace(self) -> None:
        """Take up what the platform permits now, which its answers may have changed."""
        pace = self._channel.capabilities.pace
        if pace != self._pace:
            self._pace = pace
            self._pacer.follow(pace)
            self._tray.hold_at_most(_ahead(pace))

    async def settle(self) -> None:
        """Wait until every request that is under way has ended and is written down."""
        while self.in_flight:
            await self._landing()
        await self._recorder.flush()
        await self._tray.release()

    # --- choosing --------------------------------------------------------------------------

    def _pick(self, now: float) -> list[Ready]:
        """Take what goes out within the next moment; nothing while the channel is held."""
        if self._pacer.channel_free_at() > now + _WAVE_S:
            return []
        room = max(1, min(self._room(), self._wave()))
        return self._tray.pick(now, room=room, pacer=self._pacer)

    def _pause(self, now: float) -> float:
        """Return how long nothing can happen unless somebody rings."""
        moments = [self._tray.look_again_at(now)]
        if (chat_at := self._tray.chat_free_at(self._pacer)) is not None:
            moments.append(max(self._pacer.channel_free_at() - _WAVE_S, chat_at))
        known = [moment for moment in moments if moment is not None]
        return max(0.001, min(known, default=now) - now)

    async def _mark(self, wave: list[Ready], attempt_id: str) -> set[int]:
        now = self._clock.now()
        async with self._storage.begin() as work:
            ours = await work.deliveries.mark_sending(
                [one.delivery.id for one in wave],
                owner=self._owner,
                attempt_id=attempt_id,
                now=now,
                until=now + SENDING_UNTIL,
            )
            # In the same commit, so that an echo is known again even after a crash.
            going = [one for one in wave if one.delivery.id in ours]
            await work.slips.put_many(self._echoes.slips(going, now=now))
            await work.commit()
        return set(ours)

    async def _slot(self, one: Ready) -> bool:
        """Wait for the slot of a delivery; tell whether it may go, or was held meanwhile."""
        gap_s = 1 / self._pace.per_s
        while True:
            at = max(self._pacer.channel_free_at(), self._pacer.chat_free_at(one.to.chat))
            delay = at - self._clock.monotonic()
            if delay <= 0:
                return True
            if delay > gap_s + _WAVE_S:
                return False
            await self._clock.sleep(delay)

    async def _give_back(self, held: Sequence[Ready], attempt_id: str) -> None:
        """Let deliveries wait again: their slot was taken away before a byte was written.

        Left as `sending` through a long hold, they would be taken for requests without an answer.
        """
        endings = [
            Ending(
                Outcome(
                    delivery_id=one.delivery.id,
                    attempt_id=attempt_id,
                    state=DeliveryState.WAITING,
                    reason=Reason.SLOWED_DOWN,
                    counts=False,
                ),
                lost_chat=None,
                is_reply=False,
            )
            for one in held
        ]
        self._flying += len(endings)
        await self._recorder.put(*endings)

    # --- sending ---------------------------------------------------------------------------

    async def _send(self, one: Ready, attempt_id: str) -> None:
        """Make one request and write down how it ended; lets no error out."""
        began = self._clock.monotonic()
        ending: Ending | None = None
        try:
            outcome = await self._attempt(one, attempt_id)
            reason = outcome.reason.value if outcome.reason else ""
            self._meter.count(
                "deliveries", kind=self._channel.kind, outcome=outcome.state, reason=reason
            )
            self._meter.took("sending", self._clock.monotonic() - began, kind=self._channel.kind)
            ending = Ending(
                outcome,
                lost_chat=one.to.chat if _is_lost(outcome) else None,
                is_reply=one.delivery.conversation is not None,
            )
            await self._recorder.put(ending)
        except Exception:  # the row stays `sending`, and the next step writes what is known
            log.exception("delivery.not_recorded", extra={"delivery_id": one.delivery.id})
            if ending is None:
                self._flying -= 1
            self._landed.set()

    def _written(self, endings: Sequence[Ending]) -> None:
        self._flying -= len(endings)
        self._landed.set()
        if any(one.is_reply for one in endings):
            self._tray.wake_for_replies()
            self._ring()

    async def _attempt(self, one: Ready, attempt_id: str) -> Outcome:
        try:
            try:
                async with asyncio.timeout(SEND_LIMIT_S):
                    platform_ids = await self._deliver(one)
            finally:
                self._unanswered -= 1
                self._landed.set()
        except SendError as error:
            failure: SendError = error
        except TimeoutError:
            failure = NoAnswer("no answer in time")
        except Exception as error:
            # An adapter must not let this happen; whether the request went out is unknown.
            log.exception("delivery.adapter_failed", extra={"channel_id": self._channel.id})
            failure = NoAnswer(type(error).__name__)
        else:
            if self._told != "":
                await self._tell("")
            self._failures_to_connect = 0
            return Outcome(
                delivery_id=one.delivery.id,
                attempt_id=attempt_id,
                state=DeliveryState.SENT,
                platform_ids=platform_ids,
            )
        await self._slow_down(one, failure)
        return outcome_of(one.delivery, failure, attempt_id=attempt_id, now=self._clock.now())

    async def _deliver(self, one: Ready) -> tuple[str, ...]:
        """Send, following a group that the platform gave another id."""
        try:
            return await self._channel.send(one.to, one.message)
        except ChatMoved as moved:
            # Nothing was accepted yet, so a locked database must not leave the copy unknown; the
            # next message to the group is told the same.
            with suppress(StorageTrouble):
                await self._recorder.move(one.to.chat, moved.moved_to)
            return await self._channel.send(replace(one.to, chat=moved.moved_to), one.message)

    async def _slow_down(self, one: Ready, failure: SendError) -> None:
        now = self._clock.monotonic()
        match failure:
            case SlowedDown(whole_channel=False):
                self._pacer.hold_chat(one.to.chat, now + (failure.after_s or 1.0))
            case SlowedDown():
                self._pacer.hold_channel(now + (failure.after_s or 1.0))
            case NoConnection():
                # What was under way together fails together, and counts once.
                if now >= self._no_connection_until:
                    pause = min(pause_s(self._failures_to_connect), _LONGEST_OFFLINE_S)
                    self._failures_to_connect += 1
                    self._no_connection_until = now + pause
                    self._pacer.hold_channel(self._no_connection_until)
            case ChannelBroken():
                self._pacer.hold_channel(now + _BROKEN_PAUSE_S)
                await self._tell(str(failure))
            case NotNow(reason=Reason.NO_QUOTA) if one.to.is_group:
                # Said again by the next copy, should it not be noted now.
                with suppress(StorageTrouble):
                    await self._recorder.lapse(one.to.chat)
            case _:
                pass

    async def _tell(self, trouble: str) -> None:
        if trouble == self._told:
            return
        try:
            await self._report(trouble)
        except Exception:  # the outcome of the attempt must be written down all the same
            log.exception("delivery.not_reported", extra={"channel_id": self._channel.id})
        else:
            self._told = trouble


def _ahead(pace: Pace) -> int:
    return max(2, min(_MOST_AHEAD, int(pace.per_s * _AHEAD_S)))


def _is_lost(outcome: Outcome) -> bool:
    return outcome.state is DeliveryState.FAILED and outcome.reason in _LOST
