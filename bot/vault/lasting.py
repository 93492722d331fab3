"""Seals what is kept (channel credentials, the web mailbox), and hides platform ids behind names.

One key for the whole installation, beside the database, never in it. Losing the file means
entering every channel's credentials anew.

    sealed = version (1 byte) | nonce (24 bytes)
           | ciphertext padded to 256-byte steps | tag (16 bytes)

Tips are not for this key: they are sealed to people (see `bot.vault.tips`).
"""

import hashlib
from pathlib import Path
from typing import Final

from nacl.utils import random

from bot.core.sealing import SealBroken
from bot.vault import keyfiles, sealing

_VERSION: Final = b"\x01"
_USE: Final = b"binhyen.lasting"
_NAMING: Final = b"binhyen.naming"
_ATTESTING: Final = "attested"
_CHECKING: Final = b"binhyen.checking"
_PSEUDONYM_BYTES: Final = 16
_FINGERPRINT_BYTES: Final = 8


class LastingSeal:
    """Seals with the installation's own key."""

    def __init__(self, key_file: Path) -> None:
        """Read the key, or make it if there is none yet. Raises `KeyFileUnusable`."""
        self._key = keyfiles.read_or_create(key_file, random(sealing.KEY_BYTES))
        self._sub_keys: dict[tuple[bytes, str], bytes] = {}

    @property
    def fingerprint(self) -> str:
        """16 hex characters that tell this key from others and give nothing of it away.

        Kept in the database, it shows at start that the key file was lost or exchanged.
        """
        sub_key = self._sub_key(_CHECKING, "fingerprint")
        return hashlib.blake2b(key=sub_key, digest_size=_FINGERPRINT_BYTES).hexdigest()

    def seal(self, purpose: str, plain: bytes, *, about: bytes = b"") -> bytes:
        """Seal `plain` so that it opens only for `purpose` (a fixed word) and `about`."""
        bound_to = sealing.listed(_VERSION, purpose.encode(), about)
        key = self._sub_key(_USE, purpose)
        return _VERSION + sealing.boxed(key, sealing.padded_by_steps(plain), bound_to)

    def open(self, purpose: str, sealed: bytes, *, about: bytes = b"") -> bytes:
        """Return what was sealed for this `purpose` and `about`.

        Raises `SealBroken` if it was changed or moved, or the key file is not the one of then.
        """
        if sealed[:1] != _VERSION:
            raise SealBroken("not a seal of a known version")
        bound_to = sealing.listed(_VERSION, purpose.encode(), about)
        key = self._sub_key(_USE, purpose)
        return sealing.unpadded(sealing.unboxed(key, sealed[1:], bound_to))

    def pseudonym(self, purpose: str, value: str) -> str:
        """Return 32 hex characters: always the same for `value`, and nothing without the key."""
        key = self._sub_key(_NAMING, purpose)
        digest = hashlib.blake2b(value.encode(), key=key, digest_size=_PSEUDONYM_BYTES)
        return digest.hexdigest()

    def attest(self, claim: str) -> str:
        """Return 32 hex characters that only who has this key can make of `claim`."""
        return self.pseudonym(_ATTESTING, claim)

    def _sub_key(self, use: bytes, purpose: str) -> bytes:
        key = self._sub_keys.get((use, purpose))
        if key is None:
            key = sealing.sub_key(self._key, use=use, purpose=purpose)
            self._sub_keys[use, purpose] = key
        return key
