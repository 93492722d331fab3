"""An officer's own keys, as the own password opens them.

One key lives. After a change of pair the one before is retired but kept until everything it
opens was sealed to the new one; whatever interrupted that, the next sign-in goes on with it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core.ids import KeyHolderId
from bot.core.officers import KeyHolder, Officer, fingerprint_of
from bot.core.sealing import HolderKeys
from bot.core.storage import Storage, Work
from bot.services.audit import Audit
from bot.services.officers.keys_in_hand import KeyInHand
from bot.services.officers.retiring import Retiring
from bot.services.tips.reading.key_care import Giver, KeyCare, Noted

log = logging.getLogger(__name__)


class OwnPairs:
    """Unlocks, locks anew and replaces an officer's own keys."""

    def __init__(
        self,
        *,
        storage: Storage,
        keys: HolderKeys,
        key_care: KeyCare,
        retiring: Retiring,
        audit: Audit,
    ) -> None:
        self._storage = storage
        self._keys = keys
        self._key_care = key_care
        self._retiring = retiring
        self._audit = audit

    async def unlocked(self, officer: Officer, password: str) -> KeyInHand | None:
        """Return the living key, after handing over to it what an older one still opens.

        None if the officer has no key. Raise `WrongPassword`.
        """
        async with self._storage.read() as work:
            holders = await work.officers.holders_of(officer.id)
        living = next((one for one in holders if one.retired_at is None), None)
        if living is None:
            return None
        for old in holders:
            if old.retired_at is not None:
                await self._hand_over(officer, old, living, password)
        private = await self._private(living, password)
        if self._keys.public_of(private) != living.public_key:
            await self._tell_differs(officer)
        return KeyInHand(holder_id=living.id, private_key=private)

    async def _tell_differs(self, officer: Officer) -> None:
        """Write down that tips are sealed to a key which the officer's password does not lead to.

        Somebody put another public key into the database. What was sealed before still opens.
        """
        log.error("key.differs", extra={"officer_id": officer.id})
        async with self._storage.begin() as work:
            await self._audit.note(work, "key.differs", by=officer.id, subject=officer.id)
            await work.commit()

    async def _hand_over(
        self, officer: Officer, old: KeyHolder, living: KeyHolder, password: str
    ) -> None:
        giver = Giver(holder_id=old.id, private_key=await self._private(old, password))
        noted = Noted(act="key.rotate", by=officer.id, subject=officer.id)
        await self._key_care.hand_over(giver, living, noted=noted)
        async with self._storage.begin() as work:
            await self._audit.note(work, "key.retire", by=officer.id, subject=officer.id)
            # A tip may have been on its way to the old key until a moment ago.
            if not await work.tip_keys.giveable(old.id, living.id):
                await self._retiring.end(work, old)
                await work.commit()

    def fingerprint(self, key: KeyInHand) -> str:
        """Return by what its officer compares a key in hand with the one tips are sealed to."""
        return fingerprint_of(self._keys.public_of(key.private_key))

    async def _private(self, holder: KeyHolder, password: str) -> bytes:
        return await self._keys.unlock(holder.locked_private or b"", password)

    async def relocked(
        self, holders: Sequence[KeyHolder], password: str
    ) -> Mapping[KeyHolderId, bytes]:
        """Return new locks for keys that were locked at other costs than today's; slow."""
        return await self._locks(
            [one for one in holders if self._keys.needs_relock(one.locked_private or b"")],
            password,
            password,
        )

    async def locks(self, officer: Officer, old: str, new: str) -> Mapping[KeyHolderId, bytes]:
        """Return the locks of the officer's keys under another password; slow."""
        async with self._storage.read() as work:
            holders = await work.officers.holders_of(officer.id)
        return await self._locks(holders, old, new)

    async def _locks(
        self, holders: Sequence[KeyHolder], old: str, new: str
    ) -> Mapping[KeyHolderId, bytes]:
        return {
            one.id: await self._keys.lock(await self._private(one, old), new) for one in holders
        }

    async def save_locks(
        self, work: Work, officer: Officer, locks: Mapping[KeyHolderId, bytes]
    ) -> None:
        """Keep new locks of the officer's keys within the caller's transaction."""
        for holder in await work.officers.holders_of(officer.id):
            if holder.id in locks:
                await work.officers.save_holder(replace(holder, locked_private=locks[holder.id]))
