"""Seals what only passes through the database, so that old backups of it stay shut for good.

Bodies waiting to be handled, replies waiting to be sent and drafts of dialogues are sealed with a
key of the day. `destroy_before` ends a day's key, and with it every copy of what it sealed.

    sealed = version (1 byte) | UTC day (4 bytes, proleptic Gregorian ordinal)
           | nonce (24 bytes) | ciphertext padded to 256-byte steps | tag (16 bytes)

When days end is for the scheduler; the rows themselves are for storage.
"""

from datetime import date
from pathlib import Path
from typing import Final

from nacl.utils import random

from bot.core.sealing import KeyGone, SealBroken
from bot.core.time import Clock
from bot.vault import keyfiles, sealing

_VERSION: Final = b"\x01"
_DAY_BYTES: Final = 4
_HEAD_BYTES: Final = len(_VERSION) + _DAY_BYTES
_USE: Final = b"binhyen.passing"
_SUFFIX: Final = ".key"


class PassingSeal:
    """Seals with the key of the day; many processes may share one folder of keys."""

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        """Keep the keys in `folder`, made if need be. Raises `KeyFileUnusable`."""
        self._folder = folder
        self._clock = clock
        self._sub_keys: dict[date, dict[str, bytes]] = {}
        keyfiles.prepare_folder(folder)

    def seal(self, purpose: str, plain: bytes, *, about: bytes = b"") -> bytes:
        """Seal `plain` with today's key, so that it opens only for `purpose` and `about`.

        `purpose` is one of a few fixed words; `about` ties it to its place, a row's id for one.
        The first seal of a day writes that day's key to disk. Raises `KeyFileUnusable`.
        """
        day = self._today()
        key = self._sub_keys.get(day, {}).get(purpose) or self._learn(day, purpose, create=True)
        head = _VERSION + day.toordinal().to_bytes(_DAY_BYTES, "big")
        bound_to = sealing.listed(head, purpose.encode(), about)
        return head + sealing.boxed(key, sealing.padded_by_steps(plain), bound_to)

    def open(self, purpose: str, sealed: bytes, *, about: bytes = b"") -> bytes:
        """Return what was sealed for this `purpose` and `about`.

        Raises `SealBroken` if it was changed or moved, `KeyGone` if its day has ended,
        `KeyFileUnusable` if the key is there but cannot be read.
        """
        head = sealed[:_HEAD_BYTES]
        day = _day_of(head)
        key = self._sub_keys.get(day, {}).get(purpose) or self._learn(day, purpose, create=False)
        bound_to = sealing.listed(head, purpose.encode(), about)
        return sealing.unpadded(sealing.unboxed(key, sealed[_HEAD_BYTES:], bound_to))

    def destroy_before(self, day: date) -> list[date]:
        """Destroy the keys of all days before `day`; return those this call ended, oldest first.

        Every process that seals should call it, to forget what it remembers of those keys.
        Leave yesterday alone (`day` at most yesterday): another process may be sealing with it
        just after midnight. A `day` after today is refused with `ValueError`, because today's key
        would be made anew and then blamed for what the old one sealed. Raises `KeyFileUnusable`.
        """
        if day > self._today():
            raise ValueError("the key of a day that is not over must not be destroyed")
        for known in [known for known in self._sub_keys if known < day]:
            del self._sub_keys[known]
        return [past for past in self.days() if past < day and keyfiles.destroy(self._path(past))]

    def days(self) -> list[date]:
        """Return the days whose keys exist, oldest first. Raises `KeyFileUnusable`."""
        names = (path.name for path in keyfiles.files_in(self._folder))
        return sorted(day for name in names if (day := _day_named(name)) is not None)

    def _today(self) -> date:
        return self._clock.now().date()

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}{_SUFFIX}"

    def _learn(self, day: date, purpose: str, *, create: bool) -> bytes:
        path = self._path(day)
        if create:
            day_key = keyfiles.read_or_create(path, random(sealing.KEY_BYTES))
        else:
            kept = keyfiles.read(path, size_bytes=sealing.KEY_BYTES)
            if kept is None:
                raise KeyGone(f"the key of {day.isoformat()} was destroyed")
            day_key = kept
        key = sealing.sub_key(day_key, use=_USE, purpose=purpose)
        self._sub_keys.setdefault(day, {})[purpose] = key
        return key


def _day_of(head: bytes) -> date:
    if len(head) < _HEAD_BYTES or head[:1] != _VERSION:
        raise SealBroken("not a seal of a known version")
    try:
        return date.fromordinal(int.from_bytes(head[1:], "big"))
    except (ValueError, OverflowError) as error:
        raise SealBroken("the day of the seal is not one") from error


def _day_named(name: str) -> date | None:
    if not name.endswith(_SUFFIX):
        return None
    try:
        return date.fromisoformat(name.removesuffix(_SUFFIX))
    except ValueError:
        return None
