"""Telling officers, in a chat or at an address they named, what will not wait.

A notice says what happened to the program, never what a resident said. How an officer names a
chat: the console shows a one-time code, the officer types it to the bot.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.errors import NotFound
from bot.core.ids import ChannelId, OfficerId, UnitId, new_id
from bot.core.languages import Language
from bot.core.messages import Address, Outgoing
from bot.core.notices import NoticeKey, OfficerChat
from bot.core.officers import Act, Officer
from bot.core.sealing import Pseudonyms, SealBroken
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.units import path_up
from bot.services.audit import Audit
from bot.services.envelopes import Envelopes
from bot.services.mailing import Mailing
from bot.services.one_time_codes import OneTimeCodes
from content.sentences import Voice

WORDS: Final = tuple(NoticeKey)
# What comes and goes is told once in this time.
ONCE_IN: Final = timedelta(hours=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Notices:
    """Use cases about notices."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        audit: Audit,
        mailing: Mailing,
        voice: Voice,
        pseudonyms: Pseudonyms,
        clock: Clock,
        chance: Chance,
    ) -> None:
        """`voice` says the sentences of section `notices`."""
        self._storage = storage
        self._envelopes = envelopes
        self._audit = audit
        self._mailing = mailing
        self._say = voice
        self._codes = OneTimeCodes(
            SlipKind.OFFICER_CODE, pseudonyms=pseudonyms, clock=clock, chance=chance
        )
        self._clock = clock
        self._chance = chance

    # --- which chat --------------------------------------------------------------------------

    async def make_code(self, officer: Officer) -> str:
        """Return a code the officer types to the bot, once, within half an hour."""
        code = self._codes.draw()
        slip = Slip(
            kind=SlipKind.OFFICER_CODE,
            key=self._codes.key(code),
            holder=officer.id,
            until=self._codes.until(),
        )
        async with self._storage.begin() as work:
            await work.slips.remove_of(SlipKind.OFFICER_CODE, officer.id)
            await work.slips.put(slip)
            await work.commit()
        return code

    async def knows(self, code: str) -> bool:
        """Tell whether a code that was typed is one of ours and not used yet."""
        async with self._storage.read() as work:
            now = self._clock.now()
            return (
                await work.slips.get(SlipKind.OFFICER_CODE, self._codes.key(code), now=now)
                is not None
            )

    async def link(self, work: Work, code: str, to: Address) -> None:
        """Make the chat one that the officer behind the code is told things in.

        A code that was used meanwhile changes nothing.
        """
        now = self._clock.now()
        slip = await work.slips.take(SlipKind.OFFICER_CODE, self._codes.key(code), now=now)
        if slip is None:
            return
        officer = await _officer(work, slip.holder)
        if officer is None or not officer.is_active:
            return
        for known in await work.officers.chats([officer.id]):
            if self._address(known) == to:
                await work.officers.remove_chat(known.id)
        chat_id = new_id(self._chance)
        await work.officers.save_chat(
            OfficerChat(
                id=chat_id,
                officer_id=officer.id,
                channel_id=to.channel_id,
                sealed=self._envelopes.officer_chat(chat_id, to),
                linked_at=now,
            )
        )
        await self._audit.note(work, "officer.chat_link", by=officer.id, subject=officer.id)

    async def chats_of(self, officer: Officer) -> list[OfficerChat]:
        """Return the chats the officer named."""
        async with self._storage.read() as work:
            return await work.officers.chats([officer.id])

    async def unlink(self, chat_id: str, *, by: Officer) -> None:
        """Tell nothing any more in that chat of the officer's. Raise `NotFound`."""
        async with self._storage.begin() as work:
            if chat_id not in {chat.id for chat in await work.officers.chats([by.id])}:
                raise NotFound("no such chat")
            await work.officers.remove_chat(chat_id)
            await self._audit.note(work, "officer.chat_unlink", by=by.id, subject=by.id)
            await work.commit()

    # --- telling -----------------------------------------------------------------------------

    async def tell(
        self,
        work: Work,
        key: NoticeKey,
        *,
        unit_id: UnitId,
        subject: str,
        about: Mapping[str, str | int],
        act: Act = Act.ADMINISTER,
        every: timedelta = ONCE_IN,
        not_over: ChannelId | None = None,
        is_apart: bool = False,
    ) -> int:
        """Tell the officers of the unit and those above it who may `act`; return how often.

        Rides in the caller's transaction. The same about the same `subject` is told once in
        each full `every`. `not_over` is a channel that cannot bring it now. What is kept apart
        is told to officers of the very unit only.
        """
        now = self._clock.now()
        if not await work.claims.once(f"notice:{key}:{subject}", now - (now - _EPOCH) % every):
            return 0
        officer_ids = await self._responsible(work, unit_id, act, is_apart=is_apart)
        chats = await work.officers.chats(officer_ids)
        text = self._say(key, Language.VI, **about)
        told = [
            address
            for chat in chats
            if chat.channel_id != not_over and (address := self._address(chat)) is not None
        ]
        replies = [self._envelopes.reply(address, Outgoing(text=text)) for address in told]
        await work.deliveries.add_replies(replies, at=now)
        is_urgent = key is NoticeKey.TIP_URGENT
        mails = await self._mailing.queue(work, officer_ids, text, is_urgent=is_urgent)
        return len(replies) + mails

    async def send_to(self, work: Work, officer: Officer, message: Outgoing) -> int:
        """Send a message to every chat the officer named; return how many there are."""
        chats = await work.officers.chats([officer.id])
        to = [address for chat in chats if (address := self._address(chat)) is not None]
        replies = [self._envelopes.reply(address, message) for address in to]
        await work.deliveries.add_replies(replies, at=self._clock.now())
        return len(replies)

    async def tell_one(
        self,
        work: Work,
        key: NoticeKey,
        officer_id: OfficerId,
        *,
        about: Mapping[str, str | int],
    ) -> int:
        """Tell one officer; return in how many places. Whoever was let go hears nothing."""
        officer = await _officer(work, officer_id)
        if officer is None or not officer.is_active:
            return 0
        text = self._say(key, Language.VI, **about)
        mails = await self._mailing.queue(work, [officer.id], text)
        return await self.send_to(work, officer, Outgoing(text=text)) + mails

    async def _responsible(
        self, work: Work, unit_id: UnitId, act: Act, *, is_apart: bool
    ) -> Sequence[OfficerId]:
        units = {unit.id: unit for unit in await work.units.all()}
        line = {unit.id for unit in path_up(unit_id, units)}
        above: Collection[UnitId] = {unit_id} if is_apart else line
        return [
            officer.id
            for officer in await work.officers.all()
            if officer.is_active and officer.may(act) and officer.unit_id in above
        ]

    def _address(self, chat: OfficerChat) -> Address | None:
        try:
            return self._envelopes.open_officer_chat(chat.id, chat.sealed)
        except SealBroken:
            # Sealed by another installation's key: the officer names the chat again.
            return None


async def _officer(work: Work, officer_id: str) -> Officer | None:
    return next((one for one in await work.officers.all() if one.id == officer_id), None)
