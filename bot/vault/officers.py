"""The keys of those who read tips, and the passwords of those who sign in.

    locked = version (1 byte) | passes (1) | memory in KiB (4) | lanes (1) | salt (16)
           | nonce (24) | private key sealed by Argon2id of the password (32) | tag (16)

The costs stand in the lock, so that raising them does not shut old locks. Sessions, throttling
and who may hold keys are for others.
"""

import unicodedata
from base64 import b64encode
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from nacl.public import PrivateKey
from nacl.utils import random

from bot.core.sealing import KeyPair, SealBroken, WrongPassword
from bot.vault import sealing
from bot.vault.slow import PASSWORD_COST, SALT_BYTES, Argon2Cost, SlowWork, argon2id

_VERSION: Final = b"\x01"
_HEAD_BYTES: Final = 1 + 1 + 4 + 1 + SALT_BYTES
_LOCKED_BYTES: Final = _HEAD_BYTES + sealing.NONCE_BYTES + sealing.KEY_BYTES + sealing.TAG_BYTES
# A changed lock must not make the machine compute for hours or run out of memory.
_MOST_PASSES: Final = 10
_MOST_MEMORY_KIB: Final = 1024 * 1024
_MOST_LANES: Final = 16


class OfficerKeys:
    """Makes X25519 pairs, and locks private keys with passwords."""

    def __init__(self, *, slow: SlowWork, cost: Argon2Cost = PASSWORD_COST) -> None:
        """Lock at `cost`; unlock at whatever a lock says it cost."""
        self._slow = slow
        self._cost = cost

    def new_pair(self) -> KeyPair:
        """Return a fresh pair."""
        private = PrivateKey.generate()
        return KeyPair(public=bytes(private.public_key), private=bytes(private))

    def public_of(self, private: bytes) -> bytes:
        """Return the public half that belongs to `private`. Raises `KeyUnusable`."""
        return bytes(PrivateKey(sealing.checked_key(private)).public_key)

    async def lock(self, private: bytes, password: str) -> bytes:
        """Return the private key sealed by a slow hash of the password. Raises `KeyUnusable`."""
        cost = self._cost
        head = b"".join(
            (
                _VERSION,
                cost.passes.to_bytes(1, "big"),
                cost.memory_kib.to_bytes(4, "big"),
                cost.lanes.to_bytes(1, "big"),
                random(SALT_BYTES),
            )
        )
        sealing.checked_key(private)
        key = await self._key(head, password)
        return head + sealing.boxed(key, private, sealing.listed(head))

    async def unlock(self, locked: bytes, password: str) -> bytes:
        """Return the private key.

        Raises `WrongPassword` (a lock whose content was changed looks the same), `SealBroken` if
        it is no lock of ours at all.
        """
        if len(locked) != _LOCKED_BYTES or locked[:1] != _VERSION:
            raise SealBroken("not a lock of a known version")
        head = locked[:_HEAD_BYTES]
        key = await self._key(head, password)
        try:
            return sealing.unboxed(key, locked[_HEAD_BYTES:], sealing.listed(head))
        except SealBroken as error:
            raise WrongPassword("the password does not open this lock") from error

    def needs_relock(self, locked: bytes) -> bool:
        """Tell whether a lock was made at other costs than today's."""
        return _cost_of(locked[:_HEAD_BYTES]) != self._cost

    async def _key(self, head: bytes, password: str) -> bytes:
        cost = _cost_of(head)
        if not _is_bearable(cost):
            raise SealBroken("the lock asks for a cost that no lock of ours has")
        secret, salt = _as_bytes(password), head[7:]
        return await self._slow.run(lambda: argon2id(secret, salt, cost))


class Passwords:
    """Hashes and checks passwords with Argon2id."""

    def __init__(self, *, slow: SlowWork, cost: Argon2Cost = PASSWORD_COST) -> None:
        """Hash at `cost`; a check costs what its hash says."""
        self._slow = slow
        self._hasher = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            salt_len=SALT_BYTES,
        )
        # Nobody's password: random bytes where the outcome of a hash would stand.
        salt, outcome = (_unpadded_base64(random(size)) for size in (SALT_BYTES, 32))
        costs = f"m={cost.memory_kib},t={cost.passes},p={cost.lanes}"
        self._nobody = f"$argon2id$v=19${costs}${salt}${outcome}"

    async def hash(self, password: str) -> str:
        """Return the Argon2id hash to store, with its costs and salt inside."""
        secret = _as_bytes(password)
        return await self._slow.run(lambda: self._hasher.hash(secret))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Tell whether the password fits; for an unknown login (None) take as long and say no.

        Raises `SealBroken` if `hashed` is no Argon2 hash.
        """
        known, secret = self._nobody if hashed is None else hashed, _as_bytes(password)
        fits = await self._slow.run(lambda: self._fits(known, secret))
        return fits and hashed is not None

    def needs_rehash(self, hashed: str) -> bool:
        """Tell whether `hashed` was made at other costs than today's. Raises `SealBroken`."""
        try:
            return self._hasher.check_needs_rehash(hashed)
        except InvalidHashError as error:
            raise SealBroken("the stored password hash cannot be read") from error

    def _fits(self, hashed: str, secret: bytes) -> bool:
        try:
            return self._hasher.verify(hashed, secret)
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError) as error:
            raise SealBroken("the stored password hash cannot be read") from error


def _cost_of(head: bytes) -> Argon2Cost:
    return Argon2Cost(passes=head[1], memory_kib=int.from_bytes(head[2:6], "big"), lanes=head[6])


def _is_bearable(cost: Argon2Cost) -> bool:
    return (
        1 <= cost.passes <= _MOST_PASSES
        and 1 <= cost.lanes <= _MOST_LANES
        and 8 * cost.lanes <= cost.memory_kib <= _MOST_MEMORY_KIB
    )


def _as_bytes(password: str) -> bytes:
    # Two keyboards write the same Vietnamese letter in two ways; a password must not mind.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _unpadded_base64(content: bytes) -> str:
    return b64encode(content).decode().rstrip("=")
