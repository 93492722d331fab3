"""Seals what is said in the dialogue of a tip.

    locked  = version (1 byte) | nonce (24 bytes) | private key, padded to 256 bytes | tag (16)
              sealed with a key derived from the receipt's, bound to the tip
    letter  = version (1 byte) | crypto_box_seal("binhyen.tip.letter.1" | padded text)

Messages are records of the tip (see `bot.vault.tips`), sealed with a key derived from the
dialogue's private one. So the receipt opens the dialogue and not the notes of officers, and an
officer's key opens both.
"""

from typing import Final

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from bot.core.sealing import KeyPair, SealBroken
from bot.vault import sealing
from bot.vault.errors import KeyUnusable

_VERSION: Final = b"\x01"
_LETTER_PURPOSE: Final = b"binhyen.tip.letter.1"
_USE: Final = b"binhyen.talk"


class TalkBox:
    """Seals and opens dialogues. Holds nothing."""

    def new_pair(self) -> KeyPair:
        """Return a fresh X25519 pair."""
        private = PrivateKey.generate()
        return KeyPair(public=bytes(private.public_key), private=bytes(private))

    def public_of(self, private_key: bytes) -> bytes:
        """Return the public half of a private key, 32 bytes. Raises `KeyUnusable`."""
        return bytes(PrivateKey(sealing.checked_key(private_key)).public_key)

    def message_key(self, private_key: bytes) -> bytes:
        """Return the symmetric key of the messages, 32 bytes. Raises `KeyUnusable`."""
        return sealing.sub_key(sealing.checked_key(private_key), use=_USE, purpose="messages")

    def lock(self, private_key: bytes, receipt_key: bytes, *, tip_id: str) -> bytes:
        """Return the private key as only the receipt opens it. Raises `KeyUnusable`."""
        padded = sealing.padded_by_steps(sealing.checked_key(private_key))
        key, bound_to = _receipt_lock(receipt_key, tip_id)
        return _VERSION + sealing.boxed(key, padded, bound_to)

    def unlock(self, locked: bytes, receipt_key: bytes, *, tip_id: str) -> bytes:
        """Return the private key. Raises `SealBroken`, or `KeyUnusable` for a wrong-sized key."""
        if locked[:1] != _VERSION:
            raise SealBroken("not a locked key of a known version")
        key, bound_to = _receipt_lock(receipt_key, tip_id)
        private_key = sealing.unpadded(sealing.unboxed(key, locked[1:], bound_to))
        if len(private_key) != sealing.KEY_BYTES:
            raise SealBroken("not the key of a dialogue")
        return private_key

    def seal_letter(self, public_key: bytes, plain: bytes) -> bytes:
        """Return `plain` padded and sealed to the dialogue. Raises `KeyUnusable`."""
        box = SealedBox(PublicKey(sealing.checked_key(public_key)))
        try:
            return _VERSION + box.encrypt(_LETTER_PURPOSE + sealing.padded_by_doubling(plain))
        except CryptoError as error:
            raise KeyUnusable("nothing can be sealed to this public key") from error

    def open_letter(self, private_key: bytes, sealed: bytes) -> bytes:
        """Return what a letter says. Raises `SealBroken`, `KeyUnusable`."""
        if sealed[:1] != _VERSION:
            raise SealBroken("not a letter of a known version")
        box = SealedBox(PrivateKey(sealing.checked_key(private_key)))
        try:
            content = box.decrypt(sealed[1:])
        except CryptoError as error:
            raise SealBroken("changed, or sealed to somebody else") from error
        if not content.startswith(_LETTER_PURPOSE):
            raise SealBroken("sealed to this key, but not a letter")
        return sealing.unpadded(content[len(_LETTER_PURPOSE) :])


def _receipt_lock(receipt_key: bytes, tip_id: str) -> tuple[bytes, bytes]:
    key = sealing.sub_key(sealing.checked_key(receipt_key), use=_USE, purpose="receipt")
    return key, sealing.listed(_VERSION, tip_id.encode())
