"""The key pairs of officers: made with a password, kept locked by it."""

from dataclasses import dataclass, field

from bot.core.ids import KeyHolderId, new_id
from bot.core.officers import HolderKind, KeyHolder, Officer
from bot.core.sealing import HolderKeys, PasswordHashing
from bot.core.storage import Work
from bot.core.time import Chance
from bot.services.officers.founding import FoundingTips


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPair:
    """A fresh pair: what is stored of it, and the private half for whoever is signed in."""

    public_key: bytes = field(repr=False)
    private_key: bytes = field(repr=False)
    locked_private: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a password becomes: its hash, and a new pair whose private half it locks."""

    password_hash: str = field(repr=False)
    pair: NewPair


class Pairs:
    """Makes pairs and the holders that stand for them."""

    def __init__(
        self,
        *,
        keys: HolderKeys,
        passwords: PasswordHashing,
        founding: FoundingTips,
        chance: Chance,
    ) -> None:
        self._keys = keys
        self._passwords = passwords
        self._founding = founding
        self._chance = chance

    async def secrets(self, password: str) -> Secrets:
        """Do the slow work for a new password, before the database is held."""
        return Secrets(
            password_hash=await self._passwords.hash(password), pair=await self.pair(password)
        )

    async def pair(self, password: str) -> NewPair:
        """Return a fresh pair locked by a password; slow."""
        pair = self._keys.new_pair()
        return NewPair(
            public_key=pair.public,
            private_key=pair.private,
            locked_private=await self._keys.lock(pair.private, password),
        )

    async def admit(self, work: Work, officer: Officer, pair: NewPair) -> KeyHolder:
        """Make the officer a holder: new tips are sealed to the pair from now on.

        While set-up is open the holder gets the tips that came before it, too.
        """
        holder = KeyHolder(
            id=KeyHolderId(new_id(self._chance)),
            kind=HolderKind.OFFICER,
            officer_id=officer.id,
            unit_id=officer.unit_id,
            public_key=pair.public_key,
            locked_private=pair.locked_private,
        )
        await work.officers.save_holder(holder)
        await self._founding.give(work, holder)
        return holder
