"""What the rooms need of the vault, in our words. How it is done is in `bot.vault`."""

from dataclasses import dataclass, field
from typing import Protocol

from bot.core.errors import BinhYenError


class SealBroken(BinhYenError):
    """A sealed value was changed, cut, or sealed for something else."""


class KeyGone(BinhYenError):
    """The key that could open this was destroyed on schedule."""


class WrongPassword(BinhYenError):
    """The password does not open this."""


class ReceiptMistyped(BinhYenError):
    """What was typed cannot be a receipt: wrong length, letters or check character."""


class Seal(Protocol):
    """Seals what stands in the database so that the database alone cannot open it."""

    def seal(self, purpose: str, plain: bytes, *, about: bytes = b"") -> bytes:
        """Return `plain` sealed for `purpose`, bound to `about`."""
        ...

    def open(self, purpose: str, sealed: bytes, *, about: bytes = b"") -> bytes:
        """Return what was sealed. Raise `SealBroken` or `KeyGone`."""
        ...


class Pseudonyms(Protocol):
    """Names things by a keyed hash, so that the database holds no platform's ids."""

    def pseudonym(self, purpose: str, value: str) -> str:
        """Return 32 hex characters that stand for `value` within `purpose`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """An X25519 pair, 32 bytes each."""

    public: bytes = field(repr=False)
    private: bytes = field(repr=False)


class TipSealing(Protocol):
    """Seals the records of a tip to a key of its own, and that key to those who may read."""

    def new_key(self) -> bytes:
        """Return a random key of 32 bytes."""
        ...

    def seal(
        self, key: bytes, plain: bytes, *, unit_id: str, tip_id: str, kind: str, sequence: int
    ) -> bytes:
        """Return `plain` padded and sealed, bound to its place."""
        ...

    def open(
        self, key: bytes, sealed: bytes, *, unit_id: str, tip_id: str, kind: str, sequence: int
    ) -> bytes:
        """Return what was sealed there. Raise `SealBroken`."""
        ...

    def wrap(self, key: bytes, public_key: bytes) -> bytes:
        """Return the tip's key sealed to a holder."""
        ...

    def unwrap(self, wrapped: bytes, private_key: bytes) -> bytes:
        """Return the tip's key. Raise `SealBroken`."""
        ...


class HolderKeys(Protocol):
    """Makes, locks and unlocks the private keys of those who may read tips."""

    def new_pair(self) -> KeyPair:
        """Return a fresh pair."""
        ...

    async def lock(self, private: bytes, password: str) -> bytes:
        """Return the private key wrapped by a slow hash of the password."""
        ...

    async def unlock(self, locked: bytes, password: str) -> bytes:
        """Return the private key. Raise `WrongPassword`."""
        ...


class FoundingKey(Protocol):
    """The key that tips are sealed to before the first officer exists, and the one-time link."""

    @property
    def token(self) -> str:
        """Return the secret part of the one-time set-up link."""
        ...

    @property
    def pair(self) -> KeyPair:
        """Return the founding pair; it becomes the recovery key."""
        ...

    def exists(self) -> bool:
        """Tell whether set-up is still to be done."""
        ...

    def open_or_create(self) -> None:
        """Read the key and the link, or make them."""
        ...

    def destroy(self) -> None:
        """Remove key and link from this machine."""
        ...


class PasswordHashing(Protocol):
    """Checks passwords slowly."""

    async def hash(self, password: str) -> str:
        """Return the Argon2id hash to store."""
        ...

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Tell whether the password fits; for an unknown login (None) take as long and say no."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a sender keeps: `text` to show once, `locator` to find by, `secret` to prove with."""

    text: str = field(repr=False)
    locator: str = field(repr=False)
    secret: str = field(repr=False)


class ReceiptMaking(Protocol):
    """Makes and checks receipts."""

    def new(self) -> Receipt:
        """Return a fresh receipt."""
        ...

    def parse(self, text: str) -> Receipt:
        """Read what a person typed. Raise `ReceiptMistyped`."""
        ...

    def new_salt(self) -> bytes:
        """Return a fresh salt."""
        ...

    async def hash(self, secret: str, salt: bytes) -> bytes:
        """Return the slow peppered hash to store."""
        ...

    async def matches(self, secret: str, salt: bytes, stored: bytes) -> bool:
        """Tell whether the secret is the one, in constant time."""
        ...

    async def waste(self) -> None:
        """Take as long as `matches` does, for a locator nobody has."""
        ...
