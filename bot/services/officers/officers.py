"""Officers: set-up, signing in, sessions, and the keys they hold while signed in.

Private keys are unlocked with the password and kept in the memory of this process only; after
a restart an officer signs in again before tips can be opened.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.errors import NotFound, RuleBroken, StorageTrouble
from bot.core.ids import KeyHolderId, OfficerId, UnitId, new_id
from bot.core.officers import Act, HolderKind, KeyHolder, Officer, Role, Session
from bot.core.sealing import FoundingKey, HolderKeys, KeyPair, PasswordHashing, Pseudonyms
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.rewrapping import Rewrapping

# The setting that says set-up was finished; it outlives a crash right after.
SET_UP: Final = "set_up"
# Set-up happens once and has no hour; the claim keeps two uses of the link apart.
_ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
IDLE_LIFE: Final = timedelta(hours=8)
WHOLE_LIFE: Final = timedelta(hours=24)
SHORTEST_PASSWORD: Final = 12
_LONGEST_PASSWORD: Final = 200
_TRIES: Final = 5
_TRIES_WITHIN: Final = timedelta(minutes=15)
_TRIES_EVERYWHERE: Final = 100
_LOGIN_LONGEST: Final = 60


class TooManySignIns(RuleBroken):
    """Wrong passwords came too often; wait a quarter of an hour."""

    def __init__(self) -> None:
        super().__init__("sign_in_wait")


class SetUpDone(NotFound):
    """The set-up link was used, or is not the right one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody signed in. `token` goes into the browser's cookie and is kept nowhere."""

    token: str = field(repr=False)
    session: Session
    officer: Officer


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOfficer:
    """What is needed to add an officer."""

    login: str
    name: str
    password: str = field(repr=False)
    unit_id: UnitId
    roles: frozenset[Role]


class Officers:
    """Use cases about officers."""

    def __init__(
        self,
        *,
        storage: Storage,
        rewrapping: Rewrapping,
        keys: HolderKeys,
        passwords: PasswordHashing,
        founding: FoundingKey,
        pseudonyms: Pseudonyms,
        audit: Audit,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._rewrapping = rewrapping
        self._keys = keys
        self._passwords = passwords
        self._founding = founding
        self._pseudonyms = pseudonyms
        self._audit = audit
        self._clock = clock
        self._chance = chance
        self._unlocked: dict[bytes, tuple[KeyHolderId, bytes]] = {}

    # --- set-up ----------------------------------------------------------------------------

    async def ensure_recovery(self, commune: UnitId) -> None:
        """Make the founding key a holder, so that tips sent before set-up are not lost."""
        async with self._storage.begin() as work:
            if not self._founding.exists():
                return
            public = self._founding.pair.public
            known = [
                one.public_key
                for one in await work.officers.holders()
                if one.kind is HolderKind.RECOVERY
            ]
            if known and public not in known:
                raise StorageTrouble(
                    "keys/setup/founding.key is not the key that tips were sealed to before"
                    " set-up; put it back from a copy, or begin with a new data directory"
                )
            if known:
                return
            await work.officers.save_holder(
                KeyHolder(
                    id=KeyHolderId(new_id(self._chance)),
                    kind=HolderKind.RECOVERY,
                    unit_id=commune,
                    public_key=public,
                )
            )
            await work.commit()

    def is_set_up(self) -> bool:
        """Tell whether the first account was made."""
        return not self._founding.exists()

    def recovery_key(self, token: str) -> bytes:
        """Return the private recovery key, to print, once. Raise `SetUpDone`."""
        self._check_token(token)
        return self._founding.pair.private

    def _check_token(self, token: str) -> None:
        right = self._founding.token if self._founding.exists() else ""
        typed = token.encode(errors="replace")
        if not right or not hmac.compare_digest(right.encode(), typed):
            raise SetUpDone("the set-up link was used or is wrong")

    async def set_up(self, token: str, new: NewOfficer) -> Officer:
        """Make the first account, give it every tip sealed so far, remove the founding key.

        The caller has made sure that the recovery key was written down.
        """
        self._check_token(token)
        password_hash, pair, locked = await self._secrets(new)
        async with self._storage.begin() as work:
            # The link may have been used while the password was hashed, or before a crash.
            is_first = await work.claims.once(SET_UP, _ONCE)
            if not is_first or await work.settings.get(SET_UP) is not None:
                raise SetUpDone("the set-up link was used")
            officer = await self._add(work, new, password_hash)
            holder = self._holder(officer, pair, locked)
            await work.officers.save_holder(holder)
            await self._give_founding_tips(work, holder)
            await work.settings.put(SET_UP, "done")
            await self._audit.note(work, "officer.set_up", by=officer.id, subject=officer.id)
            await work.commit()
        self._founding.destroy()
        return officer

    async def open_founding(self) -> None:
        """At start: make the founding key, or remove it if set-up was done just before a crash."""
        async with self._storage.read() as work:
            is_done = await work.settings.get(SET_UP) is not None
        if is_done:
            self._founding.destroy()
        else:
            self._founding.open_or_create()

    async def _give_founding_tips(self, work: Work, holder: KeyHolder) -> None:
        """While the founding key is here, give its tips to a moderator who is new."""
        if not self._founding.exists():
            return
        for old in await work.officers.holders():
            if old.kind is HolderKind.RECOVERY:
                await self._rewrapping.rewrap(work, old.id, self._founding.pair.private, holder)

    # --- accounts --------------------------------------------------------------------------

    async def add(self, new: NewOfficer, *, by: OfficerId | str) -> Officer:
        """Add an officer. Raise `RuleBroken` for a weak password or a login already used.

        Tips that came after set-up and before this stay sealed to those who held keys then.
        """
        password_hash, pair, locked = await self._secrets(new)
        async with self._storage.begin() as work:
            officer = await self._add(work, new, password_hash)
            if officer.may(Act.MODERATE):
                holder = self._holder(officer, pair, locked)
                await work.officers.save_holder(holder)
                await self._give_founding_tips(work, holder)
            await self._audit.note(
                work,
                "officer.add",
                by=by,
                subject=officer.id,
                facts={"roles": ",".join(sorted(officer.roles))},
            )
            await work.commit()
        return officer

    async def _secrets(self, new: NewOfficer) -> tuple[str, KeyPair, bytes]:
        """Check the password and do the slow work, before the database is held."""
        if not SHORTEST_PASSWORD <= len(new.password) <= _LONGEST_PASSWORD:
            raise RuleBroken("password_short", shortest=SHORTEST_PASSWORD)
        login = new.login.strip().casefold()
        if login and login in new.password.casefold():
            raise RuleBroken("password_holds_login")
        pair = self._keys.new_pair()
        return (
            await self._passwords.hash(new.password),
            pair,
            await self._keys.lock(pair.private, new.password),
        )

    async def _add(self, work: Work, new: NewOfficer, password_hash: str) -> Officer:
        login = new.login.strip().casefold()
        if not login or len(login) > _LOGIN_LONGEST or any(mark.isspace() for mark in login):
            raise RuleBroken("login_wrong")
        if await work.officers.by_login(login) is not None:
            raise RuleBroken("login_taken", login=login)
        officer = Officer(
            id=OfficerId(new_id(self._chance)),
            login=login,
            name=new.name.strip() or login,
            unit_id=new.unit_id,
            roles=new.roles,
            password_hash=password_hash,
            added_at=self._clock.now(),
        )
        await work.officers.save(officer)
        return officer

    def _holder(self, officer: Officer, pair: KeyPair, locked: bytes) -> KeyHolder:
        return KeyHolder(
            id=KeyHolderId(new_id(self._chance)),
            kind=HolderKind.OFFICER,
            officer_id=officer.id,
            unit_id=officer.unit_id,
            public_key=pair.public,
            locked_private=locked,
        )

    async def all(self, unit_ids: Collection[UnitId] | None = None) -> list[Officer]:
        """Return the officers, of the given units only if some are given."""
        async with self._storage.read() as work:
            officers = await work.officers.all()
        return [one for one in officers if unit_ids is None or one.unit_id in unit_ids]

    # --- signing in ------------------------------------------------------------------------

    async def sign_in(self, login: str, password: str) -> SignedIn | None:
        """Sign in, or return None; an unknown login takes as long as a wrong password.

        Raise `TooManySignIns` after five wrong tries for a login within a quarter of an hour.
        """
        login = login.strip().casefold()[:_LOGIN_LONGEST]
        await self._count_try(login)
        async with self._storage.read() as work:
            officer = await work.officers.by_login(login)
            holders = await work.officers.holders()
        known = officer.password_hash if officer and officer.is_active else None
        if not await self._passwords.verify(known, password) or officer is None:
            async with self._storage.begin() as work:
                await self._audit.note(work, "officer.sign_in_failed", by="somebody")
                await work.commit()
            return None
        holder = next((one for one in holders if one.officer_id == officer.id), None)
        return await self._open_session(login, officer, holder, password)

    async def _open_session(
        self, login: str, officer: Officer, holder: KeyHolder | None, password: str
    ) -> SignedIn:
        token = self._token(32)
        now = self._clock.now()
        session = Session(
            token_hash=_hash(token),
            officer_id=officer.id,
            csrf=self._token(24),
            started_at=now,
            seen_at=now,
        )
        if holder is not None and holder.locked_private is not None:
            private = await self._keys.unlock(holder.locked_private, password)
            self._unlocked[session.token_hash] = (holder.id, private)
        async with self._storage.begin() as work:
            await work.sessions.forget_tries(self._who(login))
            await work.sessions.save(session)
            await self._audit.note(work, "officer.sign_in", by=officer.id)
            await work.commit()
        return SignedIn(token=token, session=session, officer=officer)

    def _token(self, size_bytes: int) -> str:
        return base64.urlsafe_b64encode(self._chance.token(size_bytes)).decode().rstrip("=")

    async def _count_try(self, login: str) -> None:
        """Count before checking, so that tries made side by side are all counted."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            since = now - _TRIES_WITHIN
            own = await work.sessions.tries_since(self._who(login), since)
            every = await work.sessions.tries_since("everybody", since)
            if own >= _TRIES or every >= _TRIES_EVERYWHERE:
                raise TooManySignIns
            await work.sessions.note_try(self._who(login), now)
            await work.sessions.note_try("everybody", now)
            await work.commit()

    def _who(self, login: str) -> str:
        return self._pseudonyms.pseudonym("sign-in", login)

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

    def reader(self, signed_in: SignedIn) -> Reader | None:
        """Return the officer with the key in hand, or None: then the password is asked again."""
        held = self._unlocked.get(signed_in.session.token_hash)
        if held is None or not signed_in.officer.may(Act.MODERATE):
            return None
        return Reader(officer=signed_in.officer, holder_id=held[0], private_key=held[1])

    async def sign_out(self, token: str) -> None:
        """End a session and forget its key."""
        self._unlocked.pop(_hash(token), None)
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
            await work.sessions.forget_tries_before(now - _TRIES_WITHIN)
            await work.tips.forget_tries_before(now - timedelta(hours=1))
            await work.commit()
        await self._forget_keys()

    async def _forget_keys(self) -> None:
        """Drop the keys of sessions nobody came back to."""
        now = self._clock.now()
        async with self._storage.read() as work:
            sessions = {held: await work.sessions.get(held) for held in tuple(self._unlocked)}
        for held, session in sessions.items():
            if session is None or _is_over(session, now):
                self._unlocked.pop(held, None)


def _is_over(session: Session, now: datetime) -> bool:
    return now - session.seen_at > IDLE_LIFE or now - session.started_at > WHOLE_LIFE


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
