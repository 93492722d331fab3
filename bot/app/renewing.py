"""Renewing a pair in a process of its own, which no end of the program cuts off.

Between Zalo's rotation of a pair and our disk the new pair exists in one place only: the process
that asked. So that a kill of the program at that moment loses nothing, the asking is done by
`bot.app.renewal_apart`, in a session of its own, and the program looks at what came of it.
What is left is written down in docs/operations.md.
"""

import logging
import subprocess
import sys
from enum import StrEnum
from typing import Final

import msgspec

from bot.channels.zalo.renewal import RenewalRefused, Renews
from bot.core.channels import Credentials, CredentialStore
from bot.core.errors import StorageTrouble
from bot.core.ids import ChannelId
from bot.core.sending import PlatformTrouble
from bot.core.time import Clock

log: Final = logging.getLogger(__name__)

CHILD: Final = "bot.app.renewal_apart"
# Two calls of thirty seconds, a pause, and a start on a slow machine.
_LONGEST_S: Final = 90.0
_LOOK_EVERY_S: Final = 0.05


class End(StrEnum):
    """How a renewal apart ended."""

    RENEWED = "renewed"
    REFUSED = "refused"
    NO_STORAGE = "no_storage"
    TROUBLE = "trouble"


class Ended(msgspec.Struct):
    """What the other process says on its standard output: nothing secret."""

    end: End
    text: str = ""


class RenewalApart:
    """Fits `bot.channels.zalo.renewal.Renews`."""

    outlives_us: Final = True

    def __init__(
        self, channel_id: ChannelId, *, store: CredentialStore, clock: Clock, here: Renews
    ) -> None:
        """Renew apart; `here` renews in this process where no other can be started."""
        self._channel_id = channel_id
        self._store = store
        self._clock = clock
        self._here = here

    async def __call__(self, seen: Credentials) -> Credentials:
        """Have the pair renewed, unless somebody did since `seen`; return the newest."""
        try:
            child = _started(self._channel_id, seen.version)
        except OSError:
            log.warning("zalo.renewal_not_apart", extra={"channel_id": self._channel_id})
            return await self._here(seen)
        ended = await self._ended(child)
        newest = await self._store.load()
        if newest.version != seen.version:
            return newest
        match ended.end:
            case End.REFUSED:
                raise RenewalRefused(ended.text)
            case End.NO_STORAGE:
                raise StorageTrouble("the process apart could not reach the database")
            case End.RENEWED | End.TROUBLE:
                raise PlatformTrouble(ended.text or "token renewal without an end")

    async def _ended(self, child: "subprocess.Popen[bytes]") -> Ended:
        """Wait for the end; if we are cut off here, the other goes on by itself."""
        until_s = self._clock.monotonic() + _LONGEST_S
        try:
            while child.poll() is None:
                if self._clock.monotonic() > until_s:
                    return Ended(end=End.TROUBLE, text="token renewal takes too long")
                await self._clock.sleep(_LOOK_EVERY_S)
            said = child.stdout.read() if child.stdout else b""
        finally:
            _let_go(child)
        try:
            return msgspec.json.decode(said, type=Ended)
        except msgspec.DecodeError:
            return Ended(end=End.TROUBLE, text="token renewal broke off")


def _let_go(child: "subprocess.Popen[bytes]") -> None:
    if child.stdout:
        child.stdout.close()
    if child.returncode is None:
        # Left to itself on purpose: told so, `subprocess` does not complain of it.
        child.returncode = 0


def _started(channel_id: ChannelId, version: int) -> "subprocess.Popen[bytes]":
    # Not asyncio's own: that one kills what still runs when its loop ends.
    return subprocess.Popen(  # noqa: S603 - our own module; nothing typed stands on the line
        [sys.executable, "-m", CHILD, channel_id, str(version)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # No signal to our terminal or group reaches it.
        start_new_session=True,
    )
