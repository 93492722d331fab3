"""Receipts: what an unnamed sender proves with that a tip is theirs.

Six groups of four signs: 4 to find the tip by, 19 of secret (95 bits), 1 check sign. Stored is
only a slow hash with a salt of the tip and a pepper kept outside the database:

    stored = version (1 byte) | Argon2id(HMAC-SHA256(pepper, secret), salt) (32 bytes)

Two receipts may begin alike: who stores them finds out and asks for another. Counting wrong tries
is for `bot.services`.
"""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nacl.utils import random

from bot.core.ids import ALPHABET
from bot.core.sealing import Receipt, ReceiptMistyped
from bot.vault import crockford, keyfiles
from bot.vault.slow import RECEIPT_COST, SALT_BYTES, Argon2Cost, SlowWork, argon2id

PEPPER_BYTES: Final = 32
_VERSION: Final = b"\x01"
_HASH_BYTES: Final = 33
_LOCATOR_SIGNS: Final = 4
_SECRET_SIGNS: Final = 19
_SIGNS: Final = _LOCATOR_SIGNS + _SECRET_SIGNS + 1
_GROUP_SIGNS: Final = 4
_START: Final = 1


class Receipts:
    """Makes, reads and checks receipts."""

    def __init__(
        self,
        pepper: bytes,
        *,
        slow: SlowWork,
        cost: Argon2Cost = RECEIPT_COST,
        random_bytes: Callable[[int], bytes] = random,
    ) -> None:
        """Take the pepper of the installation (32 bytes, see `pepper_in`)."""
        self._pepper = pepper
        self._slow = slow
        self._cost = cost
        self._random_bytes = random_bytes

    def new(self) -> Receipt:
        """Return a fresh receipt; its locator may be taken already, then ask for another."""
        chance = self._random_bytes(_LOCATOR_SIGNS + _SECRET_SIGNS)
        # 256 is a multiple of 32, so every sign is equally likely.
        return _receipt("".join(ALPHABET[byte % 32] for byte in chance))

    def parse(self, text: str) -> Receipt:
        """Read what a person typed: case, spaces, dashes, O for 0, I and L for 1 do not matter.

        Raises `ReceiptMistyped`; its text says what is wrong and quotes nothing.
        """
        signs = "".join(crockford.words(text))
        if len(signs) != _SIGNS:
            raise ReceiptMistyped(f"{len(signs)} signs instead of {_SIGNS}")
        if not crockford.is_guarded(signs, start=_START):
            raise ReceiptMistyped("a sign is wrong, or two have changed places")
        return _receipt(signs[:-1])

    def new_salt(self) -> bytes:
        """Return a fresh salt of 16 bytes, one for each tip."""
        return self._random_bytes(SALT_BYTES)

    async def hash(self, secret: str, salt: bytes) -> bytes:
        """Return the slow peppered hash to store, 33 bytes; it overtakes sign-ins."""
        return await self._slow.run(lambda: self._hashed(secret, salt), first=True)

    async def matches(self, secret: str, salt: bytes, stored: bytes) -> bool:
        """Tell whether the secret is the one; how long it takes tells nothing."""
        hashed = await self._slow.run(lambda: self._hashed(secret, salt))
        return hmac.compare_digest(hashed, stored)

    async def waste(self) -> None:
        """Take as long as `matches` does, for a locator nobody has."""
        await self.matches("0" * _SECRET_SIGNS, bytes(SALT_BYTES), bytes(_HASH_BYTES))

    def _hashed(self, secret: str, salt: bytes) -> bytes:
        peppered = hmac.digest(self._pepper, secret.encode(), hashlib.sha256)
        return _VERSION + argon2id(peppered, salt, self._cost)


def pepper_in(key_file: Path) -> bytes:
    """Return the pepper kept in `key_file`, made if there is none. Raises `KeyFileUnusable`."""
    return keyfiles.read_or_create(key_file, random(PEPPER_BYTES))


def _receipt(signs: str) -> Receipt:
    whole = signs + crockford.check_sign(signs, start=_START)
    return Receipt(
        text="-".join(crockford.grouped(whole, _GROUP_SIGNS)),
        locator=signs[:_LOCATOR_SIGNS],
        secret=signs[_LOCATOR_SIGNS:],
    )
