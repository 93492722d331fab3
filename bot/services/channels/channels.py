"""Accounts on platforms: added, kept sealed, opened, and told apart while the program runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Final

from bot.core.channels import (
    AccountState,
    Capabilities,
    Channel,
    ChannelAccount,
    ChannelKind,
    CredentialStore,
    Finding,
    revoked_key,
)
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ChannelId, UnitId, new_id
from bot.core.messages import Incoming, Media
from bot.core.notices import NoticeKey
from bot.core.sealing import SealBroken
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.channels.credentials import CONNECTED_AT, StoredCredentials
from bot.services.channels.grants import APP_ID, OA_ID
from bot.services.channels.prices import Prices, unpriced
from bot.services.channels.renewals import Renewals
from bot.services.envelopes import Envelopes
from bot.services.notices import Notices

log = logging.getLogger(__name__)

WEB: Final = ChannelId("web")

# Addresses in place of a platform's own: left out means the platform's.
_ADDRESSES: Final = frozenset({"api_url", "oauth_url"})

# Whoever removes an account does not wait longer for its platform.
_RETIRE_LIMIT_S: Final = 8.0

Opener = Callable[[ChannelAccount, CredentialStore], Awaitable[Channel]]


def merged(account: ChannelAccount, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of an account connected again: what is not said stays as it was."""
    kept = {key: value for key, value in account.settings.items() if key not in _ADDRESSES}
    return {key: value for key, value in {**kept, **settings}.items() if value}


class Channels:
    """The accounts in use. Other processes add accounts too, so `refresh` looks again."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        audit: Audit,
        notices: Notices,
        opener: Opener,
        clock: Clock,
        chance: Chance,
        owner: str,
    ) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._audit = audit
        self._notices = notices
        self._opener = opener
        self._clock = clock
        self._chance = chance
        self._owner = owner
        self.renewals = Renewals(storage=storage, envelopes=envelopes, clock=clock)
        self.prices = Prices(storage=storage, audit=audit)
        self._listed: Mapping[ChannelId, ChannelAccount] = {}
        self._open: dict[ChannelId, Channel] = {}
        self._opened_with: dict[ChannelId, Mapping[str, str]] = {}
        self._refreshing = asyncio.Lock()

    def all(self) -> Sequence[Channel]:
        """Return the channels that are open in this process."""
        return tuple(self._open.values())

    def get(self, channel_id: ChannelId) -> Channel:
        """Return an open channel. Raise `NotFound`."""
        if channel_id not in self._open:
            raise NotFound("this channel is not in use")
        return self._open[channel_id]

    def is_shut(self, path: str, meant: Collection[str]) -> bool:
        """Tell whether an account that is in use but not open here is posted to at `path`.

        `meant`: the platform's ids among which that account's must be; empty for any. Asks what
        the last `refresh` read, so a flood of strangers costs no reading.
        """
        name = path.rpartition("/")[2]
        shut = (one for one in self._listed.values() if one.id not in self._open)
        there = (one for one in shut if name in {one.id, one.settings.get(APP_ID)})
        return any(not meant or one.settings.get(OA_ID) in meant for one in there)

    def facts(self, channel_id: ChannelId) -> tuple[ChannelKind, int]:
        """Return the platform and the longest text of an open channel. Raise `NotFound`."""
        channel = self.get(channel_id)
        return channel.kind, channel.capabilities.text_limit

    async def answer_tap(self, incoming: Incoming) -> None:
        """Tell the platform that a tap was seen."""
        if incoming.tap_id is not None:
            await self.get(incoming.channel_id).answer_tap(incoming.tap_id)

    async def fetch(self, channel_id: ChannelId, media: Media) -> bytes:
        """Return the bytes of something that came in. Raise `MediaRefused`, `SendError`."""
        return await self.get(channel_id).fetch(media)

    async def ensure_web(self, unit_id: UnitId) -> None:
        """Make sure the web channel exists: it needs no account anywhere."""
        async with self._storage.begin() as work:
            if any(one.kind is ChannelKind.WEB for one in await work.channels.all()):
                return
            await work.channels.save(
                ChannelAccount(
                    id=WEB,
                    kind=ChannelKind.WEB,
                    unit_id=unit_id,
                    name="web",
                    settings={},
                    sealed_credentials=self._envelopes.credentials(WEB, {}),
                    added_at=self._clock.now(),
                )
            )
            await work.commit()

    async def add(
        self,
        *,
        kind: ChannelKind,
        unit_id: UnitId,
        name: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        by: str,
    ) -> ChannelAccount:
        """Add an account. Its secrets are sealed before they reach the database."""
        channel_id = ChannelId(new_id(self._chance))
        account = ChannelAccount(
            id=channel_id,
            kind=kind,
            unit_id=unit_id,
            name=name,
            settings=self._connected(settings),
            sealed_credentials=self._envelopes.credentials(channel_id, credentials),
            added_at=self._clock.now(),
        )
        async with self._storage.begin() as work:
            await work.channels.save(account)
            await self._audit.note(work, "channel.add", by=by, subject=channel_id)
            await work.commit()
        return account

    async def reconnect(
        self,
        channel_id: ChannelId,
        *,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        by: str,
    ) -> ChannelAccount:
        """Give an account that is in use new secrets; it keeps its id and so its people."""
        async with self._storage.begin() as work:
            account = await work.channels.get(channel_id)
            account = replace(
                account.mended(),
                settings=self._connected(settings),
                sealed_credentials=self._envelopes.credentials(channel_id, credentials),
                version=account.version + 1,
            )
            await work.channels.save(account)
            await work.settings.put(revoked_key(channel_id), "")
            await self._audit.note(work, "channel.reconnect", by=by, subject=channel_id)
            await work.commit()
        return account

    async def change(
        self,
        channel_id: ChannelId,
        *,
        name: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        by: str,
    ) -> None:
        """Set what is given of an account and leave the rest, above all its tokens, alone.

        Its credentials stay the same version, so that a renewal under way is kept. Settings
        given as "" are taken away.
        """
        async with self._storage.begin() as work:
            account = await work.channels.get(channel_id)
            held = self._envelopes.open_credentials(account.id, account.sealed_credentials)
            changed = replace(
                # What was wrong is taken for mended; if it is not, it is said again at once.
                account.mended(),
                name=name,
                settings=self._connected(
                    {k: v for k, v in {**account.settings, **settings}.items() if v}
                ),
                sealed_credentials=self._envelopes.credentials(channel_id, {**held, **secrets}),
            )
            await work.channels.save(changed)
            await self._audit.note(work, "channel.change", by=by, subject=channel_id)
            await work.commit()

    def _connected(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the settings with the moment they were given; by it other processes notice."""
        return {**settings, CONNECTED_AT: self._clock.now().isoformat(timespec="seconds")}

    async def webhook_path(self, account: ChannelAccount) -> str | None:
        """Return the path the platform posts to for an account, or None if it does not."""
        async with AsyncExitStack() as stack:
            return (await self._opened_until_end(account, stack)).webhook_path

    async def offers(self) -> Mapping[ChannelId, Capabilities]:
        """Return what the platform of each account offers. Asks no platform.

        What is not open in this process (commands run beside `serve`) is opened for the question.
        """
        async with AsyncExitStack() as stack:
            found = [
                self._open.get(one.id) or await self._try_opening(one, stack)
                for one in await self.accounts()
            ]
            return {channel.id: channel.capabilities for channel in found if channel is not None}

    async def accounts(self) -> list[ChannelAccount]:
        """Return every account that was not removed."""
        async with self._storage.read() as work:
            return await work.channels.all()

    async def secrets(self, channel_id: ChannelId) -> Mapping[str, str]:
        """Return an account's secrets, for connecting it again. Raise `NotFound`."""
        return (await self._credentials(channel_id).load()).values

    async def remove(self, channel_id: ChannelId, *, by: str) -> None:
        """Take an account out of use and forget its secrets. Raise `NotFound`, `RuleBroken`."""
        async with AsyncExitStack() as stack:
            # Opened while its secrets are still there, told of it once it is really gone.
            channel = await self._to_retire(channel_id, stack)
            await self._forget(channel_id, by=by)
            if channel is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_RETIRE_LIMIT_S):
                        await channel.retire()

    async def _to_retire(self, channel_id: ChannelId, stack: AsyncExitStack) -> Channel | None:
        """Return the channel of an account to be removed, None if it cannot be opened."""
        async with self._storage.read() as work:
            account = await work.channels.get(channel_id)
        if account.state is AccountState.REMOVED or account.kind is ChannelKind.WEB:
            return None
        return await self._try_opening(account, stack)

    async def _forget(self, channel_id: ChannelId, *, by: str) -> None:
        async with self._storage.begin() as work:
            account = await work.channels.get(channel_id)
            if account.state is AccountState.REMOVED:
                raise NotFound(f"channel {channel_id}")
            if account.kind is ChannelKind.WEB:
                raise RuleBroken("channel_web_stays")
            gone = replace(
                account,
                state=AccountState.REMOVED,
                sealed_credentials=self._envelopes.credentials(channel_id, {}),
                version=account.version + 1,
            )
            await work.channels.save(gone)
            await self._audit.note(work, "channel.remove", by=by, subject=channel_id)
            await work.commit()

    async def mark(self, channel_id: ChannelId, *, trouble: str) -> None:
        """Note that an account cannot send (`trouble` says why), or that it can again ("")."""
        async with self._storage.begin() as work:
            account = await work.channels.get(channel_id)
            # A removed account stays removed, whatever its last request ended with.
            is_news = account.trouble != trouble and account.state is not AccountState.REMOVED
            # Nor does a send that seems to work give back a permission that was taken away.
            is_news = is_news and not await work.settings.get(revoked_key(channel_id))
            if is_news:
                await work.channels.save(account.broken(trouble) if trouble else account.mended())
                await self._tell_officers(work, account, trouble)
                await work.commit()
        if is_news and trouble:
            log.error("channel.broken", extra={"channel_id": channel_id})

    async def revoke(self, work: Work, account: ChannelAccount, *, trouble: str) -> bool:
        """Mark an account unusable until it is connected anew; tell whether that is news."""
        if account.state is AccountState.REMOVED:
            return False
        is_news = not await work.settings.get(revoked_key(account.id))
        await work.settings.put(revoked_key(account.id), self._clock.now().isoformat())
        if account.trouble != trouble:
            await work.channels.save(account.broken(trouble))
            await self._tell_officers(work, account, trouble)
        return is_news

    async def _tell_officers(self, work: Work, account: ChannelAccount, trouble: str) -> None:
        unit = await work.units.get(account.unit_id)
        about: dict[str, str] = {"channel": account.name, "unit": unit.name}
        if trouble:
            about["trouble"] = trouble
        await self._notices.tell(
            work,
            NoticeKey.CHANNEL_BROKEN if trouble else NoticeKey.CHANNEL_MENDED,
            unit_id=account.unit_id,
            subject=account.id,
            not_over=account.id if trouble else None,
            about=about,
        )

    async def check(self, channel_id: ChannelId) -> Sequence[Finding]:
        """Call the platform and say what is well and what is not. Raise `NotFound`."""
        async with self._storage.read() as work:
            account = await work.channels.get(channel_id)
            is_revoked = bool(await work.settings.get(revoked_key(channel_id)))
        if account.state is AccountState.REMOVED:
            raise NotFound(f"channel {channel_id}")
        async with AsyncExitStack() as stack:
            findings = await (await self._opened_until_end(account, stack)).check()
        if is_revoked:
            # Tokens may outlive the permission for a while; nothing is announced with them.
            return [Finding(is_well=False, what=account.trouble), *findings]
        is_well = bool(findings) and all(one.is_well for one in findings)
        if is_well and account.state is AccountState.BROKEN:
            # What was wrong was mended at the platform; nobody need wait for the next message.
            await self.mark(channel_id, trouble="")
        return findings

    async def _try_opening(self, account: ChannelAccount, stack: AsyncExitStack) -> Channel | None:
        with suppress(SealBroken, KeyError, ValueError):
            return await self._opened_until_end(account, stack)
        return None

    async def _opened_until_end(self, account: ChannelAccount, stack: AsyncExitStack) -> Channel:
        channel = await self._opener(account, self._credentials(account.id))
        stack.push_async_callback(channel.close)
        return channel

    async def refresh(self) -> list[Channel]:
        """Open what was added and close what was removed since; return what is new."""
        async with self._refreshing:
            return await self._refresh()

    async def _refresh(self) -> list[Channel]:
        self._listed = accounts = {one.id: one for one in await self.accounts()}
        for channel_id in list(self._open):
            account = accounts.get(channel_id)
            if account is None or unpriced(account.settings) != self._opened_with[channel_id]:
                await self._open.pop(channel_id).close()
        missing = [one for one in accounts.values() if one.id not in self._open]
        return [channel for one in missing if (channel := await self._opened(one))]

    async def _opened(self, account: ChannelAccount) -> Channel | None:
        """Open an account, or note that it cannot be: one bad account must not stop the others."""
        try:
            channel = await self._opener(account, self._credentials(account.id))
        except (SealBroken, KeyError, ValueError) as error:
            await self.mark(account.id, trouble=type(error).__name__)
            return None
        self._open[account.id] = channel
        self._opened_with[account.id] = unpriced(account.settings)
        return channel

    async def close(self) -> None:
        """Close every open channel."""
        while self._open:
            await self._open.popitem()[1].close()

    def _credentials(self, channel_id: ChannelId) -> StoredCredentials:
        return StoredCredentials(
            channel_id,
            storage=self._storage,
            envelopes=self._envelopes,
            clock=self._clock,
            chance=self._chance,
            owner=self._owner,
            report=self._note_credentials,
        )

    async def _note_credentials(self, channel_id: ChannelId, trouble: str) -> None:
        await self.renewals.note(channel_id, trouble)
        await self.mark(channel_id, trouble=trouble)
