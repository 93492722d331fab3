"""The founding key: opens what arrives before the first officer has a key of their own.

Its private half and the one-time token of the set-up link stand in one file until set-up is
done; then the file is destroyed. Whether set-up is done is for the database to say.

    file = private key (32 bytes) | token (32 bytes)
"""

from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Final

from nacl.public import PrivateKey
from nacl.utils import random

from bot.core.sealing import KeyGone, KeyPair
from bot.vault import keyfiles, sealing

_TOKEN_BYTES: Final = 32
_FILE_BYTES: Final = sealing.KEY_BYTES + _TOKEN_BYTES


class SetupKey:
    """One file, read anew each time: another process may have finished the set-up."""

    def __init__(self, folder: Path) -> None:
        """Look for the founding key in `folder`; nothing is made before `open_or_create`."""
        self._path = folder / "founding.key"

    def open_or_create(self) -> None:
        """Make the founding key unless there is one. Raises `KeyFileUnusable`."""
        keyfiles.read_or_create(self._path, random(_FILE_BYTES))

    def exists(self) -> bool:
        """Tell whether set-up is still open. Raises `KeyFileUnusable`."""
        return keyfiles.read(self._path, size_bytes=_FILE_BYTES) is not None

    def destroy(self) -> None:
        """Overwrite and remove the founding key, if it is there. Raises `KeyFileUnusable`."""
        keyfiles.destroy(self._path)

    @property
    def pair(self) -> KeyPair:
        """The founding pair. Raises `KeyGone` once set-up is done."""
        private = self._content()[: sealing.KEY_BYTES]
        return KeyPair(public=bytes(PrivateKey(private).public_key), private=private)

    @property
    def token(self) -> str:
        """The token of the set-up link, 43 signs fit for a URL. Raises `KeyGone`."""
        return urlsafe_b64encode(self._content()[sealing.KEY_BYTES :]).decode().rstrip("=")

    def _content(self) -> bytes:
        content = keyfiles.read(self._path, size_bytes=_FILE_BYTES)
        if content is None:
            raise KeyGone("set-up is done, the founding key was destroyed")
        return content
