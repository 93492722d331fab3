"""Sealing what leaves this installation to somebody's public key: libsodium's sealed box.

No version and no padding of ours: whoever holds the private key opens it with any libsodium
(`crypto_box_seal_open`), without this program.
"""

from nacl.exceptions import CryptoError
from nacl.public import PublicKey, SealedBox

from bot.core.errors import RuleBroken
from bot.vault import sealing
from bot.vault.errors import KeyUnusable


class ExportBox:
    """Seals exports."""

    def seal(self, public_key: bytes, plain: bytes) -> bytes:
        """Return `plain` sealed to an X25519 key. Raise `RuleBroken` for one nobody can hold."""
        try:
            return bytes(SealedBox(PublicKey(sealing.checked_key(public_key))).encrypt(plain))
        except (CryptoError, KeyUnusable) as error:
            raise RuleBroken("tip_export_key_wrong") from error
