"""Signing in at the console, and sessions.

Private keys are unlocked with the password and kept in the memory of this process only; after
a restart an officer signs in again before tips can be opened.
"""

import base64
import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.officers import Act, KeyHolder, Officer, Session
from bot.core.sealing import PasswordHashing
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.officers.accounts import LONGEST_LOGIN, as_login
from bot.services.officers.keys_in_hand import KeyInHand, KeysInHand
from bot.services.officers.own_pairs import OwnPairs
from bot.services.officers.pairs import NewPair, Pairs
from bot.services.officers.tries import TRIES_WITHIN, Place, Tries
from bot.services.tips.reading.access import Reader

IDLE_LIFE: Final = timedelta(hours=8)
WHOLE_LIFE: Final = timedelta(hours=24)
# So many strange browsers may wait for the slow work at once; a flood must not fill the memory.
_MOST_STRANGERS: Final = 50
_NOWHERE: Final = Place()


class SignInsBusy(RuleBroken):
    """Very many try to sign in at this moment; try again in a few seconds."""

    def __init__(self) -> None:
        super().__init__("sign_in_busy")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody signed in. `token` goes into the browser's cookie and is kept nowhere.

    `sign` is for a browser that was strange before, else empty.
    """

    token: str = field(repr=False)
    session: Session
    officer: Officer
    sign: str = field(default="", repr=False)


class SignIns:
    """Use cases about who is signed in."""

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
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._pairs = pairs
        self._own_pairs = own_pairs
        self._in_hand = in_hand
        self._passwords = passwords
        self._tries = tries
        self._audit = audit
        self._clock = clock
        self._chance = chance
        self._strangers = 0

    async def sign_in(
        self, login: str, password: str, *, place: Place = _NOWHERE
    ) -> SignedIn | None:
        """Sign in, or return None; an unknown login takes as long as a wrong password.

        Raise `TooManySignIns` after five wrong tries for a login from one place within a quarter
        of an hour, `SignInsBusy` while too many others wait.
        """
        login = as_login(login)[:LONGEST_LOGIN]
        if self._tries.knows(login, place):
            return await self._sign_in(login, password, place)
        if self._strangers >= _MOST_STRANGERS:
            raise SignInsBusy
        self._strangers += 1
        try:
            return await self._sign_in(login, password, place)
        finally:
            self._strangers -= 1

    async def _sign_in(self, login: str, password: str, place: Place) -> SignedIn | None:
        async with self._storage.begin() as work:
            await self._tries.count(work, login, place, now=self._clock.now())
            await work.commit()
        async with self._storage.read() as work:
            officer = await work.officers.by_login(login)
            holders = await work.officers.holders_of(officer.id) if officer else []
        known = officer.password_hash if officer and officer.is_active else None
        if not await self._passwords.verify(known, password) or officer is None:
            async with self._storage.begin() as work:
                await self._audit.note(work, "officer.sign_in_failed", by="somebody")
                await work.commit()
            return None
        officer = await self._refreshed(officer, holders, password)
        return await self._open_session(officer, password, place)

    async def _refreshed(
        self, officer: Officer, holders: list[KeyHolder], password: str
    ) -> Officer:
        """Bring what is stored of the password up to today's costs, if it was made at others."""
        relocked = await self._own_pairs.relocked(holders, password)
        stale = officer.password_hash
        if not relocked and not self._passwords.needs_rehash(stale):
            return officer
        fresh = await self._passwords.hash(password)
        async with self._storage.begin() as work:
            officer = await work.officers.get(officer.id)
            if officer.password_hash == stale:
                officer = replace(officer, password_hash=fresh)
                await work.officers.save(officer)
                await self._own_pairs.save_locks(work, officer, relocked)
                await self._audit.note(work, "officer.rehash", by=officer.id, subject=officer.id)
            await work.commit()
        return officer

    async def _open_session(
        self, officer: Officer, password: str, place: Place
    ) -> SignedIn | None:
        token = self._token(32)
        now = self._clock.now()
        session = Session(
            token_hash=_hash(token),
            officer_id=officer.id,
            csrf=self._token(24),
            started_at=now,
            seen_at=now,
        )
        key, fresh = await self._key(officer, password)
        async with self._storage.begin() as work:
            await self._tries.forgive(work, officer.login, place)
            await self._audit.note(work, "officer.sign_in", by=officer.id)
            # The password may have been changed, or the account closed, while it was hashed.
            if await work.officers.get(officer.id) != officer:
                return None
            if fresh is not None and not await work.officers.holders_of(officer.id):
                key = await self._admitted(work, officer, fresh)
            await work.sessions.save(session)
            await work.commit()
        if key is not None:
            self._in_hand.put(session.token_hash, key)
        known = self._tries.knows(officer.login, place)
        sign = "" if known else self._tries.new_sign(officer.login)
        return SignedIn(token=token, session=session, officer=officer, sign=sign)

    async def _key(
        self, officer: Officer, password: str
    ) -> tuple[KeyInHand | None, NewPair | None]:
        """Return the officer's key unlocked, or a fresh pair for a moderator who has none."""
        key = await self._own_pairs.unlocked(officer, password)
        if key is not None or not officer.may(Act.MODERATE):
            return key, None
        return None, await self._pairs.pair(password)

    async def _admitted(self, work: Work, officer: Officer, fresh: NewPair) -> KeyInHand:
        holder = await self._pairs.admit(work, officer, fresh)
        await self._audit.note(work, "key.made", by=officer.id, subject=officer.id)
        return KeyInHand(holder_id=holder.id, private_key=fresh.private_key)

    def _token(self, size_bytes: int) -> str:
        return base64.urlsafe_b64encode(self._chance.token(size_bytes)).decode().rstrip("=")

    async def session(self, token: str) -> SignedIn | None:
        """Return who a cookie belongs to, if the session still lives, and keep it alive."""
        now = self._clock.now()
        async with self._storage.read() as work:
            session = await work.sessions.get(_hash(token))
            if session is None:
                return None
            officer = await work.officers.get(session.officer_id)
        if _is_over(session, now) or not officer.is_active:
            await self.sign_out(token)
            return None
        if now - session.seen_at > timedelta(minutes=1):
            session = replace(session, seen_at=now)
            async with self._storage.begin() as work:
                # Somebody may have signed out in between; that must stay so.
                if await work.sessions.get(session.token_hash) is None:
                    return None
                await work.sessions.save(session)
                await work.commit()
        return SignedIn(token=token, session=session, officer=officer)

    async def is_still(self, signed_in: SignedIn) -> bool:
        """Tell whether the session lives and its officer is as before, without renewing it.

        For pages that stay open by themselves: nobody need be sitting there.
        """
        async with self._storage.read() as work:
            session = await work.sessions.get(signed_in.session.token_hash)
            officer = await work.officers.get(signed_in.officer.id)
        is_alive = session is not None and not _is_over(session, self._clock.now())
        return is_alive and officer == signed_in.officer

    def fingerprint(self, signed_in: SignedIn) -> str:
        """Return the fingerprint of the key the password led to, "" if none is in hand."""
        held = self._in_hand.of(signed_in.session.token_hash)
        return self._own_pairs.fingerprint(held) if held else ""

    def reader(self, signed_in: SignedIn) -> Reader | None:
        """Return the officer with the key in hand, or None: then the password is asked again."""
        held = self._in_hand.of(signed_in.session.token_hash)
        if held is None or not signed_in.officer.may(Act.MODERATE):
            return None
        return Reader(
            officer=signed_in.officer, holder_id=held.holder_id, private_key=held.private_key
        )

    async def sign_out(self, token: str) -> None:
        """End a session and forget its key."""
        self._in_hand.drop(_hash(token))
        async with self._storage.begin() as work:
            await work.sessions.remove(_hash(token))
            await work.commit()

    async def forget_old(self) -> None:
        """Remove sessions, keys in memory and counted tries that are over.

        In every process: each holds the keys of those who signed in there.
        """
        now = self._clock.now()
        async with self._storage.begin() as work:
            await work.sessions.forget_before(now - IDLE_LIFE)
            await work.sessions.forget_tries_before(now - TRIES_WITHIN)
            await work.tips.forget_tries_before(now - timedelta(hours=1))
            await work.commit()
        await self._forget_keys()

    async def _forget_keys(self) -> None:
        """Drop the keys of sessions that ended, or nobody came back to."""
        now = self._clock.now()
        async with self._storage.read() as work:
            sessions = {held: await work.sessions.get(held) for held in self._in_hand.sessions()}
        for held, session in sessions.items():
            if session is None or _is_over(session, now):
                self._in_hand.drop(held)


def _is_over(session: Session, now: datetime) -> bool:
    return now - session.seen_at > IDLE_LIFE or now - session.started_at > WHOLE_LIFE


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
