"""What an officer does about the own account: another password, another pair of keys."""

from dataclasses import replace

from bot.core.errors import RuleBroken
from bot.core.officers import Act
from bot.core.sealing import PasswordHashing
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.audit import Audit
from bot.services.officers.accounts import check_password
from bot.services.officers.keys_in_hand import KeysInHand
from bot.services.officers.own_pairs import OwnPairs
from bot.services.officers.pairs import Pairs
from bot.services.officers.sign_ins import SignedIn
from bot.services.officers.tries import Place, Tries


class OwnAccount:
    """Use cases of whoever is signed in, about themselves."""

    def __init__(
        self,
        *,
        storage: Storage,
        pairs: Pairs,
        own_pairs: OwnPairs,
        in_hand: KeysInHand,
        passwords: PasswordHashing,
        tries: Tries,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._pairs = pairs
        self._own_pairs = own_pairs
        self._in_hand = in_hand
        self._passwords = passwords
        self._tries = tries
        self._audit = audit
        self._clock = clock

    async def change_password(
        self, signed_in: SignedIn, old: str, new: str, *, place: Place
    ) -> None:
        """Lock the own key with another password; everywhere else the officer is signed out.

        The pair stays, so everything that could be opened still can. Raise `RuleBroken`.
        """
        await self._check(signed_in, old, place)
        officer = signed_in.officer
        check_password(new, login=officer.login)
        hashed = await self._passwords.hash(new)
        locks = await self._own_pairs.locks(officer, old, new)
        async with self._storage.begin() as work:
            await self._audit.note(work, "officer.password", by=officer.id, subject=officer.id)
            if await work.officers.get(officer.id) != officer:
                raise RuleBroken("account_changed")
            await work.officers.save(replace(officer, password_hash=hashed))
            await self._own_pairs.save_locks(work, officer, locks)
            await work.sessions.remove_of(officer.id, but=signed_in.session.token_hash)
            await work.commit()

    async def rotate(self, signed_in: SignedIn, password: str, *, place: Place) -> None:
        """Take a new pair, seal to it all the old one opens, and end the old one.

        Interrupted, it goes on at the next sign-in. Raise `RuleBroken`.
        """
        officer = signed_in.officer
        if not officer.may(Act.MODERATE):
            raise RuleBroken("key_not_needed")
        await self._check(signed_in, password, place)
        # Whatever an earlier change left unfinished comes first.
        await self._own_pairs.unlocked(officer, password)
        pair = await self._pairs.pair(password)
        async with self._storage.begin() as work:
            await self._audit.note(work, "key.made", by=officer.id, subject=officer.id)
            if await work.officers.get(officer.id) != officer:
                raise RuleBroken("account_changed")
            for old in await work.officers.holders_of(officer.id):
                await work.officers.save_holder(replace(old, retired_at=self._clock.now()))
            await self._pairs.admit(work, officer, pair)
            await work.sessions.remove_of(officer.id, but=signed_in.session.token_hash)
            await work.commit()
        key = await self._own_pairs.unlocked(officer, password)
        if key is not None:
            self._in_hand.put(signed_in.session.token_hash, key)

    async def _check(self, signed_in: SignedIn, password: str, place: Place) -> None:
        officer = signed_in.officer
        async with self._storage.begin() as work:
            await self._tries.count(work, officer.login, place, now=self._clock.now())
            await work.commit()
        if not await self._passwords.verify(officer.password_hash, password):
            raise RuleBroken("password_wrong")
        async with self._storage.begin() as work:
            await self._tries.forgive(work, officer.login, place)
            await work.commit()
