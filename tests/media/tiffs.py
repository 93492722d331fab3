"""TIFFs, whose every field may hold anything, and whose bytes need not be pointed to at all."""

import struct
from collections.abc import Iterator

from tests.media.cases import Case, Chest, Secret, painted, saved
from tests.media.fields import (
    ASCII,
    BYTE,
    LONG,
    SHORT,
    TEXTS,
    UNDEFINED,
    WIDE_TEXTS,
    Field,
    directory,
    iptc,
    number,
    profile,
    resource,
    xmp,
)

_SIZE = (96, 64)


def page(order: str, at: int, more: list[Field], following: bytes = b"") -> bytes:
    """Return the directory of a picture that stands at `at`, its points, and the next page."""
    points = painted(_SIZE).tobytes()

    def fields(place: int) -> list[Field]:
        return [
            (0x0100, SHORT, number(order, SHORT, _SIZE[0])),
            (0x0101, SHORT, number(order, SHORT, _SIZE[1])),
            (0x0102, SHORT, b"".join([number(order, SHORT, 8)] * 3)),
            (0x0103, SHORT, number(order, SHORT, 1)),
            (0x0106, SHORT, number(order, SHORT, 2)),
            (0x0111, LONG, number(order, LONG, place)),
            (0x0115, SHORT, number(order, SHORT, 3)),
            (0x0116, LONG, number(order, LONG, _SIZE[1])),
            (0x0117, LONG, number(order, LONG, len(points))),
            *more,
        ]

    start = at + len(directory(order, fields(0), at))
    next_at = start + len(points) if following else 0
    return directory(order, fields(start), at, next_at) + points + following


def tiff(order: str, *more: Field) -> bytes:
    """Return a TIFF of one page with more fields."""
    return _head(order) + page(order, 8, list(more))


def _head(order: str) -> bytes:
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)


def cases(chest: Chest) -> Iterator[Case]:
    """Yield all TIFFs of the corpus."""

    def case(place: str, body: bytes, *hidden: Secret) -> Case:
        return Case(format="tiff", place=place, body=body, hidden=hidden)

    for order in "<>":
        name = "Intel" if order == "<" else "Motorola"
        for tag_name, tag in {**TEXTS, "DocumentName": 0x010D, "PageName": 0x011D}.items():
            word = chest.text()
            yield case(
                f"{tag_name}, {name}", tiff(order, (tag, ASCII, word.encode() + b"\0")), word
            )
        for tag_name, tag in list(WIDE_TEXTS.items())[::2]:
            word = chest.text()
            field = (tag, BYTE, word.encode("utf-16-le"))
            yield case(f"{tag_name}, {name}", tiff(order, field), word)
        for tag_name, tag, kind, made in (
            ("XMP", 700, BYTE, xmp),
            ("IPTC", 33723, UNDEFINED, iptc),
            ("colour profile", 34675, UNDEFINED, profile),
            ("Photoshop", 34377, BYTE, lambda word: resource(0x0404, iptc(word))),
            ("private field", 65000, UNDEFINED, str.encode),
            ("another private field", 50341, UNDEFINED, str.encode),
        ):
            word = chest.text()
            yield case(f"{tag_name}, {name}", tiff(order, (tag, kind, made(word))), word)
        word = chest.text()
        first = len(_head(order) + page(order, 8, []))
        second = page(order, first, [(TEXTS["Artist"], ASCII, word.encode() + b"\0")])
        yield case(f"second page, {name}", _head(order) + page(order, 8, [], second), word)
        word = chest.text()
        yield case(f"behind the end, {name}", tiff(order) + word.encode(), word)
        word = chest.text()
        moved = _head(order)[:4] + struct.pack(order + "I", 40) + word.encode().ljust(32, b"\0")
        yield case(f"pointed to by nothing, {name}", moved + page(order, 40, []), word)
    for packing in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        word = chest.text()
        body = saved(painted(), "TIFF", compression=packing, tiffinfo={315: word})
        yield case(f"packed by {packing}", body, word)
