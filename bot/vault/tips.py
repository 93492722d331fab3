"""Seals the records of a tip to a key of its own, and that key to those who may read.

    record  = version (1 byte) | nonce (24 bytes) | ciphertext padded to 1, 2, 4, 8 ... KiB
            | tag (16 bytes)
              bound to: version, unit, tip, kind of record, sequence (8 bytes), see `listed`
    wrapped = version (1 byte) | crypto_box_seal("binhyen.tip.key.1" | key of the tip)

The page that seals in the browser writes the same. Who holds keys is for `bot.services`.
"""

from typing import Final

from nacl.bindings import crypto_box_SEALBYTES
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.utils import random

from bot.core.sealing import SealBroken
from bot.vault import sealing
from bot.vault.errors import KeyUnusable

_VERSION: Final = b"\x01"
# Sealed boxes bind nothing by themselves: the purpose stands inside, so that nothing else
# sealed to the same person can be passed off as the key of a tip.
_KEY_PURPOSE: Final = b"binhyen.tip.key.1"
_SEQUENCE_BYTES: Final = 8
_WRAPPED_BYTES: Final = (
    len(_VERSION) + crypto_box_SEALBYTES + len(_KEY_PURPOSE) + sealing.KEY_BYTES
)


class TipBox:
    """Seals and opens records and keys of tips. Holds nothing."""

    def new_key(self) -> bytes:
        """Return a random key of 32 bytes."""
        return random(sealing.KEY_BYTES)

    def seal(
        self, key: bytes, plain: bytes, *, unit_id: str, tip_id: str, kind: str, sequence: int
    ) -> bytes:
        """Return `plain` padded and sealed, bound to its place. Raises `KeyUnusable`."""
        bound_to = _place(unit_id=unit_id, tip_id=tip_id, kind=kind, sequence=sequence)
        return _VERSION + sealing.boxed(key, sealing.padded_by_doubling(plain), bound_to)

    def open(
        self, key: bytes, sealed: bytes, *, unit_id: str, tip_id: str, kind: str, sequence: int
    ) -> bytes:
        """Return what was sealed there.

        Raises `SealBroken` if it was changed, moved or sealed with another key, `KeyUnusable` if
        `key` cannot be one.
        """
        if sealed[:1] != _VERSION:
            raise SealBroken("not a record of a known version")
        bound_to = _place(unit_id=unit_id, tip_id=tip_id, kind=kind, sequence=sequence)
        return sealing.unpadded(sealing.unboxed(key, sealed[1:], bound_to))

    def padded_bytes(self, sealed: bytes) -> int:
        """Return how large the padded text of a record is, seen without any key.

        Raises `SealBroken` for another version, or a size that padding does not give.
        """
        size_bytes = len(sealed) - len(_VERSION) - sealing.NONCE_BYTES - sealing.TAG_BYTES
        if sealed[:1] != _VERSION or not sealing.is_doubled(size_bytes):
            raise SealBroken("not a record of a known version and size")
        return size_bytes

    def check_wrapped(self, wrapped: bytes) -> None:
        """Raise `SealBroken` for another version or another size than a wrapped key has."""
        if wrapped[:1] != _VERSION or len(wrapped) != _WRAPPED_BYTES:
            raise SealBroken("not a wrapped key of a known version and size")

    def wrap(self, key: bytes, public_key: bytes) -> bytes:
        """Return the tip's key sealed to the holder of an X25519 key. Raises `KeyUnusable`."""
        box = SealedBox(PublicKey(sealing.checked_key(public_key)))
        try:
            return _VERSION + box.encrypt(_KEY_PURPOSE + sealing.checked_key(key))
        except CryptoError as error:
            raise KeyUnusable("nothing can be sealed to this public key") from error

    def unwrap(self, wrapped: bytes, private_key: bytes) -> bytes:
        """Return the tip's key. Raises `SealBroken`, or `KeyUnusable` for a wrong-sized key."""
        if wrapped[:1] != _VERSION:
            raise SealBroken("not a wrapped key of a known version")
        box = SealedBox(PrivateKey(sealing.checked_key(private_key)))
        try:
            content = box.decrypt(wrapped[1:])
        except CryptoError as error:
            raise SealBroken("changed, or sealed to somebody else") from error
        key = content.removeprefix(_KEY_PURPOSE)
        if len(content) - len(key) != len(_KEY_PURPOSE) or len(key) != sealing.KEY_BYTES:
            raise SealBroken("sealed to this key, but not the key of a tip")
        return key


def _place(*, unit_id: str, tip_id: str, kind: str, sequence: int) -> bytes:
    return sealing.listed(
        _VERSION,
        unit_id.encode(),
        tip_id.encode(),
        kind.encode(),
        sequence.to_bytes(_SEQUENCE_BYTES, "big"),
    )
