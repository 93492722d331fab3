"""How the credentials fare that adapters renew by themselves: how old they are, which are lost."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.channels import ChannelAccount
from bot.core.ids import ChannelId
from bot.core.sealing import SealBroken
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.channels.credentials import CONNECTED_AT, REFRESH_TOKEN, RENEWED_AT
from bot.services.envelopes import Envelopes


class Renewals:
    """Looks at the accounts; renews nothing."""

    def __init__(self, *, storage: Storage, envelopes: Envelopes, clock: Clock) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._clock = clock
        # Whose credentials were given up in this process, and in which state of them.
        self._lost: dict[ChannelId, int] = {}

    async def note(self, channel_id: ChannelId, trouble: str) -> None:
        """Remember that somebody must connect the account again, "" that nobody must."""
        self._lost.pop(channel_id, None)
        if trouble:
            async with self._storage.read() as work:
                self._lost[channel_id] = (await work.channels.get(channel_id)).version

    async def count_lost(self) -> int:
        """Return how many accounts wait for an officer to connect them again."""
        accounts = await self._accounts()
        return sum(self._lost.get(account.id) == account.version for account in accounts)

    async def ages(self) -> Mapping[ChannelId, timedelta]:
        """Return how long ago the credentials that are renewed were renewed or given."""
        now = self._clock.now()
        return {
            account.id: now - at
            for account in await self._accounts()
            if (at := self._renewed_at(account)) is not None
        }

    async def _accounts(self) -> Sequence[ChannelAccount]:
        async with self._storage.read() as work:
            return await work.channels.all()

    def _renewed_at(self, account: ChannelAccount) -> datetime | None:
        try:
            values = self._envelopes.open_credentials(account.id, account.sealed_credentials)
            if REFRESH_TOKEN not in values:
                return None
            told = values.get(RENEWED_AT) or account.settings[CONNECTED_AT]
            return datetime.fromisoformat(told)
        except (SealBroken, KeyError, ValueError):
            return None
