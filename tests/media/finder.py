"""Looks for secrets in bytes, and at JPEGs mark by mark. Uses nothing of what it is to check."""

import base64
import io
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

from PIL import Image

from tests.media.cases import Secret

_MOST_INFLATED: Final = 4_000_000
# A zlib stream begins so at any of its levels; a raw one, in an archive, behind its head.
_ZLIB: Final = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_ARCHIVED: Final = re.compile(rb"PK\x03\x04.{22}(..)(..)", re.DOTALL)
# A text in PDF may be written in digits, and letters of XML by their numbers.
_DIGITS: Final = re.compile(rb"(?:[0-9A-Fa-f]{2}[\r\n]?){12,}")


def forms(secret: Secret) -> Iterator[tuple[str, bytes]]:
    """Yield (encoding, bytes) for everything a secret may look like."""
    if isinstance(secret, bytes):
        yield "as it is", secret
        yield (
            "swapped in pairs",
            b"".join(secret[at : at + 2][::-1] for at in range(0, len(secret), 2)),
        )
        plain = secret
    else:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            yield encoding, secret.encode(encoding)
            yield f"{encoding}, apart", unicodedata.normalize("NFD", secret).encode(encoding)
        yield "for addresses", quote(secret, safe="").encode()
        yield "capitals", secret.upper().encode()
        yield "by numbers", "".join(f"&#{ord(letter)};" for letter in secret).encode()
        plain = secret.encode()
        yield "wide, in digits", secret.encode("utf-16-be").hex().encode()
    yield "backwards", plain[::-1]
    yield "in digits", plain.hex().encode()
    yield "in capital digits", plain.hex().upper().encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + plain)[4 if shift else 0 : -4]
        yield f"base64, {shift}", coded
        yield f"base64 for addresses, {shift}", coded.translate(bytes.maketrans(b"+/", b"-_"))


def layers(body: bytes, depth: int = 2) -> Iterator[bytes]:
    """Yield `body`, and what is packed inside it."""
    yield body
    if not depth:
        return
    for found in _ZLIB.finditer(body):
        yield from _inflated(body[found.start() :], zlib.MAX_WBITS, depth)
    for found in _ARCHIVED.finditer(body):
        name, extra = struct.unpack("<HH", found.group(1) + found.group(2))
        yield from _inflated(body[found.end() + name + extra :], -zlib.MAX_WBITS, depth)
    for found in _DIGITS.finditer(body):
        digits = re.sub(rb"\s", b"", found.group())
        yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def _inflated(packed: bytes, bits: int, depth: int) -> Iterator[bytes]:
    try:
        inside = zlib.decompressobj(bits).decompress(packed, _MOST_INFLATED)
    except zlib.error:
        return
    if inside:
        yield from layers(inside, depth - 1)


def found_in(body: bytes, secrets: Iterable[Secret]) -> list[tuple[Secret, str]]:
    """Return which secrets are in `body`, and in which encoding."""
    everything = list(layers(body))
    return [
        (secret, encoding)
        for secret in secrets
        for encoding, form in forms(secret)
        if any(form in layer for layer in everything)
    ]


# --- what a JPEG is made of -------------------------------------------------------------------

_JFIF_ALONE: Final = b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_EXPECTED_INFO: Final = {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def oddities(body: bytes) -> list[str]:
    """Return what a JPEG holds beside a baseline picture."""
    odd = [*_odd_marks(body), *_odd_to_the_library(body)]
    return sorted(set(odd))


def _odd_marks(body: bytes) -> Iterator[str]:
    at, seen = 2, 0
    if body[:2] != b"\xff\xd8":
        yield "no beginning"
    while at + 4 <= len(body):
        lead, mark, length = struct.unpack_from(">BBH", body, at)
        if lead != 0xFF:
            yield f"stray bytes at {at}"
            return
        payload = body[at + 4 : at + 2 + length]
        at += 2 + length
        yield from _odd_segment(mark, payload, is_first=seen == 0)
        seen += 1
        if mark == 0xDA:
            yield from _odd_end(body, at)
            return
    yield "no scan"


def _odd_segment(mark: int, payload: bytes, *, is_first: bool) -> Iterator[str]:
    match mark:
        case 0xE0:
            is_odd = payload != _JFIF_ALONE or not is_first
        case 0xDB:
            is_odd = bool(len(payload) % 65 or any(one >> 4 for one in payload[::65]))
        case 0xC4:
            is_odd = bool(list(_odd_codes(payload)))
        case 0xC0:
            is_odd = len(payload) != 6 + 3 * payload[5]
        case 0xDA:
            is_odd = len(payload) != 4 + 2 * payload[0]
        case _:
            is_odd = True
    if is_odd:
        yield f"mark {mark:02x}"


def _odd_codes(payload: bytes) -> Iterator[str]:
    at = 0
    while at + 17 <= len(payload):
        at += 17 + sum(payload[at + 1 : at + 17])
    if at != len(payload):
        yield "room in a table of codes"


def _odd_end(body: bytes, at: int) -> Iterator[str]:
    """Yield what is odd from the one scan to the end of the file."""
    marks = [
        (place, body[place + 1])
        for place in range(at, len(body) - 1)
        if body[place] == 0xFF and body[place + 1] != 0
    ]
    if marks != [(len(body) - 2, 0xD9)]:
        yield "something in or behind the scan"


def _odd_to_the_library(body: bytes) -> Iterator[str]:
    try:
        with Image.open(io.BytesIO(body)) as image:
            image.load()
    except OSError:
        yield "unreadable"
        return
    if image.format != "JPEG":
        yield f"a {image.format}"
    yield from (f"info {key}" for key in set(image.info) - _EXPECTED_INFO)
    if dict(image.getexif()):
        yield "EXIF"
    if getattr(image, "n_frames", 1) != 1:
        yield "more than one picture"
