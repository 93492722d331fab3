"""What one channel has claimed ahead and not begun to send: the tray on the sender's desk.

A claim only leases a row; whatever is taken out and not sent is free again when the lease ends.
"""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.core.channels import revoked_key
from bot.core.deliveries import Delivery, Lane
from bot.core.ids import AnnouncementId, ChannelId, ConversationKey, DeliveryId, UnitId
from bot.core.messages import Address, Outgoing
from bot.core.quiet import QuietHours
from bot.core.sealing import KeyGone, SealBroken
from bot.core.sending import MessageRefused
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.delivery.outcomes import outcome_of
from bot.delivery.pacer import Pacer

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=30)
# A request without an outcome after this is settled as one that got no answer.
SENDING_UNTIL: Final = timedelta(seconds=45)
_POLL_S: Final = 1.0
# What was looked up already for the copies claimed together.
Letters = dict[tuple[AnnouncementId, UnitId | None], Outgoing]
_LANE_GROUPS: Final = ((Lane.URGENT, Lane.REPLY), (Lane.ORDINARY,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Where the sender gets what a delivery says. The first two may raise.

    `letter` is what recipients in a unit read, or those of whom no unit is known.
    `echo_mark` is the pseudonym of a text in a chat, by which its echo will be known again.
    """

    open_reply: Callable[[ConversationKey, bytes], tuple[Address, Outgoing]]
    letter: Callable[[AnnouncementId, UnitId | None], Awaitable[Outgoing]]
    echo_mark: Callable[[Address, str], str]


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed delivery with everything needed to send it."""

    delivery: Delivery
    to: Address
    message: Outgoing
    leased_at: float


class Tray:
    """The lanes of one channel, filled from the outbox, highest lane first."""

    def __init__(
        self,
        channel_id: ChannelId,
        *,
        ahead: int,
        storage: Storage,
        mail: Mail,
        clock: Clock,
        chance: Chance,
        owner: str,
        quiet: QuietHours | None = None,
    ) -> None:
        """`ahead` is how many rows of a group of lanes are claimed at most.

        In the `quiet` hours ordinary announcements stay where they are.
        """
        self._channel_id = channel_id
        self._ahead = ahead
        self._storage = storage
        self._mail = mail
        self._clock = clock
        self._chance = chance
        self._owner = owner
        self._quiet = quiet
        self._ready: dict[Lane, deque[Ready]] = {lane: deque() for lane in Lane}
        self._look_at: dict[tuple[Lane, ...], float] = {}
        self._stale: list[DeliveryId] = []

    def hold_at_most(self, ahead: int) -> None:
        """Claim from now on so many rows of a group of lanes ahead at most."""
        self._ahead = ahead

    def wake(self) -> None:
        """Look into the outbox at the next filling."""
        self._look_at.clear()

    def wake_for_replies(self) -> None:
        """Look for replies at the next filling: one may have been waiting for another."""
        self._look_at.pop(_LANE_GROUPS[0], None)

    async def fill(self) -> None:
        """Claim what there is room for, and give back what lay here for too long."""
        if self._stale:
            await self._give_back(self._stale)
            self._stale = []
        now = self._clock.monotonic()
        for lanes in _LANE_GROUPS:
            if not self._has_room(lanes) or self._look_at.get(lanes, 0.0) > now:
                continue
            limit = self._ahead - sum(len(self._ready[lane]) for lane in lanes)
            found = await self._claimed(lanes, limit)
            if len(found) < limit:
                self._look_at[lanes] = now + _POLL_S
            # Not kept longer than until all of them are in the tray.
            letters: Letters = {}
            for delivery in found:
                await self._prepare(delivery, now, letters)

    async def _claimed(self, lanes: Sequence[Lane], limit: int) -> list[Delivery]:
        now = self._clock.now()
        lanes = [lane for lane in lanes if self._may_go(lane)]
        if not lanes:
            return []
        async with self._storage.begin() as work:
            if await work.settings.get(revoked_key(self._channel_id)):
                # Whoever asks for help is answered as long as the platform lets it through.
                lanes = [lane for lane in lanes if lane is Lane.REPLY]
            found = await work.deliveries.claim(
                self._channel_id,
                lanes,
                limit,
                owner=self._owner,
                now=now,
                lease_until=now + LEASE,
            )
            await work.commit()
        return found

    async def _prepare(self, delivery: Delivery, now: float, letters: Letters) -> None:
        try:
            to, message = await self._contents(delivery, letters)
        except (SealBroken, KeyGone) as error:
            # It was sealed for a day that is gone; nobody can say any more what it said.
            log.error("delivery.unreadable", extra={"delivery_id": delivery.id})  # noqa: TRY400 - its text may quote a message
            await self._give_up(delivery, MessageRefused(type(error).__name__))
            return
        except MessageRefused as refused:
            await self._give_up(delivery, refused)
            return
        self._ready[delivery.lane].append(Ready(delivery, to, message, now))

    async def _contents(self, delivery: Delivery, letters: Letters) -> tuple[Address, Outgoing]:
        if delivery.sealed is not None and delivery.conversation is not None:
            return self._mail.open_reply(delivery.conversation, delivery.sealed)
        if (announcement_id := delivery.announcement_id) is None or delivery.address is None:
            raise SealBroken("a delivery without contents")
        reader = (announcement_id, delivery.unit_id)
        if reader not in letters:
            letters[reader] = await self._mail.letter(*reader)
        letter = letters[reader]
        if delivery.replaces:
            letter = replace(letter, replaces=delivery.replaces)
        return delivery.address, letter

    async def _give_up(self, delivery: Delivery, refused: MessageRefused) -> None:
        attempt_id = self._chance.token(9).hex()
        now = self._clock.now()
        async with self._storage.begin() as work:
            await work.deliveries.mark_sending(
                [delivery.id],
                owner=self._owner,
                attempt_id=attempt_id,
                now=now,
                until=now + SENDING_UNTIL,
            )
            await work.deliveries.record(
                [outcome_of(delivery, refused, attempt_id=attempt_id, now=now)], at=now
            )
            await work.commit()

    def pick(self, now: float, *, room: int, pacer: Pacer) -> list[Ready]:
        """Take out at most `room` deliveries, highest lane first, oldest first, one a chat.

        What was claimed too long ago is not: its lease may have gone to another process.
        """
        wave: list[Ready] = []
        for lane in Lane:
            if not self._may_go(lane):
                # Their leases run out by themselves, long before anybody wakes.
                self._ready[lane].clear()
                continue
            waiting = self._ready[lane]
            later: deque[Ready] = deque()
            chats = {one.to.chat for one in wave}
            while waiting and len(wave) < room:
                one = waiting.popleft()
                if one.leased_at + LEASE.total_seconds() / 2 < now:
                    self._stale.append(one.delivery.id)
                    continue
                is_busy = one.to.chat in chats or pacer.chat_free_at(one.to.chat) > now
                chats.add(one.to.chat)
                (later if is_busy else wave).append(one)
            later.extend(waiting)
            self._ready[lane] = later
        return wave

    def _may_go(self, lane: Lane) -> bool:
        """Tell whether people are awake, or would want to be woken."""
        if lane is not Lane.ORDINARY or self._quiet is None:
            return True
        return not self._quiet.is_quiet(self._clock.now())

    def look_again_at(self, now: float) -> float | None:
        """Return when the outbox is to be looked into next, or None while the tray is full."""
        moments = [
            self._look_at.get(lanes, now) for lanes in _LANE_GROUPS if self._has_room(lanes)
        ]
        return min(moments, default=None)

    def chat_free_at(self, pacer: Pacer) -> float | None:
        """Return when the first chat in the tray may be written to, or None if it is empty."""
        chats = [pacer.chat_free_at(one.to.chat) for lane in self._ready.values() for one in lane]
        return min(chats, default=None)

    def _has_room(self, lanes: Sequence[Lane]) -> bool:
        return sum(len(self._ready[lane]) for lane in lanes) * 2 <= self._ahead

    async def release(self) -> None:
        """Give everything back to the outbox."""
        unused = [one.delivery.id for lane in self._ready.values() for one in lane]
        for lane in self._ready.values():
            lane.clear()
        if unused:
            await self._give_back(unused)

    async def _give_back(self, ids: Sequence[DeliveryId]) -> None:
        async with self._storage.begin() as work:
            await work.deliveries.release(ids, owner=self._owner)
            await work.commit()
