"""Echoes: what an account said comes back as an event, whoever said it.

written by hand in the platform's tool   the bot steps back
a text of ours on its way to the chat    proof that it was delivered
without words, while something of ours
with more than words is on its way       may be ours: nothing happens
anything else                            another tool answers there: the bot steps back
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from bot.core.deliveries import DeliveryState, Outcome
from bot.core.ids import ConversationKey, DeliveryId
from bot.core.messages import Incoming, Outgoing
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Work
from bot.core.time import Clock
from bot.services.conversations.stand_backs import StandBacks
from bot.services.envelopes import Envelopes

log = logging.getLogger(__name__)

# The text under which a chat is marked while something of ours is going there.
WORDLESS: Final = ""


class Echoes:
    """Knows our own messages again."""

    def __init__(
        self,
        *,
        envelopes: Envelopes,
        stand_backs: StandBacks,
        answered: Callable[[Work, ConversationKey], Awaitable[None]],
        clock: Clock,
    ) -> None:
        """`answered` is told where a human answered by hand."""
        self._envelopes = envelopes
        self._stand_backs = stand_backs
        self._answered = answered
        self._clock = clock

    async def heard(
        self, work: Work, incoming: Incoming, conversation: ConversationKey
    ) -> tuple[Outgoing, ...]:
        """Record what an echo proves, or step back for a human; says nothing."""
        is_ours = not incoming.sender and await self._is_ours(work, incoming)
        if not is_ours:
            await self._stand_backs.note(work, incoming.channel_id, conversation, at=incoming.at)
            await self._answered(work, conversation)
        return ()

    async def _is_ours(self, work: Work, incoming: Incoming) -> bool:
        """Tell whether the program sent it, and record the delivery it proves."""
        now = self._clock.now()
        mark = self._envelopes.echo_mark(incoming.address, incoming.text)
        slips = await work.slips.of_holder(SlipKind.ECHO, mark, now=now)
        if slips:
            # One that proved its delivery stays, for a copy sent twice comes back twice.
            fresh = next((slip for slip in slips if slip.body), None)
            if fresh is not None:
                await self._prove(work, fresh, incoming)
            return True
        chat = self._envelopes.echo_mark(incoming.address, WORDLESS)
        for key in (chat, f"{chat}:soon"):
            if await work.slips.get(SlipKind.ECHO, key, now=now) is not None:
                return True
        return False

    async def _prove(self, work: Work, slip: Slip, incoming: Incoming) -> None:
        proof = Outcome(
            delivery_id=DeliveryId(int(slip.body)),
            # No attempt's own word: it counts only for what is open or unknown.
            attempt_id="",
            state=DeliveryState.SENT,
            platform_ids=(incoming.message_id,) if incoming.message_id else (),
        )
        await work.deliveries.record([proof], at=self._clock.now())
        await work.slips.put(replace(slip, body=b""))
