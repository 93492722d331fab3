"""A picture made anew: decoded, put upright, its points copied, saved as a bare JPEG."""

import copy
import io
from collections.abc import Iterator
from typing import Final

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageColor,
    ImageOps,
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from bot.vault.scrubbing.endings import Ending, Unfit
from bot.vault.scrubbing.formats import Format

MOST_BYTES: Final = 1_000_000
MOST_POINTS: Final = 50_000_000

# Named here so that they are loaded before the doors are shut, for Pillow loads them when needed.
LOADED: Final = (
    copy,
    ImageCms,
    ImageColor,
    ImagePalette,
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
# A picture longer than this many times its width is refused by Telegram; margins make it wider.
_LONGEST_SHAPE: Final = 20
_SIDES: Final = (2560, 1920, 1440, 1080, 800, 600, 400)
_QUALITIES: Final = (88, 78, 68)
_WHITE: Final = 255


def prepare(kind: Format) -> None:
    """Load what decoding `kind` takes; afterwards nothing need be opened any more."""
    Image.MAX_IMAGE_PIXELS = MOST_POINTS
    Image.preinit()
    # Threads count as processes, of which there will be none.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    if kind is Format.HEIC:
        from pi_heif import register_heif_opener  # noqa: PLC0415 - only where it is needed

        register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
        )


def scrubbed(body: bytes, kind: Format) -> bytes:
    """Return `body` as a JPEG of at most `MOST_BYTES`, upright, without metadata.

    Of several pictures in it only the first. Raise `Unfit`, and whatever the decoder raises on
    what it cannot read.
    """
    try:
        with Image.open(io.BytesIO(body), formats=[kind]) as image:
            if image.width * image.height > MOST_POINTS:
                raise Unfit(Ending.TOO_MANY_POINTS)
            points = _copied(_upright(_small_enough(image)))
    except Image.DecompressionBombError as error:
        raise Unfit(Ending.TOO_MANY_POINTS) from error
    return packed(points)


def packed(points: Image.Image) -> bytes:
    """Return an RGB picture that knows nothing but its points as a JPEG of `MOST_BYTES`."""
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
    elif image.mode == "F":
        image = _of_any_range(image)
    seen = image.convert("RGBA") if image.mode != "YCbCr" else image.convert("RGB").convert("RGBA")
    width = max(seen.width, -(-seen.height // _LONGEST_SHAPE))
    height = max(seen.height, -(-seen.width // _LONGEST_SHAPE))
    ground = Image.new("RGB", (width, height), "white")
    ground.paste(seen, ((width - seen.width) // 2, (height - seen.height) // 2), mask=seen)
    return ground


def _of_any_range(image: Image.Image) -> Image.Image:
    """Return measured values as grey, from the smallest to the largest of them."""
    least, most = (float(value) for value in image.getextrema())  # type: ignore[arg-type] # of one band, not of many
    scale = _WHITE / (most - least) if most > least else 0.0
    return image.point(lambda value: value * scale - least * scale).convert("L")


def _smaller_and_smaller(image: Image.Image) -> Iterator[bytes]:
    for side in _SIDES:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality)
            yield out.getvalue()
