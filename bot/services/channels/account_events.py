"""What a platform tells about our own account there: permission taken away, quotas changed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.channels import ChannelAccount
from bot.core.ids import ChannelId, ConversationKey
from bot.core.languages import Language
from bot.core.messages import AccountEvent, Incoming, Outgoing
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.services.audit import CLOCK, Audit
from bot.services.channels.channels import Channels
from bot.services.channels.credentials import CONNECTED_AT
from content.sentences import Voice

log = logging.getLogger(__name__)

WORDS: Final = ("account_revoked",)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaNote:
    """What a platform said last of how much an account may send: numbers, "before → now"."""

    note: str
    at: datetime


class AccountEvents:
    """Acts on what platforms tell of our accounts."""

    def __init__(
        self, *, channels: Channels, storage: Storage, audit: Audit, say: Voice, clock: Clock
    ) -> None:
        """`say` has `WORDS`; what it says is shown to officers."""
        self._channels = channels
        self._storage = storage
        self._audit = audit
        self._say = say
        self._clock = clock

    async def heard(
        self, work: Work, incoming: Incoming, _conversation: ConversationKey
    ) -> tuple[Outgoing, ...]:
        """Act on what happened to an account; says nothing to residents."""
        if incoming.account is None:
            return ()
        at = incoming.at or self._clock.now()
        match incoming.account.event:
            case AccountEvent.REVOKED:
                await self._revoked(work, incoming.channel_id, at)
            case AccountEvent.QUOTA:
                if incoming.account.note:
                    told = f"{at.isoformat()} {incoming.account.note}"
                    await work.settings.put(_quota_of(incoming.channel_id), told)
        return ()

    async def _revoked(self, work: Work, channel_id: ChannelId, at: datetime) -> None:
        account = await work.channels.get(channel_id)
        if at < _connected_at(account):
            # Told of a permission that was given anew since.
            return
        trouble = self._say("account_revoked", Language.VI).strip()
        if await self._channels.revoke(work, account, trouble=trouble):
            await self._audit.note(work, "channel.revoked", by=CLOCK, subject=channel_id)
            log.error("channel.revoked", extra={"channel_id": channel_id})

    async def quotas(self) -> Mapping[ChannelId, QuotaNote]:
        """Return what each platform said last of what its account may send."""
        found: dict[ChannelId, QuotaNote] = {}
        async with self._storage.read() as work:
            for account in await work.channels.all():
                told = await work.settings.get(_quota_of(account.id))
                if told:
                    at, _, note = told.partition(" ")
                    found[account.id] = QuotaNote(note=note, at=datetime.fromisoformat(at))
        return found


def _quota_of(channel_id: ChannelId) -> str:
    return f"quota:{channel_id}"


def _connected_at(account: ChannelAccount) -> datetime:
    told = account.settings.get(CONNECTED_AT)
    return datetime.fromisoformat(told) if told else account.added_at
