"""One account's secrets in the database: kept sealed, renewed by one process at a time."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.core.channels import AccountState, Credentials, Renewal
from bot.core.ids import ChannelId, new_id
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.envelopes import Envelopes

# A setting: when an account was last given credentials; by it other processes notice.
CONNECTED_AT: Final = "connected_at"
# Names of credentials that adapters renew by themselves and officers are warned about.
REFRESH_TOKEN: Final = "refresh_token"  # noqa: S105 - a name, not a secret
RENEWED_AT: Final = "renewed_at"
# Not renewed for so long: something has kept us from it. A refresh token of Zalo lives three
# months from its issue, so that a month is left to act.
OLD_AFTER: Final = timedelta(days=60)
# Twice longer than the slowest renewal takes (two calls of 30 seconds and a pause), so that
# clocks of two machines may differ by a minute.
RENEWAL_LEASE: Final = timedelta(seconds=125)
_RENEWAL_POLL_S: Final = 0.25

# Told what is wrong with which account, "" when it is well again.
Report = Callable[[ChannelId, str], Awaitable[None]]


class StoredCredentials:
    """One account's credentials in the database. Fits `bot.core.channels.CredentialStore`."""

    def __init__(
        self,
        channel_id: ChannelId,
        *,
        storage: Storage,
        envelopes: Envelopes,
        clock: Clock,
        chance: Chance,
        owner: str,
        report: Report,
    ) -> None:
        self.channel_id = channel_id
        self._report = report
        self._storage = storage
        self._envelopes = envelopes
        self._clock = clock
        self._chance = chance
        self._owner = owner

    async def load(self) -> Credentials:
        """Return the newest stored credentials."""
        async with self._storage.read() as work:
            account = await work.channels.get(self.channel_id)
        values = self._envelopes.open_credentials(account.id, account.sealed_credentials)
        return Credentials(values=values, version=account.version)

    async def renew(self, seen: Credentials, renewal: Renewal) -> Credentials:
        """Renew under a lock of the database, unless somebody did since `seen`."""
        name = f"renew:{self.channel_id}"
        # Every renewal is an owner of its own: one process may make several at once.
        owner = f"{self._owner}:{new_id(self._chance)}"
        while not await self._lock(name, owner):
            newest = await self.load()
            if newest.version != seen.version:
                return newest
            await self._clock.sleep(_RENEWAL_POLL_S)
        try:
            newest = await self.load()
            if newest.version != seen.version:
                return newest
            return await self._store(await renewal(newest), instead_of=newest)
        finally:
            async with self._storage.begin() as work:
                await work.claims.end_lease(name, owner=owner)
                await work.commit()

    async def _lock(self, name: str, owner: str) -> bool:
        now = self._clock.now()
        async with self._storage.begin() as work:
            is_ours = await work.claims.lease(
                name, owner=owner, now=now, until=now + RENEWAL_LEASE
            )
            await work.commit()
        return is_ours

    async def report(self, trouble: str) -> None:
        """Mark the account as unable to send, or as well again."""
        await self._report(self.channel_id, trouble)

    async def learned(self, name: str, value: str) -> None:
        """Keep it with the settings of the account; its channel is opened anew with them."""
        async with self._storage.begin() as work:
            account = await work.channels.get(self.channel_id)
            is_news = account.settings.get(name) != value
            if is_news and account.state is not AccountState.REMOVED:
                settings = {**account.settings, name: value}
                await work.channels.save(replace(account, settings=settings))
                await work.commit()

    async def _store(self, renewed: Mapping[str, str], *, instead_of: Credentials) -> Credentials:
        async with self._storage.begin() as work:
            account = await work.channels.get(self.channel_id)
            kept = self._envelopes.open_credentials(account.id, account.sealed_credentials)
            if account.version != instead_of.version:
                # An officer connected the account anew meanwhile, and means what was given last.
                return Credentials(values=kept, version=account.version)
            before = instead_of.values
            # Other secrets may have been changed by hand while the platform was asked.
            values = {**kept, **{k: v for k, v in renewed.items() if before.get(k) != v}}
            account = replace(
                account,
                sealed_credentials=self._envelopes.credentials(account.id, values),
                version=account.version + 1,
            )
            await work.channels.save(account)
            await work.commit()
        return Credentials(values=values, version=account.version)
