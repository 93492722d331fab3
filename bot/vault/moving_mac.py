"""The key of the audit chain's MACs on disk: it moves forward, and what it was is erased.

Whoever takes the machine finds the key of the next entry and of those to come, none of those
written. How keys follow each other is in `bot.core.audit`; when one moves is for storage.

    moving.key       = version (1 byte) | first entry (8) | entry of this key (8) | mark (8)
                     | key (32)
    start-MARK.key   = version (1 byte) | first entry (8) | key of that entry (32)

A start is what the auditor keeps on paper. It stands here until somebody has shown that they
wrote it down; only from then on does the erasing protect anything.
"""

from pathlib import Path
from typing import Final

from nacl.utils import random

from bot.core.audit import KEY_BYTES, KeyStart, KeyState, entry_mac, key_after, key_mark
from bot.core.sealing import KeyGone
from bot.vault import keyfiles

_VERSION: Final = b"\x01"
_NUMBER_BYTES: Final = 8
_MARK_BYTES: Final = 8
_MOVING_BYTES: Final = len(_VERSION) + 2 * _NUMBER_BYTES + _MARK_BYTES + KEY_BYTES
_START_BYTES: Final = len(_VERSION) + _NUMBER_BYTES + KEY_BYTES


class MovingMac:
    """Fits `MovingKey` and `KeyStarts` of `bot.core.audit`.

    The file is read anew each time: many processes share it.
    """

    def __init__(self, folder: Path) -> None:
        """Look for the key in `folder`; nothing is made before `begin`."""
        self._folder = folder
        self._path = folder / "moving.key"

    def state(self) -> KeyState | None:
        """Return how far the key has come, or None if there is none. Raise `KeyFileUnusable`."""
        content = keyfiles.read(self._path, size_bytes=_MOVING_BYTES)
        return None if content is None else _read(content)[0]

    def begin(self, number: int) -> KeyState:
        """Draw a new key for entry `number`, in place of what there is.

        Returns when it and its start have reached the disk. Raise `KeyFileUnusable`.
        """
        key = random(KEY_BYTES)
        state = KeyState(since=number, next=number, mark=key_mark(key))
        keyfiles.read_or_create(self._start(state.mark), _VERSION + _number(number) + key)
        keyfiles.replace(self._path, lambda _old: _written(state, key))
        return state

    def mac(self, number: int, digest: bytes) -> bytes:
        """Return the MAC of entry `number`. Raise `KeyGone` if its key was erased."""
        content = keyfiles.read(self._path, size_bytes=_MOVING_BYTES)
        if content is None:
            raise KeyGone("there is no key for the audit chain")
        return entry_mac(_key_of(*_read(content), number), digest)

    def advance(self, number: int, mark: str) -> None:
        """Erase the keys of all entries up to `number`, if the key still is that of `mark`.

        Returns when they are gone from the disk. Raise `KeyFileUnusable`.
        """

        def further(old: bytes | None) -> bytes | None:
            if old is None or len(old) != _MOVING_BYTES:
                return None
            state, key = _read(old)
            if state.mark != mark or state.next > number:
                return None
            moved = KeyState(since=state.since, next=number + 1, mark=mark)
            return _written(moved, _key_of(state, key, number + 1))

        keyfiles.replace(self._path, further)

    def starts(self) -> list[KeyStart]:
        """Return the starts nobody has written down yet, oldest first."""
        if not self._folder.is_dir():
            return []
        paths = [path for path in keyfiles.files_in(self._folder) if path.name[:6] == "start-"]
        contents = [keyfiles.read(path, size_bytes=_START_BYTES) for path in paths]
        found = [_read_start(content) for content in contents if content is not None]
        return sorted(found, key=lambda start: start.since)

    def forget_start(self, mark: str) -> None:
        """Destroy a start that somebody keeps elsewhere."""
        keyfiles.destroy(self._start(mark))

    def _start(self, mark: str) -> Path:
        return self._folder / f"start-{mark}.key"


def _key_of(state: KeyState, key: bytes, number: int) -> bytes:
    if number < state.next:
        raise KeyGone(f"the key of entry {number} of the audit chain was erased")
    for _ in range(number - state.next):
        key = key_after(key)
    return key


def _number(number: int) -> bytes:
    return number.to_bytes(_NUMBER_BYTES, "big")


def _written(state: KeyState, key: bytes) -> bytes:
    numbers = _number(state.since) + _number(state.next)
    return _VERSION + numbers + bytes.fromhex(state.mark) + key


def _read(content: bytes) -> tuple[KeyState, bytes]:
    numbers, rest = content[1 : 1 + 2 * _NUMBER_BYTES], content[1 + 2 * _NUMBER_BYTES :]
    state = KeyState(
        since=int.from_bytes(numbers[:_NUMBER_BYTES], "big"),
        next=int.from_bytes(numbers[_NUMBER_BYTES:], "big"),
        mark=rest[:_MARK_BYTES].hex(),
    )
    return state, rest[_MARK_BYTES:]


def _read_start(content: bytes) -> KeyStart:
    since, key = content[1 : 1 + _NUMBER_BYTES], content[1 + _NUMBER_BYTES :]
    return KeyStart(since=int.from_bytes(since, "big"), mark=key_mark(key), key=key)
