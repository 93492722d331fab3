"""JPEGs: every application segment, comments, thumbnails, second pictures, trailers."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import replace

from tests.media.cases import Case, Chest, Secret, painted, saved
from tests.media.fields import (
    LONG,
    UNDEFINED,
    directory,
    exifs,
    full_exif,
    iptc,
    number,
    profile,
    resource,
    tiff,
    xmp,
)

_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_HEAD_BYTES = 20


def segment(mark: int, payload: bytes) -> bytes:
    """Return one segment."""
    return struct.pack(">BBH", 0xFF, mark, len(payload) + 2) + payload


def photo(mode: str = "RGB", *, is_progressive: bool = False) -> bytes:
    """Return a JPEG with nothing in it but a picture."""
    return saved(painted((160, 120), mode), "JPEG", quality=80, progressive=is_progressive)


def noted(*segments: bytes, base: bytes | None = None) -> bytes:
    """Return a JPEG with segments behind its head."""
    whole = base or photo()
    at = 2 if whole[3] != 0xE0 else _HEAD_BYTES
    return whole[:at] + b"".join(segments) + whole[at:]


def _case(place: str, body: bytes, *hidden: Secret) -> Case:
    return Case(format="jpeg", place=place, body=body, hidden=hidden)


def cases(chest: Chest) -> Iterator[Case]:
    """Yield all JPEGs of the corpus."""
    for order in "<>":
        for place, block, hidden in exifs(chest, order):
            yield _case(place, noted(segment(0xE1, _EXIF + block)), *hidden)
    yield from _standards(chest)
    yield from _strange_segments(chest)
    yield from _thumbnails(chest)
    yield from _trailers(chest)
    yield from _kinds(chest)


def _standards(chest: Chest) -> Iterator[Case]:
    word = chest.text()
    yield _case("XMP", noted(segment(0xE1, _XMP + xmp(word))), word)
    word = chest.text()
    long = xmp(word) + b" " * 70_000 + word.encode()
    guid = hashlib.md5(long, usedforsecurity=False).hexdigest().upper().encode()
    pieces = [
        segment(
            0xE1, _EXTENDED + guid + struct.pack(">II", len(long), at) + long[at : at + 40_000]
        )
        for at in range(0, len(long), 40_000)
    ]
    yield _case("extended XMP", noted(segment(0xE1, _XMP + xmp(guid.decode())), *pieces), word)
    word = chest.text()
    photoshop = b"Photoshop 3.0\0"
    yield _case("IPTC", noted(segment(0xED, photoshop + resource(0x0404, iptc(word)))), word)
    word = chest.text()
    yield _case(
        "8BIM address", noted(segment(0xED, photoshop + resource(0x040B, word.encode()))), word
    )
    word = chest.text()
    small = saved(painted((30, 20)), "JPEG", comment=word.encode())
    head = struct.pack(">IIIIIIHH", 1, 30, 20, 96, 1800, len(small), 24, 1)
    yield _case(
        "8BIM thumbnail", noted(segment(0xED, photoshop + resource(0x040C, head + small))), word
    )
    word = chest.text()
    icc = b"ICC_PROFILE\0\x01\x01" + profile(word)
    yield _case("colour profile", noted(segment(0xE2, icc)), word)


def _strange_segments(chest: Chest) -> Iterator[Case]:
    for number_of in range(16):
        word = chest.text()
        yield _case(
            f"APP{number_of} of unknown kind",
            noted(segment(0xE0 + number_of, b"Own\0" + word.encode())),
            word,
        )
    for number_of in range(0xF0, 0xFE, 3):
        word = chest.text()
        body = noted(segment(number_of, word.encode()))
        # Of no meaning to anybody, so the decoder does not go on.
        yield replace(_case(f"reserved mark {number_of:x}", body, word), is_cleanable=False)
    word = chest.text()
    box = struct.pack(">I4s", 24 + len(word), b"jumb") + b"c2pa" + word.encode()
    yield _case("content credentials", noted(segment(0xEB, b"JP\0\x01\0\0\0\x01" + box)), word)
    word = chest.text()
    yield _case(
        "Ducky", noted(segment(0xEC, b"Ducky\0\x02" + struct.pack(">I", 24) + word.encode())), word
    )
    word = chest.text()
    yield _case("comment", noted(segment(0xFE, word.encode())), word)
    word = chest.text()
    yield _case("wide comment", noted(segment(0xFE, word.encode("utf-16-be"))), word)
    words = [chest.text() for _ in range(5)]
    yield _case("five comments", noted(*[segment(0xFE, one.encode()) for one in words]), *words)
    word, base = chest.text(), photo()
    scan = base.index(b"\xff\xda")
    yield _case(
        "comment before the scan", base[:scan] + segment(0xFE, word.encode()) + base[scan:], word
    )
    word, base = chest.text(), photo(is_progressive=True)
    scan = base.rindex(b"\xff\xda")
    yield _case(
        "comment between scans", base[:scan] + segment(0xFE, word.encode()) + base[scan:], word
    )
    word, base = chest.text(), photo()
    head = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + word.encode())
    yield _case("room behind JFIF", b"\xff\xd8" + head + base[_HEAD_BYTES:], word)
    word = chest.text()
    yield _case(
        "Adobe with more", noted(segment(0xEE, b"Adobe\0d\0\0\0\0\x01" + word.encode())), word
    )


def _thumbnails(chest: Chest) -> Iterator[Case]:
    word = chest.text()
    small = saved(painted((24, 18)), "JPEG", comment=word.encode())
    yield _case("JFXX, a JPEG", noted(segment(0xE0, b"JFXX\0\x10" + small)), word, small[-40:-10])
    noise = chest.noise(10 * 8 * 3)
    yield _case("JFXX, points", noted(segment(0xE0, b"JFXX\0\x13\x0a\x08" + noise)), noise[30:90])
    noise = chest.noise(5 * 4 * 3)
    base = photo()
    head = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x05\x04" + noise)
    yield _case("JFIF thumbnail", b"\xff\xd8" + head + base[_HEAD_BYTES:], noise[5:50])
    block, hidden = full_exif(chest)
    second = noted(segment(0xE1, _EXIF + block))
    size = len(photo()) + 2 + 2 + 4 + 8 + len(_index(0, 0, 0)) - 8
    first = noted(segment(0xE2, b"MPF\0" + _index(size, size - 8 - _HEAD_BYTES, len(second))))
    yield _case("second picture (MPF)", first + second, *hidden)


def _index(first: int, second_at: int, second: int) -> bytes:
    """Return the list of pictures that MPF is, CIPA DC-007."""
    entries = struct.pack("<IIIHH", 0x030000, first, 0, 0, 0)
    entries += struct.pack("<IIIHH", 0, second, second_at, 0, 0)
    fields = [
        (0xB000, UNDEFINED, b"0100"),
        (0xB001, LONG, number("<", LONG, 2)),
        (0xB002, UNDEFINED, entries),
    ]
    return b"II*\0\x08\0\0\0" + directory("<", fields, 8)


def _trailers(chest: Chest) -> Iterator[Case]:
    word = chest.text()
    yield _case("text behind the end", photo() + word.encode(), word)
    word = chest.text()
    yield _case("page behind the end", photo() + b"<html>" + word.encode() + b"</html>", word)
    block, hidden = full_exif(chest)
    yield _case("picture behind the end", photo() + noted(segment(0xE1, _EXIF + block)), *hidden)
    word = chest.text()
    film = struct.pack(">I4s4s", 16, b"ftyp", b"mp42") + bytes(4)
    film += struct.pack(">I4s", 8 + len(word), b"udta") + word.encode()
    yield _case("moving photo behind the end", photo() + film, word)
    word = chest.text()
    tail = b"\0\0\x01\x0aImage_UTC_Data" + word.encode() + b"SEFH" + bytes(20) + b"SEFT"
    yield _case("trailer of a telephone", photo() + tail, word)
    word = chest.text()
    yield _case("far behind the end", photo() + bytes(100_000) + word.encode(), word)
    word = chest.text()
    yield _case("PDF behind the end", photo() + b"%PDF-1.7\n" + word.encode() + b"\n%%EOF", word)


def _kinds(chest: Chest) -> Iterator[Case]:
    for mode, is_progressive in (("L", False), ("CMYK", False), ("RGB", True), ("L", True)):
        block, hidden = full_exif(chest, ">")
        word = chest.text()
        name = f"{mode}{' progressive' if is_progressive else ''} with all"
        body = noted(
            segment(0xE1, _EXIF + block),
            segment(0xE1, _XMP + xmp(word)),
            segment(0xFE, word.encode()),
            base=photo(mode, is_progressive=is_progressive),
        )
        yield _case(name, body + word.encode(), word, *hidden)
    for turned in range(1, 9):
        word = chest.text()
        fields = [(0x0112, 3, number("<", 3, turned)), (0x010E, 2, word.encode() + b"\0")]
        yield _case(f"turned {turned}", noted(segment(0xE1, _EXIF + tiff("<", fields))), word)
