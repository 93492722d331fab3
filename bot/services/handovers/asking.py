"""The residents' side of a handover: asking for a person, writing on, going back to the bot."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.core.handovers import (
    Handover,
    HandoverReason,
    HandoverState,
    HandoverWord,
    Speaker,
    quarter_of,
)
from bot.core.ids import ConversationKey, HandoverId, UnitId, new_id
from bot.core.messages import Outgoing
from bot.core.notices import NoticeKey
from bot.core.officers import Act
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.turns import Effect, Turn
from bot.core.units import path_up
from bot.services.envelopes import Envelopes
from bot.services.handovers.seals import HandoverSeals, Way
from bot.services.notices import Notices

log = logging.getLogger(__name__)

_ONCE_IN: Final = timedelta(hours=1)


class HandoverAsking:
    """Use cases of whoever asks. What changes something is returned as an effect."""

    def __init__(
        self,
        *,
        storage: Storage,
        seals: HandoverSeals,
        envelopes: Envelopes,
        notices: Notices,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._seals = seals
        self._envelopes = envelopes
        self._notices = notices
        self._clock = clock
        self._chance = chance

    async def current(self, work: Work, conversation: ConversationKey) -> Handover | None:
        """Return the open handover of a conversation."""
        return await work.handovers.open_of(self._seals.chat(conversation))

    async def has_somebody(self, unit_id: UnitId) -> bool:
        """Tell whether any officer could answer the people of a unit."""
        async with self._storage.read() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            line = {unit.id for unit in path_up(unit_id, units)}
            officers = await work.officers.all()
        return any(
            one.is_active and one.may(Act.ANSWER) and one.unit_id in line for one in officers
        )

    def ask(self, turn: Turn, reason: HandoverReason, text: str = "") -> Effect:
        """Return the effect that hands the conversation over, with `text` as its first word."""
        new_one = self._new(turn, reason)

        async def ask(work: Work) -> None:
            found = await self.current(work, turn.conversation)
            if found is None:
                found = await self._begin(work, turn, new_one)
            if text:
                await self._keep(work, found, text, turn)

        return ask

    def _new(self, turn: Turn, reason: HandoverReason) -> Handover:
        now = quarter_of(self._clock.now())
        return Handover(
            id=HandoverId(new_id(self._chance)),
            unit_id=turn.unit.id,
            channel_id=turn.incoming.channel_id,
            reason=reason,
            asked_at=now,
            wrote_at=now,
            last_word_at=now,
        )

    async def _begin(self, work: Work, turn: Turn, handover: Handover) -> Handover:
        chat = self._seals.chat(turn.conversation)
        await work.handovers.add(handover, chat=chat, way=self._way(handover.id, turn))
        await self._notices.tell(
            work,
            NoticeKey.HANDOVER_ASKED,
            unit_id=turn.unit.id,
            subject=turn.unit.id,
            about={"unit": turn.unit.name},
            act=Act.ANSWER,
        )
        log.info("handover.asked", extra={"handover_id": handover.id})
        return handover

    def wrote(self, turn: Turn, text: str, *, anew: Outgoing) -> Effect:
        """Return the effect that adds what somebody wrote to the open handover.

        Where it ended while they wrote, it begins again, so that no word is lost; then `anew`
        is said.
        """
        new_one = self._new(turn, HandoverReason.ASKED)

        async def wrote(work: Work) -> None:
            found = await self.current(work, turn.conversation)
            if found is None:
                found = await self._begin(work, turn, new_one)
                reply = self._envelopes.reply(turn.incoming.address, anew)
                await work.deliveries.add_replies([reply], at=self._clock.now())
            await self._keep(work, found, text, turn)

        return wrote

    async def _keep(self, work: Work, handover: Handover, text: str, turn: Turn) -> None:
        said = handover.said(Speaker.RESIDENT, at=self._clock.now())
        word = HandoverWord(
            handover_id=said.id,
            number=said.last_number,
            speaker=Speaker.RESIDENT,
            sealed=self._seals.word(said.id, said.last_number, text),
            at=said.last_word_at,
        )
        await work.handovers.add_word(word)
        await work.handovers.save(said)
        # To today's key, so that it can be read for as long as the newest word.
        await work.handovers.save_way(said.id, self._way(said.id, turn))
        if said.taken_by is not None:
            await self._tell(work, said)

    async def _tell(self, work: Work, handover: Handover) -> None:
        """Tell the officer who has it, once an hour."""
        now = self._clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        is_first = await work.claims.once(f"notice:handover_wrote:{handover.id}", hour)
        if handover.taken_by is not None and is_first:
            unit = await work.units.get(handover.unit_id)
            about = {"unit": unit.name}
            await self._notices.tell_one(
                work, NoticeKey.HANDOVER_WROTE, handover.taken_by, about=about
            )

    def leave(self, turn: Turn) -> Effect:
        """Return the effect with which somebody goes back to the bot."""

        async def leave(work: Work) -> None:
            found = await self.current(work, turn.conversation)
            if found is not None:
                now = self._clock.now()
                await work.handovers.save(found.moved(HandoverState.LEFT, at=now))

        return leave

    async def answered_elsewhere(self, work: Work, conversation: ConversationKey) -> None:
        """Note that an officer wrote in the platform's own tool: it does not lapse meanwhile."""
        found = await self.current(work, conversation)
        if found is not None:
            now = quarter_of(self._clock.now())
            answered = replace(
                found,
                last_speaker=Speaker.OFFICER,
                last_word_at=now,
                answered_number=found.last_number,
            )
            await work.handovers.save(answered)

    async def keeps(self, conversation: ConversationKey) -> bool:
        """Tell whether any handover of a conversation is kept, open or over."""
        async with self._storage.read() as work:
            return await work.handovers.has_any(self._seals.chat(conversation))

    async def forget(self, work: Work, conversation: ConversationKey) -> None:
        """Forget every handover of a conversation, with all that was said there."""
        await work.handovers.remove_of(self._seals.chat(conversation))

    def _way(self, handover_id: HandoverId, turn: Turn) -> bytes:
        way = Way(address=turn.incoming.address, language=turn.language)
        return self._seals.way(handover_id, way)
