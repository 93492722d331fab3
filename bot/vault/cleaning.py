"""Pictures cleaned of everything but what is seen, by a program apart (`bot.vault.scrubbing`).

It is started for one picture and ends with it, so that the imaging library takes no memory of
this process, and a picture made to break a decoder breaks only that.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from bot.core.pictures import PICTURE_MOST_BYTES, PictureTooLarge, PictureUnreadable

_PROGRAM: Final = Path(__file__).with_name("scrubbing.py")
_TOO_LARGE: Final = 4
_LIMIT_S: Final = 30.0


class PictureCleaner:
    """Cleans one picture at a time. Fits `bot.core.pictures.PictureCleaning`."""

    def __init__(self) -> None:
        """Nothing is started before the first picture comes."""
        # A large picture takes some hundred megabytes for a moment.
        self._turn = asyncio.Semaphore(1)

    async def clean(self, body: bytes) -> bytes:
        """Return a clean JPEG. Raise `PictureUnreadable`, `PictureTooLarge`."""
        try:
            async with self._turn, asyncio.timeout(_LIMIT_S):
                status, clean = await _scrubbed(body)
        except TimeoutError as error:
            raise PictureUnreadable from error
        if status == _TOO_LARGE:
            raise PictureTooLarge
        if status != 0 or not 0 < len(clean) <= PICTURE_MOST_BYTES:
            raise PictureUnreadable
        return clean


async def _scrubbed(body: bytes) -> tuple[int, bytes]:
    """Return how the program ended and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(_PROGRAM)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # Nothing of ours: no settings, no secrets.
        env={},
    )
    try:
        clean, _ = await process.communicate(body)
        return await process.wait(), clean
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
