"""Files cleaned of everything but what is seen, by a program apart (`bot.vault.scrubbing`).

It is started for one file and ends with it, so that the decoders take no memory of this process,
and a file made to break one breaks only that.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, assert_never

from bot.core.cleaning import CleanFile, NotCleaned, Unclean
from bot.core.pictures import PICTURE_MOST_BYTES, PictureTooLarge, PictureUnreadable
from bot.vault.bare_jpeg import is_bare
from bot.vault.scrubbing.endings import Ending

# What Telegram lets a bot fetch, the most of the platforms.
FILE_MOST_BYTES: Final = 20_000_000
MOST_FILES: Final = 10
# Two at least, so that one hostile file cannot keep everybody waiting; each takes up to 768 MiB
# for a moment, so not as many as a large machine has cores.
_FEWEST_AT_ONCE, _MOST_AT_ONCE = 2, 4
# The pictures of a message must be ready within 15 s, whatever stands before them in the queue.
LIMIT_S: Final = 10.0
_JPEG: Final = "image/jpeg"
_LENGTH: Final = 4
_MOST_OUT: Final = MOST_FILES * (_LENGTH + PICTURE_MOST_BYTES)
_ENDINGS: Final = {
    Ending.BROKEN: Unclean.BROKEN,
    Ending.TOO_MANY_POINTS: Unclean.TOO_MANY_POINTS,
    Ending.UNKNOWN_FORMAT: Unclean.UNKNOWN_FORMAT,
    Ending.TOO_BIG: Unclean.TOO_BIG,
    -signal.SIGXCPU: Unclean.TOO_SLOW,
    -signal.SIGKILL: Unclean.TOO_SLOW,
}


class PictureCleaner:
    """Cleans several files at once, first come, first served.

    Fits `bot.core.pictures.PictureCleaning` and `bot.core.cleaning.FileCleaning`.
    """

    def __init__(self, *, limit_s: float = LIMIT_S) -> None:
        """Nothing is started before the first file comes. One file has `limit_s`."""
        self._limit_s = limit_s
        cores = os.cpu_count() or 1
        self._turns = asyncio.Semaphore(min(max(cores, _FEWEST_AT_ONCE), _MOST_AT_ONCE))

    async def clean(self, body: bytes) -> bytes:
        """Return one picture as a clean JPEG. Raise `PictureUnreadable`, `PictureTooLarge`."""
        try:
            (clean,) = await self._cleaned(body, "picture")
        except NotCleaned as error:
            match error.reason:
                case Unclean.TOO_MANY_POINTS | Unclean.TOO_BIG:
                    raise PictureTooLarge from error
                case Unclean.UNKNOWN_FORMAT | Unclean.BROKEN | Unclean.TOO_SLOW:
                    raise PictureUnreadable from error
                case _:
                    assert_never(error.reason)
        return clean.body

    async def clean_all(self, body: bytes) -> Sequence[CleanFile]:
        """Return what a picture or PDF shows, as clean JPEGs. Raise `NotCleaned`."""
        return await self._cleaned(body, "all")

    async def _cleaned(self, body: bytes, allowed: str) -> Sequence[CleanFile]:
        if len(body) > FILE_MOST_BYTES:
            raise NotCleaned(Unclean.TOO_BIG)
        try:
            async with self._turns, asyncio.timeout(self._limit_s):
                status, out = await _scrubbed(body, allowed)
        except TimeoutError as error:
            raise NotCleaned(Unclean.TOO_SLOW) from error
        if len(out) > _MOST_OUT:
            raise NotCleaned(Unclean.BROKEN)
        if status != Ending.CLEANED:
            raise NotCleaned(_ENDINGS.get(status, Unclean.BROKEN))
        return [CleanFile(media_type=_JPEG, body=one) for one in _parted(out)]


def _parted(out: bytes) -> Sequence[bytes]:
    """Return the clean files in `out`, each looked at once more. Raise `NotCleaned`."""
    parts: list[bytes] = []
    at = 0
    while at < len(out):
        start = at + _LENGTH
        at = start + int.from_bytes(out[at:start], "big")
        parts.append(out[start:at])
    if not 0 < len(parts) <= MOST_FILES or at != len(out):
        raise NotCleaned(Unclean.BROKEN)
    if not all(len(one) <= PICTURE_MOST_BYTES and is_bare(one) for one in parts):
        raise NotCleaned(Unclean.BROKEN)
    return parts


async def _scrubbed(body: bytes, allowed: str) -> tuple[int, bytes]:
    """Return how the program ended and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-B", "-m", "bot.vault.scrubbing", allowed),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # Nothing of ours: no settings, no secrets, no folder.
        env={},
        cwd="/",
        # A group of its own, so that what it may have started ends with it.
        start_new_session=True,
    )
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_hand_in(process, body))
            out = group.create_task(_written(process))
        return await process.wait(), out.result()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _hand_in(process: asyncio.subprocess.Process, body: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for above
    try:
        process.stdin.write(body)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        # It ended before it had read everything, and says itself why.
        return


async def _written(process: asyncio.subprocess.Process) -> bytes:
    """Return what it wrote; more than could be clean is not taken in."""
    assert process.stdout is not None  # noqa: S101 - asked for above
    out = bytearray()
    while piece := await process.stdout.read(65_536):
        out += piece
        if len(out) > _MOST_OUT:
            process.kill()
            break
    return bytes(out)
