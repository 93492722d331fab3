"""What officers answered, on its way into the chat; and handovers that end by themselves.

The one place that knows both a handover's words and where they go. Serving residents it runs
beside the bot, never in a process that serves officers.
"""

import logging
from datetime import timedelta
from typing import Final

from bot.core.deliveries import DeliveryState
from bot.core.handovers import (
    ENDS_AFTER,
    WORDS_KEPT,
    Handover,
    HandoverState,
    HandoverWord,
    Speaker,
)
from bot.core.messages import Outgoing
from bot.core.notices import NoticeKey
from bot.core.officers import Act
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.units import path_up
from bot.services.audit import CLOCK, Audit
from bot.services.envelopes import Envelopes
from bot.services.handovers.desk import closing_word
from bot.services.handovers.seals import HandoverSeals
from bot.services.notices import Notices
from bot.services.units.units import contacts_of
from content.sentences import Voice

log = logging.getLogger(__name__)

ANSWER: Final = "answer"
# What the bot says at the end, by the state in which it ended.
CLOSING: Final = {HandoverState.DONE: "done", HandoverState.LAPSED: "lapsed"}
WORDS: Final = (ANSWER, *CLOSING.values())
_AT_ONCE: Final = 50
# Whoever may answer is reminded of what has waited so long, once a day.
_REMIND_AFTER: Final = timedelta(days=1)


class HandoverBringing:
    """Brings words to residents, ends what nobody ended."""

    def __init__(
        self,
        *,
        storage: Storage,
        seals: HandoverSeals,
        envelopes: Envelopes,
        notices: Notices,
        audit: Audit,
        say: Voice,
        clock: Clock,
    ) -> None:
        """`say` has `WORDS`."""
        self._storage = storage
        self._seals = seals
        self._envelopes = envelopes
        self._notices = notices
        self._audit = audit
        self._say = say
        self._clock = clock

    async def bring(self) -> int:
        """Put what waits into the outbox, and note what became of earlier words; return how many.

        A word and its row in the outbox are one commit, so that a kill neither loses nor doubles
        it.
        """
        async with self._storage.read() as work:
            has_work = await work.handovers.to_bring(limit=1)
            decided = await work.handovers.decided(limit=1)
        if not has_work and not decided:
            return 0
        async with self._storage.begin() as work:
            words = await work.handovers.to_bring(limit=_AT_ONCE)
            for word in words:
                await self._bring(work, word)
            for word, state, reason in await work.handovers.decided(limit=_AT_ONCE):
                await work.handovers.settle(word, state, reason)
            await work.handovers.forget_ways()
            await work.commit()
        return len(words)

    async def _bring(self, work: Work, word: HandoverWord) -> None:
        sealed = await work.handovers.way(word.handover_id)
        way = self._seals.open_way(word.handover_id, sealed) if sealed else None
        text = self._seals.open_word(word)
        if way is None or text is None:
            # Their keys have ended, or they are of a backup, which holds none of them.
            await work.handovers.settle(word, DeliveryState.FAILED, Reason.NOT_FOUND)
            log.warning("handover.unreadable", extra={"handover_id": word.handover_id})
            return
        handover = await work.handovers.get(word.handover_id)
        units = {unit.id: unit for unit in await work.units.all()}
        line = path_up(handover.unit_id, units)
        if word.speaker is Speaker.OFFICER:
            told = self._say(ANSWER, way.language, unit=line[0].name, text=text)
        else:
            # Of the bot's own words only the key stands there.
            told = self._say(text, way.language, **contacts_of(line))
        message = Outgoing(text=told)
        reply = self._envelopes.reply(way.address, message)
        delivery_id = await work.deliveries.add_reply(reply, at=self._clock.now())
        await work.handovers.brought(word, delivery_id)

    async def sweep(self) -> int:
        """End what nobody ended, remind of what waits, forget what is old; return how many."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            silent = await work.handovers.open_before(now - ENDS_AFTER, limit=_AT_ONCE * 10)
            ended = 0
            for handover in silent:
                ended += await self._end(work, handover)
            await work.handovers.forget_before(now - WORDS_KEPT)
            await work.commit()
        return ended

    async def _end(self, work: Work, handover: Handover) -> int:
        now = self._clock.now()
        state = handover.over_for(now)
        if state is None:
            if handover.last_word_at <= now - _REMIND_AFTER:
                await self._remind(work, handover)
            return 0
        ended = handover.moved(state, at=now)
        ended, word = closing_word(ended, CLOSING[state], seals=self._seals, at=now)
        await work.handovers.add_word(word)
        await work.handovers.save(ended)
        await self._audit.note(
            work, "handover.end", by=CLOCK, subject=ended.id, facts={"to": state.value}
        )
        log.info("handover.ended", extra={"handover_id": ended.id, "state": state.value})
        return 1

    async def _remind(self, work: Work, handover: Handover) -> None:
        unit = await work.units.get(handover.unit_id)
        await self._notices.tell(
            work,
            NoticeKey.HANDOVERS_WAIT,
            unit_id=unit.id,
            subject=unit.id,
            about={"unit": unit.name},
            act=Act.ANSWER,
            every=timedelta(days=1),
        )
