"""Seals to a key pair of the week, whose private half is destroyed on schedule.

Where an answer may be left is sealed so, and what officers leave there: whoever knows the public
half can seal, and only the receiving side, which keeps the private one, can open. Once it is
destroyed no old copy of the database tells where an answer went.

    sealed = version (1 byte) | crypto_box_seal("binhyen.week." | purpose | 0 | padded text)

Padding goes in steps of 256 bytes. A week is named by its Monday, in UTC.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Final

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from bot.core.sealing import KeyGone, SealBroken, WeekKey
from bot.core.time import Clock
from bot.vault import keyfiles, sealing
from bot.vault.errors import KeyUnusable

_VERSION: Final = b"\x01"
_PURPOSE: Final = b"binhyen.week."
_SUFFIX: Final = ".key"


class WeekBox:
    """Seals to the public key of a week. Holds nothing, so the reading side may have it."""

    def seal(self, purpose: str, plain: bytes, *, to: WeekKey) -> bytes:
        """Return `plain` padded and sealed for `purpose`. Raises `KeyUnusable`."""
        box = SealedBox(PublicKey(sealing.checked_key(to.public_key)))
        try:
            return _VERSION + box.encrypt(_head(purpose) + sealing.padded_by_steps(plain))
        except CryptoError as error:
            raise KeyUnusable("nothing can be sealed to this public key") from error


class WeekKeys(WeekBox):
    """The pairs of the weeks; many processes may share one folder."""

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        """Keep the private halves in `folder`, made if need be. Raises `KeyFileUnusable`."""
        self._folder = folder
        self._clock = clock
        keyfiles.prepare_folder(folder)

    def public(self) -> WeekKey:
        """Return the public key of this week, made when the week begins. `KeyFileUnusable`."""
        week = self._this_week()
        private = keyfiles.read_or_create(self._path(week), bytes(PrivateKey.generate()))
        return WeekKey(week=week, public_key=bytes(PrivateKey(private).public_key))

    def open(self, purpose: str, sealed: bytes, *, week: date) -> bytes:
        """Return what was sealed in that week.

        Raises `SealBroken`, or `KeyGone` if the week's private key was destroyed.
        """
        if sealed[:1] != _VERSION:
            raise SealBroken("not a seal of a known version")
        private = keyfiles.read(self._path(week), size_bytes=sealing.KEY_BYTES)
        if private is None:
            raise KeyGone(f"the key of the week of {week.isoformat()} was destroyed")
        try:
            content = SealedBox(PrivateKey(private)).decrypt(sealed[1:])
        except CryptoError as error:
            raise SealBroken("changed, or sealed in another week") from error
        head = _head(purpose)
        if not content.startswith(head):
            raise SealBroken("sealed in this week, but for something else")
        return sealing.unpadded(content[len(head) :])

    def weeks(self) -> list[date]:
        """Return the Mondays of the weeks whose keys exist, oldest first. `KeyFileUnusable`."""
        names = (path.name for path in keyfiles.files_in(self._folder))
        return sorted(week for name in names if (week := _week_named(name)) is not None)

    def destroy_before(self, day: date) -> list[date]:
        """Destroy the keys of the weeks that ended before `day`; return their Mondays.

        A week that is not over is refused with `ValueError`. Raises `KeyFileUnusable`.
        """
        if day > self._this_week():
            raise ValueError("the key of a week that is not over must not be destroyed")
        return [
            week
            for week in self.weeks()
            if week + timedelta(days=7) <= day and keyfiles.destroy(self._path(week))
        ]

    def _this_week(self) -> date:
        today = self._clock.now().date()
        return today - timedelta(days=today.weekday())

    def _path(self, week: date) -> Path:
        return self._folder / f"{week.isoformat()}{_SUFFIX}"


def _head(purpose: str) -> bytes:
    return _PURPOSE + purpose.encode() + b"\0"


def _week_named(name: str) -> date | None:
    if not name.endswith(_SUFFIX):
        return None
    try:
        return date.fromisoformat(name.removesuffix(_SUFFIX))
    except ValueError:
        return None
