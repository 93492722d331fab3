"""Pictures to hand in: invented, painted here, with whatever a camera would leave in them."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image
from pillow_heif import register_heif_opener

register_heif_opener()

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


def pdf(*pages: bytes, size: tuple[int, int] = (200, 300)) -> bytes:
    """Return a PDF with a page for each of the drawing instructions."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
    ]
    for number, page in enumerate(pages):
        box = f"/MediaBox [0 0 {size[0]} {size[1]}] /Contents {4 + 2 * number} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page))
    return pdf_of(objects)


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of objects, numbered from one; the first is its catalog."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % table


def opened(body: bytes) -> Image.Image:
    """Return a picture, decoded."""
    image = Image.open(io.BytesIO(body))
    image.load()
    return image
