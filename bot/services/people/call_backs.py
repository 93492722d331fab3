"""People who left their number in a platform's form, to be called back by an officer.

Name and number are sealed, seen by officers of the person's unit only, and gone when somebody
called, or after two weeks.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import NotFound
from bot.core.ids import ConversationKey, UnitId
from bot.core.languages import Language
from bot.core.messages import Contact, Incoming, Outgoing
from bot.core.notices import NoticeKey
from bot.core.officers import Act, Officer
from bot.core.sealing import SealBroken
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.units import below
from bot.services.audit import Audit
from bot.services.envelopes import Envelopes
from bot.services.notices import Notices
from content.sentences import Voice

KEPT: Final = timedelta(days=14)
WORDS: Final = ("call_back_noted", "call_back_no_number")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """Somebody to be called. `contact` is None if it can no longer be read."""

    key: str
    unit_id: UnitId
    contact: Contact | None = field(repr=False)
    asked_at: datetime


class CallBacks:
    """Use cases about people to be called."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        audit: Audit,
        notices: Notices,
        say: Voice,
        clock: Clock,
    ) -> None:
        """`say` has `WORDS`."""
        self._storage = storage
        self._envelopes = envelopes
        self._audit = audit
        self._notices = notices
        self._say = say
        self._clock = clock

    async def heard(
        self, work: Work, incoming: Incoming, conversation: ConversationKey
    ) -> tuple[Outgoing, ...]:
        """Keep what somebody filled in, asked or not; thank them. Nothing in a group."""
        if incoming.is_group or incoming.contact is None:
            return ()
        person = await work.people.find(incoming.channel_id, incoming.chat)
        language = person.language if person else incoming.language or Language.VI
        if not incoming.contact.phone:
            return (Outgoing(text=self._say("call_back_no_number", language).strip()),)
        account = await work.channels.get(incoming.channel_id)
        unit_id = person.unit_id if person else account.unit_id
        await self._keep(work, unit_id, conversation, incoming.contact)
        return (Outgoing(text=self._say("call_back_noted", language).strip()),)

    async def _keep(
        self, work: Work, unit_id: UnitId, conversation: ConversationKey, contact: Contact
    ) -> None:
        key = self._envelopes.call_back_key(conversation)
        await work.slips.put(
            Slip(
                kind=SlipKind.CALL_BACK,
                key=key,
                holder=unit_id,
                body=self._envelopes.call_back(key, contact),
                until=self._clock.now() + KEPT,
            )
        )
        await self._notices.tell(
            work,
            NoticeKey.CALL_BACK,
            unit_id=unit_id,
            subject=unit_id,
            about={"unit": (await work.units.get(unit_id)).name},
            act=Act.ANNOUNCE,
        )

    async def waits(self, conversation: ConversationKey) -> bool:
        """Tell whether a number left in this conversation is kept."""
        key = self._envelopes.call_back_key(conversation)
        async with self._storage.read() as work:
            kept = await work.slips.get(SlipKind.CALL_BACK, key, now=self._clock.now())
        return kept is not None

    async def forget(self, work: Work, conversation: ConversationKey) -> None:
        """Forget what was left in this conversation."""
        key = self._envelopes.call_back_key(conversation)
        await work.slips.remove(SlipKind.CALL_BACK, key)

    async def show(self, officer: Officer) -> list[CallBack]:
        """Return who waits in the officer's units, longest first. The look is audited."""
        async with self._storage.begin() as work:
            slips = await self._waiting(work, officer)
            if slips:
                await self._audit.note(
                    work,
                    "call_back.list",
                    by=officer.id,
                    subject=officer.unit_id,
                    facts={"shown": str(len(slips))},
                )
                await work.commit()
        found = (self._opened(slip) for slip in slips)
        return sorted(found, key=lambda one: (one.asked_at, one.key))

    async def count(self, officer: Officer) -> int:
        """Return how many wait in the officer's units; nobody is looked at."""
        async with self._storage.read() as work:
            return len(await self._waiting(work, officer))

    async def _waiting(self, work: Work, officer: Officer) -> list[Slip]:
        now = self._clock.now()
        return [
            slip
            for unit_id in sorted(below(officer.unit_id, await work.units.all()))
            for slip in await work.slips.of_holder(SlipKind.CALL_BACK, unit_id, now=now)
        ]

    async def done(self, key: str, *, by: Officer) -> None:
        """Forget somebody who was called. Raise `NotFound`."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            slip = await work.slips.get(SlipKind.CALL_BACK, key, now=now)
            if slip is None or slip.holder not in below(by.unit_id, await work.units.all()):
                raise NotFound("nobody to be called")
            await work.slips.remove(SlipKind.CALL_BACK, key)
            await self._audit.note(work, "call_back.done", by=by.id, subject=slip.holder)
            await work.commit()

    def _opened(self, slip: Slip) -> CallBack:
        try:
            contact = self._envelopes.open_call_back(slip.key, slip.body)
        except SealBroken:
            contact = None
        return CallBack(
            key=slip.key,
            unit_id=UnitId(slip.holder),
            contact=contact,
            asked_at=slip.until - KEPT,
        )
