"""Forgetting somebody altogether, at their word (Nghị định 356/2025 Điều 5).

Tips are not touched: nothing ties them to who sent them.
"""

from bot.core.ids import ConversationKey
from bot.core.messages import Address
from bot.core.slips import SlipKind
from bot.core.storage import Work
from bot.services.audit import RESIDENT, Audit
from bot.services.envelopes import Envelopes
from bot.services.handovers.asking import HandoverAsking
from bot.services.people.call_backs import CallBacks
from bot.services.people.people import People


class Withdrawals:
    """Deletes what is kept of one chat; the audit chain tells that it happened, not of whom."""

    def __init__(
        self,
        *,
        people: People,
        call_backs: CallBacks,
        handovers: HandoverAsking,
        envelopes: Envelopes,
        audit: Audit,
    ) -> None:
        self._people = people
        self._call_backs = call_backs
        self._handovers = handovers
        self._envelopes = envelopes
        self._audit = audit

    async def delete(self, work: Work, address: Address) -> None:
        """Forget who joined from the chat, and every note about the conversation.

        The step of the dialogue they asked in is left to whoever answers; marks of echoes hold
        no name and are gone in hours.
        """
        await self._forget(work, address, asked="here")

    async def withdrew(self, work: Work, address: Address) -> None:
        """Forget everything: they asked the platform for it, and are not written to again."""
        conversation = self._envelopes.conversation(address.channel_id, address.chat)
        await work.dialogues.remove(conversation)
        await work.mailboxes.remove(conversation)
        await self._forget(work, address, asked="platform")

    async def _forget(self, work: Work, address: Address, *, asked: str) -> None:
        conversation = self._envelopes.conversation(address.channel_id, address.chat)
        await self._people.delete(work, address)
        await self._call_backs.forget(work, conversation)
        await self._handovers.forget(work, conversation)
        await work.slips.remove(SlipKind.STAND_BACK, conversation)
        await work.slips.remove(SlipKind.INTRODUCED, conversation)
        await work.slips.remove_of(SlipKind.SHELF, conversation)
        await self._audit.note(work, "person.delete", by=RESIDENT, facts={"asked": asked})

    async def keeps_number(self, conversation: ConversationKey) -> bool:
        """Tell whether somebody's number is kept to be called back."""
        return await self._call_backs.waits(conversation)

    async def keeps_words(self, conversation: ConversationKey) -> bool:
        """Tell whether anything somebody wrote to officers, having asked for them, is kept."""
        return await self._handovers.keeps(conversation)
