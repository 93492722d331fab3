"""Fields of TIFF, which EXIF is too: written here, so that each tag may hold what it should not.

Also what is embedded alike in many formats: XMP, IPTC, colour profiles.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from PIL import ImageCms

from tests.media.cases import Chest, Secret, painted, saved

ASCII, BYTE, SHORT, LONG, RATIONAL, UNDEFINED = 2, 1, 3, 4, 5, 7
_SIZES: Final = {ASCII: 1, BYTE: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1}
_EXIF, _GPS = 0x8769, 0x8825

Field = tuple[int, int, bytes]
Hidden = tuple[str, bytes, tuple[Secret, ...]]

# Of the first directory, and of the one that cameras keep for themselves.
TEXTS: Final = {
    "ImageDescription": 0x010E,
    "Make": 0x010F,
    "Model": 0x0110,
    "Software": 0x0131,
    "Artist": 0x013B,
    "HostComputer": 0x013C,
    "Copyright": 0x8298,
}
CAMERA_TEXTS: Final = {
    "ImageUniqueID": 0xA420,
    "CameraOwnerName": 0xA430,
    "BodySerialNumber": 0xA431,
    "LensModel": 0xA434,
}
WIDE_TEXTS: Final = {
    "XPTitle": 0x9C9B,
    "XPComment": 0x9C9C,
    "XPAuthor": 0x9C9D,
    "XPKeywords": 0x9C9E,
    "XPSubject": 0x9C9F,
}


def number(order: str, kind: int, value: int) -> bytes:
    """Return a SHORT or LONG."""
    return struct.pack(order + ("H" if kind == SHORT else "I"), value)


def directory(order: str, fields: Sequence[Field], at: int, following: int = 0) -> bytes:
    """Return a directory that stands at `at`, with what its fields point to behind it."""
    table, behind = struct.pack(order + "H", len(fields)), b""
    start = at + 2 + 12 * len(fields) + 4
    for tag, kind, value in sorted(fields):
        count = len(value) // _SIZES[kind]
        if len(value) <= 4:
            place = value.ljust(4, b"\0")
        else:
            place = struct.pack(order + "I", start + len(behind))
            behind += value + b"\0" * (len(value) % 2)
        table += struct.pack(order + "HHI", tag, kind, count) + place
    return table + struct.pack(order + "I", following) + behind


def tiff(
    order: str,
    first: Sequence[Field] = (),
    *,
    camera: Sequence[Field] = (),
    gps: Sequence[Field] = (),
    thumbnail: bytes = b"",
) -> bytes:
    """Return the block that EXIF is, with a directory for each that has fields."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    points = list(first)
    if camera:
        points.append((_EXIF, LONG, bytes(4)))
    if gps:
        points.append((_GPS, LONG, bytes(4)))
    at = 8 + len(directory(order, points, 8))
    parts = b""
    for tag, fields in ((_EXIF, camera), (_GPS, gps)):
        if fields:
            place = number(order, LONG, at + len(parts))
            points = [one if one[0] != tag else (tag, LONG, place) for one in points]
            parts += directory(order, fields, at + len(parts))
    small = at + len(parts) if thumbnail else 0
    if thumbnail:
        size = len(directory(order, [(1, LONG, bytes(4))] * 3, small))
        pointing = [
            (0x0103, SHORT, number(order, SHORT, 6)),
            (0x0201, LONG, number(order, LONG, small + size)),
            (0x0202, LONG, number(order, LONG, len(thumbnail))),
        ]
        parts += directory(order, pointing, small) + thumbnail
    return head + directory(order, points, 8, small) + parts


def exifs(chest: Chest, order: str) -> Iterator[Hidden]:
    """Yield EXIF blocks (place, block, secrets), each with its secret in another place."""
    name = "Intel" if order == "<" else "Motorola"
    for tag_name, tag in TEXTS.items():
        word = chest.text()
        yield (
            f"EXIF {tag_name}, {name}",
            tiff(order, [(tag, ASCII, word.encode() + b"\0")]),
            (word,),
        )
    for tag_name, tag in CAMERA_TEXTS.items():
        word = chest.text()
        fields = [(tag, ASCII, word.encode() + b"\0")]
        yield f"EXIF {tag_name}, {name}", tiff(order, camera=fields), (word,)
    for tag_name, tag in WIDE_TEXTS.items():
        word = chest.text()
        fields = [(tag, BYTE, word.encode("utf-16-le") + b"\0\0")]
        yield f"EXIF {tag_name}, {name}", tiff(order, fields), (word,)
    yield from _larger(chest, order, name)


def _larger(chest: Chest, order: str, name: str) -> Iterator[Hidden]:
    word = chest.text()
    note = b"UNICODE\0" + word.encode("utf-16-le" if order == "<" else "utf-16-be")
    yield f"EXIF UserComment, {name}", tiff(order, camera=[(0x9286, UNDEFINED, note)]), (word,)
    noise = chest.noise(200)
    made = b"AcmeNote\0\0" + noise
    yield (
        f"EXIF MakerNote, {name}",
        tiff(order, camera=[(0x927C, UNDEFINED, made)]),
        (noise[9:40],),
    )
    here = tuple(
        struct.pack(order + "6I", degrees, 1, 59, 1, *struct.unpack("<2I", chest.noise(8)))
        for degrees in (10, 106)
    )
    gps = [
        (1, ASCII, b"N\0"),
        (2, RATIONAL, here[0]),
        (3, ASCII, b"E\0"),
        (4, RATIONAL, here[1]),
    ]
    yield f"EXIF GPS, {name}", tiff(order, gps=gps), here
    word = chest.text()
    way = [(0x001B, UNDEFINED, b"ASCII\0\0\0" + word.encode())]
    yield f"EXIF GPSProcessingMethod, {name}", tiff(order, gps=way), (word,)
    word = chest.text()
    small = saved(painted((40, 30)), "JPEG", comment=word.encode())
    yield f"EXIF thumbnail, {name}", tiff(order, thumbnail=small), (word, small[-40:-10])


def full_exif(chest: Chest, order: str = "<") -> tuple[bytes, tuple[Secret, ...]]:
    """Return one block with a text, a place, a wide text and a thumbnail."""
    word, wide = chest.text(), chest.text()
    here = struct.pack(order + "6I", 10, 1, 46, 1, *struct.unpack("<2I", chest.noise(8)))
    block = tiff(
        order,
        [
            (TEXTS["Artist"], ASCII, word.encode() + b"\0"),
            (WIDE_TEXTS["XPAuthor"], BYTE, wide.encode("utf-16-le") + b"\0\0"),
        ],
        gps=[(1, ASCII, b"N\0"), (2, RATIONAL, here)],
        thumbnail=saved(painted((32, 24)), "JPEG"),
    )
    return block, (word, wide, here)


def xmp(word: str) -> bytes:
    """Return a packet that names its author."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="{word}"/></rdf:RDF>'
        '</x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def iptc(word: str) -> bytes:
    """Return IPTC records: who wrote it, and what it shows."""
    value = word.encode()
    records = ((2, 80), (2, 120))
    return b"".join(struct.pack(">BBBH", 0x1C, *one, len(value)) + value for one in records)


def resource(number: int, body: bytes) -> bytes:
    """Return a resource as Photoshop writes it."""
    padded = body + b"\0" * (len(body) % 2)
    return b"8BIM" + struct.pack(">H", number) + b"\0\0" + struct.pack(">I", len(body)) + padded


def profile(word: str) -> bytes:
    """Return a colour profile whose note of copyright is `word`."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    note = "No copyright, use freely".encode("utf-16-be")
    assert plain.count(note) == 1
    # The moment it was made stands in its head, and the corpus is always the same.
    plain = plain[:24] + bytes(12) + plain[36:]
    return plain.replace(note, word.ljust(24).encode("utf-16-be"))
