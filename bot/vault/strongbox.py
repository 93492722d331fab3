"""Locks a stream of bytes with a passphrase: for files that leave the machine.

    locked = "BYLOCK1" and a line's end (8 bytes) | salt (16) | header of the stream (24)
           | pieces of 64 KiB, each with 17 bytes more; the last one is marked as the last

Key: Argon2id of the passphrase (t=3, 64 MiB, p=4). Pieces: libsodium's secretstream, so none can
be changed, swapped, doubled or left out, and a file that was cut short is found at its end.
"""

import io
from typing import BinaryIO, Final

from nacl import bindings
from nacl.utils import random

from bot.core.sealing import SealBroken, WrongPassword
from bot.vault.slow import PASSWORD_COST, SALT_BYTES, Argon2Cost, argon2id

MAGIC: Final = b"BYLOCK1\n"
_PIECE_BYTES: Final = 64 * 1024
_MORE_BYTES: Final = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_HEADER_BYTES: Final = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_MESSAGE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


class LockingWriter(io.RawIOBase):
    """Writes what it is given to `target`, locked. `close` ends the stream, not the target."""

    def __init__(
        self, target: BinaryIO, passphrase: str, *, cost: Argon2Cost = PASSWORD_COST
    ) -> None:
        """Begin the file. Takes as long as a password does."""
        salt = random(SALT_BYTES)
        self._target = target
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        header = bindings.crypto_secretstream_xchacha20poly1305_init_push(
            self._state, argon2id(passphrase.encode(), salt, cost)
        )
        self._left = bytearray()
        target.write(MAGIC + salt + header)

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, content: object) -> int:
        """Take bytes; whole pieces go out at once."""
        given = bytes(content)  # type: ignore[call-overload]  # whatever holds bytes
        self._left += given
        # The last piece must be known as the last, so one that is just full waits.
        while len(self._left) > _PIECE_BYTES:
            self._push(bytes(self._left[:_PIECE_BYTES]), _MESSAGE)
            del self._left[:_PIECE_BYTES]
        return len(given)

    def close(self) -> None:
        """Write the last piece."""
        if not self.closed:
            self._push(bytes(self._left), _FINAL)
            self._left.clear()
        super().close()

    def _push(self, piece: bytes, tag: int) -> None:
        push = bindings.crypto_secretstream_xchacha20poly1305_push
        self._target.write(push(self._state, piece, tag=tag))


class UnlockingReader(io.RawIOBase):
    """Reads what was locked. Raise `SealBroken` where it was changed or cut."""

    def __init__(
        self, source: BinaryIO, passphrase: str, *, cost: Argon2Cost = PASSWORD_COST
    ) -> None:
        """Begin to read. Raise `WrongPassword`, `SealBroken`."""
        head = source.read(len(MAGIC) + SALT_BYTES + _HEADER_BYTES)
        if len(head) != len(MAGIC) + SALT_BYTES + _HEADER_BYTES or not head.startswith(MAGIC):
            raise SealBroken("not a file that was locked with a passphrase")
        salt = head[len(MAGIC) : len(MAGIC) + SALT_BYTES]
        self._source = source
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(
            self._state, head[-_HEADER_BYTES:], argon2id(passphrase.encode(), salt, cost)
        )
        self._ready = bytearray()
        self._is_over = False
        try:
            self._pull()
        except SealBroken as error:
            # A changed first piece looks the same; a wrong passphrase is what it mostly is.
            raise WrongPassword("the passphrase does not open this file") from error

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, target: object) -> int:
        """Fill `target` as far as there is something; 0 at the end."""
        view = memoryview(target).cast("B")  # type: ignore[arg-type]  # whatever takes bytes
        while not self._ready and not self._is_over:
            self._pull()
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        del self._ready[:count]
        return count

    def _pull(self) -> None:
        piece = self._source.read(_PIECE_BYTES + _MORE_BYTES)
        pull = bindings.crypto_secretstream_xchacha20poly1305_pull
        try:
            plain, tag = pull(self._state, piece)
        except Exception as error:  # libsodium tells no kinds apart
            raise SealBroken("a piece was changed, or the file was cut short") from error
        self._is_over = tag == _FINAL
        if self._is_over and self._source.read(1):
            raise SealBroken("something was put behind the end")
        self._ready += plain
