"""A program of its own that makes a clean picture: one picture in, one JPEG out, and it ends.

Decoders are where hostile pictures bite, so this runs apart, with little memory and time
(`bot.vault.cleaning` starts it). A new picture is made of the points alone: no place, no device,
no thumbnail, no text and nothing behind the end can come along. Imports nothing of the house.
"""

import io
import resource
import sys
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageOps

MOST_BYTES: Final = 1_000_000
MOST_POINTS: Final = 50_000_000
UNREADABLE: Final = 3
TOO_LARGE: Final = 4

_FORMATS: Final = ("JPEG", "PNG")
# A picture longer than this many times its width is refused by Telegram; margins make it wider.
_LONGEST_SHAPE: Final = 20
_SIDES: Final = (2560, 1920, 1440, 1080, 800, 600, 400)
_QUALITIES: Final = (88, 78, 68)
_MEMORY_BYTES: Final = 768 * 1024 * 1024
_PROCESSOR_S: Final = 15


class TooManyPoints(Exception):
    """The picture is larger than `MOST_POINTS`."""


def scrubbed(body: bytes) -> bytes:
    """Return `body` as a JPEG of at most `MOST_BYTES`, upright, without metadata.

    Raise `TooManyPoints`, and whatever the decoder raises on what it cannot read.
    """
    Image.MAX_IMAGE_PIXELS = MOST_POINTS
    with Image.open(io.BytesIO(body), formats=_FORMATS) as image:
        if image.width * image.height > MOST_POINTS:
            raise TooManyPoints
        points = _copied(_upright(_small_enough(image)))
    return next(body for body in _smaller_and_smaller(points) if len(body) <= MOST_BYTES)


def _small_enough(image: Image.Image) -> Image.Image:
    # Colours that stand in a table cannot be mixed.
    mixable = image.convert("RGBA") if image.mode in {"1", "P", "PA"} else image
    # Decodes a large JPEG at half, a quarter or an eighth of its size where that is enough.
    mixable.thumbnail((_SIDES[0], _SIDES[0]), reducing_gap=2.0)
    mixable.load()
    return mixable


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - cameras write odd notes; the picture itself is whole
        return image


def _copied(image: Image.Image) -> Image.Image:
    """Return the points on a white ground, in a picture that knows nothing of the old one."""
    if image.mode.startswith("I"):
        # 16 bits of grey; the eye sees eight.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    seen = image.convert("RGBA")
    width = max(seen.width, -(-seen.height // _LONGEST_SHAPE))
    height = max(seen.height, -(-seen.width // _LONGEST_SHAPE))
    ground = Image.new("RGB", (width, height), "white")
    ground.paste(seen, ((width - seen.width) // 2, (height - seen.height) // 2), mask=seen)
    return ground


def _smaller_and_smaller(image: Image.Image) -> Iterator[bytes]:
    for side in _SIDES:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality)
            yield out.getvalue()


def main() -> int:
    """Read a picture from standard input, write the clean one; return how it ended."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_S, _PROCESSOR_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        clean = scrubbed(sys.stdin.buffer.read())
    except (TooManyPoints, Image.DecompressionBombError, MemoryError):
        return TOO_LARGE
    except Exception:  # noqa: BLE001 - the edge of this program: whatever it was, it is no picture
        return UNREADABLE
    sys.stdout.buffer.write(clean)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
