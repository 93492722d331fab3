"""What a file is by its first bytes, never by a name; what is not listed is nothing.

Each entry names exactly one decoder, so that no other of the library's many is ever tried.
"""

from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """What can be cleaned. The values of pictures are Pillow's names of its decoders."""

    JPEG = "JPEG"
    PNG = "PNG"
    GIF = "GIF"
    WEBP = "WEBP"
    TIFF = "TIFF"
    BMP = "BMP"
    AVIF = "AVIF"
    HEIC = "HEIF"
    PDF = "PDF"
    # Films by FFmpeg's names of what unpacks them.
    QUICKTIME = "mov"
    MATROSKA = "matroska"


FILMS: Final = frozenset({Format.QUICKTIME, Format.MATROSKA})
PICTURES: Final = frozenset(Format) - FILMS - {Format.PDF}

_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
    (b"II*\x00", Format.TIFF),
    (b"MM\x00*", Format.TIFF),
    (b"BM", Format.BMP),
    (b"%PDF-", Format.PDF),
    (b"\x1aE\xdf\xa3", Format.MATROSKA),
)
# ISO/IEC 14496-12: the first box names the brands a reader must know.
_BRANDS: Final = (
    (Format.AVIF, {b"avif", b"avis"}),
    (Format.HEIC, {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}),
    (
        Format.QUICKTIME,
        {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "}
        | {b"qt  ", b"3gp4", b"3gp5", b"3gp6", b"MSNV"},
    ),
)
# Length, `ftyp`, main brand and version; then four bytes for each brand, of which nobody has more.
_HEAD_BYTES: Final = 16
_MOST_BOX_BYTES: Final = 16 + 4 * 64


def format_of(body: bytes) -> Format | None:
    """Return what `body` is, or None if it is nothing that can be cleaned."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return Format.WEBP
    if body[4:8] == b"ftyp":
        return _by_brand(body)
    return next((one for start, one in _BEGINNINGS if body.startswith(start)), None)


def _by_brand(body: bytes) -> Format | None:
    size = int.from_bytes(body[:4], "big")
    if not _HEAD_BYTES <= size <= _MOST_BOX_BYTES:
        return None
    named = {body[8:12], *(body[at : at + 4] for at in range(_HEAD_BYTES, size, 4))}
    return next((one for one, brands in _BRANDS if named & brands), None)
