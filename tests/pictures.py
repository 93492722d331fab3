"""Pictures to hand in: invented, painted here, with whatever a camera would leave in them."""

import io
from typing import Any

from PIL import Image

# Where the invented camera says it stood; its letters must be nowhere afterwards.
CAMERA = "May anh bia 3000"
GPS = {1: "N", 2: (10.0, 46.0, 12.0), 3: "E", 4: (106.0, 40.0, 0.0)}
_ORIENTATION, _GPS_FIELD, _MODEL = 0x0112, 0x8825, 0x0110


def picture(
    size: tuple[int, int] = (80, 60),
    *,
    kind: str = "JPEG",
    mode: str = "RGB",
    colour: Any = 0,  # noqa: ANN401 - whatever the mode has for a colour
    **more: Any,  # noqa: ANN401 - whatever the encoder takes
) -> bytes:
    """Return a picture of one colour."""
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **more)
    return out.getvalue()


def photograph(size: tuple[int, int] = (80, 40), *, orientation: int = 6) -> bytes:
    """Return a JPEG, red at its left, that says where and with what it was taken."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[_MODEL] = CAMERA
    exif[_ORIENTATION] = orientation
    exif.get_ifd(_GPS_FIELD).update(GPS)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=CAMERA.encode(), quality=95)
    return out.getvalue()


def opened(body: bytes) -> Image.Image:
    """Return a picture, decoded."""
    image = Image.open(io.BytesIO(body))
    image.load()
    return image
