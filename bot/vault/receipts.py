"""Receipts: what an unnamed sender proves with that a tip is theirs.

Six groups of four signs: 4 to find the tip by, 19 of secret (95 bits), 1 check sign. Stored is
only a slow hash with a salt of the tip and a pepper kept outside the database:

    slow   = Argon2id(HMAC-SHA256(pepper, secret), salt) (32 bytes)
    stored = version (1 byte) | BLAKE2b(slow, "stored") (32 bytes)
    key    = BLAKE2b(slow, "key") (32 bytes), kept nowhere: it opens the dialogue of the tip

Of version 1, before tips had a dialogue, `stored` was `slow` itself, and there is no key.

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
from bot.core.sealing import Receipt, ReceiptMistyped, ReceiptProof
from bot.vault import crockford, keyfiles
from bot.vault.sealing import sub_key
from bot.vault.slow import RECEIPT_COST, SALT_BYTES, Argon2Cost, SlowWork, argon2id

PEPPER_BYTES: Final = 32
_FIRST_VERSION: Final = b"\x01"
_VERSION: Final = b"\x02"
_USE: Final = b"binhyen.receipt"
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

    async def prove(self, secret: str, salt: bytes, *, first: bool = True) -> ReceiptProof:
        """Return what to store of a receipt (33 bytes) and its key.

        With `first` it overtakes sign-ins, without it takes its turn among them.
        """
        slow = await self._slow.run(lambda: self._slowly(secret, salt), first=first)
        return _proof(slow)

    async def key_of(self, secret: str, salt: bytes, stored: bytes) -> bytes | None:
        """Return the key of the receipt, or None for a wrong one; the time tells nothing.

        The key of a receipt of the first version is empty.
        """
        slow = await self._slow.run(lambda: self._slowly(secret, salt))
        proof = _proof(slow)
        is_first = hmac.compare_digest(_FIRST_VERSION + slow, stored)
        is_right = hmac.compare_digest(proof.stored, stored)
        if is_right:
            return proof.key
        return b"" if is_first else None

    async def waste(self) -> None:
        """Take as long as `key_of` does, for a locator nobody has."""
        await self.key_of("0" * _SECRET_SIGNS, bytes(SALT_BYTES), bytes(_HASH_BYTES))

    def _slowly(self, secret: str, salt: bytes) -> bytes:
        peppered = hmac.digest(self._pepper, secret.encode(), hashlib.sha256)
        return argon2id(peppered, salt, self._cost)


def _proof(slow: bytes) -> ReceiptProof:
    stored = _VERSION + sub_key(slow, use=_USE, purpose="stored")
    return ReceiptProof(stored=stored, key=sub_key(slow, use=_USE, purpose="key"))


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
