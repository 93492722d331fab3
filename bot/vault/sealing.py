"""The one way anything is sealed: XChaCha20-Poly1305 over padded text, bound to its place.

Padding follows ISO/IEC 7816-4 (one byte 0x80, then zeros), so lengths say little. What a box is
bound to (its associated data) is a list of byte strings, each preceded by its length in four
bytes, most significant first, so that no two lists look alike.
Which keys there are, and how long they live, is for the other modules of this room.
"""

import hashlib
from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError
from nacl.utils import random

from bot.core.sealing import SealBroken
from bot.vault.errors import KeyUnusable

KEY_BYTES: Final = crypto_aead_xchacha20poly1305_ietf_KEYBYTES
NONCE_BYTES: Final = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
TAG_BYTES: Final = crypto_aead_xchacha20poly1305_ietf_ABYTES

_STEP_BYTES: Final = 256
_PAD: Final = b"\x80"
_SMALLEST_BYTES: Final = 1024


def listed(*parts: bytes) -> bytes:
    """Return `parts` as one byte string that no other list of parts gives."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def sub_key(key: bytes, *, use: bytes, purpose: str) -> bytes:
    """Derive the 32-byte key of one `purpose` (keyed BLAKE2b); `use` is up to 16 bytes, fixed."""
    return hashlib.blake2b(purpose.encode(), key=key, person=use, digest_size=KEY_BYTES).digest()


def padded_by_steps(plain: bytes) -> bytes:
    """Pad to the next multiple of 256 bytes, at least one byte of padding."""
    return _padded(plain, len(plain) + _STEP_BYTES - len(plain) % _STEP_BYTES)


def padded_by_doubling(plain: bytes) -> bytes:
    """Pad to 1, 2, 4, 8 ... KiB, at least one byte of padding."""
    size = _SMALLEST_BYTES
    while size <= len(plain):
        size *= 2
    return _padded(plain, size)


def is_doubled(size_bytes: int) -> bool:
    """Tell whether `padded_by_doubling` gives texts of that size."""
    steps, rest = divmod(size_bytes, _SMALLEST_BYTES)
    return not rest and steps > 0 and not steps & (steps - 1)


def unpadded(padded: bytes) -> bytes:
    """Take the padding off again. Raises `SealBroken`."""
    plain = padded.rstrip(b"\0")
    if not plain.endswith(_PAD):
        raise SealBroken("the padding is not one")
    return plain[:-1]


def _padded(plain: bytes, size: int) -> bytes:
    # ISO/IEC 7816-4, as libsodium's sodium_pad does it; the binding costs more than the cipher.
    return plain + _PAD + bytes(size - len(plain) - 1)


def boxed(key: bytes, padded: bytes, bound_to: bytes) -> bytes:
    """Return nonce (24 bytes), ciphertext and tag (16 bytes). Raises `KeyUnusable`."""
    nonce = random(NONCE_BYTES)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(
        padded, bound_to, nonce, checked_key(key)
    )


def unboxed(key: bytes, box: bytes, bound_to: bytes) -> bytes:
    """Return the padded text of a box. Raises `SealBroken` or `KeyUnusable`."""
    if len(box) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("the sealed thing is cut short")
    nonce, ciphertext = box[:NONCE_BYTES], box[NONCE_BYTES:]
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(
            ciphertext, bound_to, nonce, checked_key(key)
        )
    except CryptoError as error:
        raise SealBroken("changed, moved, or sealed with another key") from error


def checked_key(key: bytes) -> bytes:
    """Return `key` if it is 32 bytes long. Raises `KeyUnusable`."""
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"a key of {len(key)} bytes instead of {KEY_BYTES}")
    return key
