"""The private keys of those who are signed in, in the memory of this process and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass, field

from bot.core.ids import KeyHolderId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInHand:
    """One key: whose, and its private half."""

    holder_id: KeyHolderId
    private_key: bytes = field(repr=False)


class KeysInHand:
    """Keys by the hash of a session's token."""

    def __init__(self) -> None:
        self._keys: dict[bytes, KeyInHand] = {}

    def put(self, token_hash: bytes, key: KeyInHand) -> None:
        """Keep a key for a session; one it had before is dropped."""
        self._keys[token_hash] = key

    def of(self, token_hash: bytes) -> KeyInHand | None:
        """Return the key of a session."""
        return self._keys.get(token_hash)

    def drop(self, token_hash: bytes) -> None:
        """Forget the key of a session."""
        self._keys.pop(token_hash, None)

    def sessions(self) -> Collection[bytes]:
        """Return which sessions have a key here."""
        return tuple(self._keys)
